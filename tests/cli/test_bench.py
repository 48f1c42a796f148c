"""The front door on a stranger's model and data: a table, what to ship, and a document."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tinybench.cli import main
from tinybench.tasks import TASKS

from ..components import needs
from .conftest import Bench, Ended
from .front_door import flowers

QUICK = ("--no-time", "--variant=float32,int8", "--on=litert-ref")
FLOWERS = ("--data={}/data.npz", *QUICK)


def good(ended: Ended) -> str:
    """What was printed, of a run without a word about trouble."""
    assert ended.status == 0, ended
    assert ended.err == ""
    return ended.out


def read(path: str = "results/latest.json") -> dict[str, dict[str, float]]:
    """The metrics of the document by task and variant, runtimes left out."""
    found = json.loads(Path(path).read_text("utf-8"))
    return {
        f"{one['task']} {one['variant']}": one["metrics"]
        for one in found["results"]
        if one.get("place") is None
    }


@pytest.mark.parametrize("model", ["m3.keras", "m2.keras", "m.h5", "saved"])
def test_models(bench: Bench, model: str) -> None:
    out = good(bench(f"{{}}/{model}", *FLOWERS))

    name = model.partition(".")[0]
    assert out.splitlines()[0] == name
    assert out.endswith("written: results/latest.json\n")
    found = read()
    assert found[f"{name} float32"]["accuracy"] > 0.95
    assert found[f"{name} int8"]["accuracy"] > 0.95
    assert found[f"{name} int8"]["agreement"] > 0.95


def test_a_tflite_is_one_variant(bench: Bench) -> None:
    out = good(bench("{}/m.tflite", "--data={}/data.npz", "--no-time"))

    assert read()["m file"]["accuracy"] > 0.95
    assert "ship file" in out


def test_a_table_with_names_of_classes(bench: Bench) -> None:
    """In the order of the model's outputs, which is not that of the alphabet."""
    labels = "--labels=rose,iris,tulip"
    good(bench("{}/m3.keras", "--data={}/flowers.csv", *QUICK, labels))
    ordered = read()["m3 int8"]["accuracy"]
    good(bench("{}/m3.keras", "--data={}/flowers.csv", *QUICK, "--predict=species"))

    assert ordered > 0.95
    assert read()["m3 int8"]["accuracy"] < 0.5


@pytest.mark.slow
def test_folders_of_pictures_and_sounds(bench: Bench) -> None:
    labels = "--labels=dark,bright"
    good(bench("{}/pictures.keras", "--data={}/photos", *QUICK, labels, "--scaling=0..1"))
    assert read()["pictures int8"]["accuracy"] == 1

    good(bench("{}/sounds.h5", "--data={}/clips", *QUICK, "--labels=quiet,loud"))
    assert read()["sounds int8"]["accuracy"] == 1


def test_without_labels_float32_is_the_measure(bench: Bench) -> None:
    good(bench("{}/m3.keras", "--data={}/x.npz", *QUICK))

    found = read()["m3 int8"]
    assert "accuracy" not in found
    assert found["agreement"] > 0.95
    assert 0 < found["mse_vs_float32"] < 0.01


def test_a_stated_head_and_threshold(bench: Bench) -> None:
    """Three scores, each of which may be a yes: at a threshold of 0 all of them are."""
    good(bench("{}/m3.keras", *FLOWERS, "--head=none"))
    assert "accuracy" not in read()["m3 int8"]

    one_hot = np.eye(3, dtype=np.float32)[flowers()[1]]
    np.savez("one_hot.npz", x=flowers()[0], y=one_hot)
    arguments = ("--data=one_hot.npz", *QUICK, "--head=multi-label", "--threshold=0")
    good(bench("{}/m3.keras", *arguments))
    assert read()["m3 float32"]["recall_1"] == 1
    assert read()["m3 float32"]["precision"] < 0.5


@pytest.mark.slow
def test_places(bench: Bench) -> None:
    """A board gives costs and a recommendation, TFLM alone neither."""
    on_board = good(
        bench("{}/m3.keras", "--data={}/data.npz", "--variant=int8", "--on=cortex-m0plus")
    )
    tflm = good(bench("{}/m3.keras", "--data={}/data.npz", "--variant=int8", "--on=tflm"))

    assert "m3 on cortex-m0plus, from results/latest.json" in on_board
    assert "ship int8" in on_board
    assert "ship" not in tflm
    assert "tflm µs" in tflm


def test_json_is_the_document(bench: Bench) -> None:
    out = good(bench("{}/m3.keras", *FLOWERS, "--json", "--document=made/here.json"))

    assert json.loads(out) == json.loads(Path("made/here.json").read_text("utf-8"))
    assert not Path("results").exists()


@pytest.mark.slow
@needs("altair", "vl_convert")
def test_a_page(bench: Bench) -> None:
    out = good(bench("{}/m3.keras", *FLOWERS, "--html=page.html", "--name=my.flowers"))

    assert out.endswith("page: page.html\n")
    page = Path("page.html").read_text("utf-8")
    assert "my.flowers" in page
    assert "</html>" in page


def test_a_part_of_the_data(bench: Bench) -> None:
    good(bench("{}/m3.keras", *FLOWERS, "--samples=30", "--json"))

    found = json.loads(Path("results/latest.json").read_text("utf-8"))
    assert "6 test" in json.dumps(found["tasks"]["m3"])


def test_custom_objects(bench: Bench) -> None:
    own = ("--custom-objects", "{}/twice.py")
    good(bench("{}/twice.keras", *FLOWERS, *own))

    assert read()["twice int8"]["agreement"] > 0.9


def test_a_task_by_name(bench: Bench) -> None:
    out = good(bench("sine-8", *QUICK))

    assert out.splitlines()[0] == "sine-8"
    assert 0.1 < read()["sine-8 int8"]["mse"] < 0.2


@pytest.mark.slow
def test_a_built_in_task_with_own_data(bench: Bench) -> None:
    """It is trained on them, and afterwards is what it was."""
    before = TASKS.get("keyword")

    out = good(bench("keyword", "--data={}/clips", "--labels=quiet,loud", *QUICK))

    assert out.splitlines()[0] == "keyword"
    assert list(read()) == ["keyword float32", "keyword int8"]
    assert TASKS.get("keyword") is before


def test_the_commands_that_go_on_from_there(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """The task is registered no more: what they need stands in the document."""
    board = ("--no-time", "--variant=float32,int8", "--on=cortex-m4")
    for name in ("a.json", "b.json"):
        good(bench("{}/m3.keras", "--data={}/data.npz", *board, f"--document={name}"))

    assert main(["recommend", "m3", "--document=a.json"]) == 0
    assert "m3 on cortex-m4, from a.json; bounds: none\nship " in capsys.readouterr().out
    assert main(["compare", "a.json", "b.json"]) == 0
    assert "m3" not in capsys.readouterr().out.replace("m3-", "")
    assert main(["report", "a.json", "--to=pages", "--no-figures"]) == 0
    assert "m3" in Path("pages/README.md").read_text("utf-8")


def test_a_variant_that_fails_takes_nothing_along(bench: Bench) -> None:
    ended = bench("{}/logarithm", *FLOWERS)

    assert ended.status == 1
    assert "FAILED: logarithm-float32" in ended.out
    assert "not a finite number; the model gives NaN or infinity for some of the" in ended.out
    assert "accuracy" in read()["logarithm int8"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a model.keras", "_hidden.keras", "模型.keras", "é à.keras"])
def test_any_name_of_a_file(bench: Bench, strangers: Path, name: str) -> None:
    Path(name).write_bytes((strangers / "m3.keras").read_bytes())

    assert good(bench(name, *FLOWERS)).endswith("written: results/latest.json\n")


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "--help"])

    text = capsys.readouterr().out
    assert "tinybench bench model.keras --data test.npz" in " ".join(text.split())
    assert "Nothing is trained" in " ".join(text.split())
