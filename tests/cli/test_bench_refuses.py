"""The front door on bad input: one line that says what is wrong and what to do, and no file."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tinybench.cli import streams
from tinybench.storage.store import StoreWarning

from ..components import needs
from .conftest import Bench
from .front_door import COLUMNS, edit_archive, flowers

X, Y = flowers()
QUICK = ("--no-time", "--variant=int8", "--on=litert-ref")
MODEL = "{}/m3.keras"
ROWS = [",".join(f"{value:.2f}" for value in row) + ",rose" for row in X]


def refused(bench: Bench, *arguments: str) -> str:
    """The line, without the command's name."""
    before = sorted(Path().rglob("*"))

    ended = bench(*arguments)

    assert ended.status == 2, ended
    assert ended.out == ""
    assert ended.err.startswith("tinybench: error: ")
    assert ended.err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before
    return ended.err.removeprefix("tinybench: error: ").rstrip()


def said(line: str, *parts: str) -> None:
    """Each part stands there, in this order."""
    at = 0
    for part in parts:
        assert part in line[at:], line
        at = line.index(part, at) + len(part)


def _cut(name: str) -> Callable[[Path, Path], Any]:
    def write(models: Path, path: Path) -> None:
        data = (models / name).read_bytes()
        path.write_bytes(data[: len(data) // 2])

    return write


def _bytes(data: bytes) -> Callable[[Path, Path], Any]:
    return lambda models, path: path.write_bytes(data)


def _edited(member: str, old: bytes, new: bytes) -> Callable[[Path, Path], Any]:
    return lambda models, path: edit_archive(models / "m3.keras", path, member, old, new)


def _newer(models: Path, path: Path) -> None:
    edit_archive(models / "m3.keras", path.with_suffix(".half"), "metadata.json", b'"3.', b'"9.')
    new = b'"activation": "softmax", "of_tomorrow": 1'
    edit_archive(path.with_suffix(".half"), path, "config.json", b'"activation": "softmax"', new)
    path.with_suffix(".half").unlink()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n"


@pytest.mark.parametrize(
    ("name", "write", "parts"),
    [
        ("a.onnx", _bytes(b"\x08\x07abc"), ("a.onnx: a model of ONNX", "onnx2tf")),
        ("a.pt", _bytes(b"\x80\x02abc"), ("a.pt: a model of PyTorch", "litert-torch")),
        ("a.keras", _bytes(b"\x89PNG\r\n\x1a\n"), ("a.keras: not a model", "give a .keras file")),
        ("a.keras", _bytes(b""), ("a.keras: the file is empty; give",)),
        ("a.keras", _bytes(POINTER), ("a.keras: a pointer of git-lfs", "git lfs pull")),
        ("a.tflite", _bytes(POINTER), ("a.tflite: a pointer of git-lfs", "git lfs pull")),
        ("a.keras", _cut("m3.keras"), ("a.keras: ", "it is not whole; copy or save it again")),
        ("a.h5", _cut("m.h5"), ("a.h5: ", "it is not whole; copy or save it again")),
        ("a.keras", _edited("config.json", b"{", b"["), ("a.keras: the model cannot be read",)),
        (
            "a.keras",
            _newer,
            ("written by Keras 9.", "read by 3.", "of_tomorrow", "install keras==9.", "save it"),
        ),
        ("a", lambda models, path: path.mkdir(), ("a: a folder without saved_model.pb; give",)),
        ("a.keras", lambda models, path: None, ("a.keras: there is no such file; give",)),
    ],
)
def test_models(
    bench: Bench, strangers: Path, name: str, write: Callable[[Path, Path], Any], parts: Any
) -> None:
    write(strangers, Path(name))

    said(refused(bench, name, "--data={}/data.npz"), *parts)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("only.weights.h5", ("holds weights, and no model", "load_weights", "save it")),
        ("nan.keras", ("weights are NaN or infinite", "kernel (1 of 12)", "train the model")),
        (
            "twice.keras",
            ("it needs Twice", "--custom-objects FILE.py", "custom_objects={'Twice': …}"),
        ),
    ],
)
def test_models_that_keras_wrote(bench: Bench, name: str, parts: Any) -> None:
    said(refused(bench, f"{{}}/{name}", "--data={}/data.npz"), *parts)


def part(**arrays: Any) -> Callable[[], Any]:
    return lambda: np.savez("a.npz", **arrays)


@pytest.mark.parametrize(
    ("write", "parts"),
    [
        (part(x=X[:, :3], y=Y), ("a.npz: x: the model takes (4,), the data have (3,)",)),
        (part(x=X, y=Y[:-5]), ("x has 150 samples, y has 145; they must be as many",)),
        (part(x=X, y=Y + 7), ("y has classes 7..9, but the model has 3 outputs",)),
        (part(x=X, y=Y - 1), ("y has classes -1..1, but the model has 3 outputs",)),
        (part(x=X, y=np.eye(5)[Y]), ("y: the model gives (3,), the data have (5,)",)),
        (part(x=X, y=Y / 2), ("y has one real number a sample, but the model gives 3",)),
        (part(x=X, y=[*"abcde"] * 30), ("5 classes (a, b, c, d, e), but the model has 3 outputs",)),
        (part(x=X, y=["a"] * 150), ("1 class (a), but the model has 3 outputs",)),
        (
            part(x=X.astype(str), y=Y),
            (
                "x is <U",
                "which is no number; convert it with astype",
            ),
        ),
        (part(x=X * 1j, y=Y), ("x is complex64, which is no number",)),
        (
            part(x=np.where(X.max() == X, np.nan, X)),
            (
                "x has 1 of ",
                "NaN",
                "remove or replace",
            ),
        ),
        (part(x=X[:0], y=Y[:0]), ("x has no samples; add some",)),
        (
            part(x_train=X, y_train=Y, x_test=X[:0], y_test=Y[:0]),
            ("x (test) has no samples; add some",),
        ),
        (part(x=np.array([X, None], object), y=Y), ("a.npz: x holds Python objects; save",)),
        (part(pixels=X, y=Y), ("a.npz has no inputs: its keys are pixels, y; call inputs x",)),
        (part(x=X[:2], y=Y[:2]), ("a.npz has 2 samples", "at least 3: add samples")),
        (lambda: Path("a.npz").write_bytes(b""), ("a.npz is no .npz file", "save it again")),
        (lambda: Path("a.npz").write_bytes(POINTER), ("a.npz is a pointer of git-lfs",)),
        (lambda: None, ("a.npz is not there; give .npz, .npy, .csv",)),
    ],
)
def test_arrays(bench: Bench, write: Callable[[], Any], parts: Any) -> None:
    write()

    said(refused(bench, MODEL, "--data=a.npz", *QUICK), *parts)


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        (["1,2,3,4,0"], ("a.csv has 1 sample;", "at least 3: add samples")),
        ([], ("a.csv has no rows of data; add some",)),
        (
            [*ROWS[:4], "1,oops,2,3,rose", *ROWS],
            ("column 'width' has 'oops' in row 5", "encode it as numbers"),
        ),
        ([*ROWS[:4], "1,2,,3,rose", *ROWS], ("column 'petal_length' has no value in row 5",)),
        ([*ROWS[:4], "1,2,3,4,5,6,7"], ("a.csv is no table", "line 6", "correct that line")),
        (ROWS, ("1 class (rose), but the model has 3 outputs",)),
    ],
)
def test_tables(bench: Bench, lines: list[str], parts: Any) -> None:
    Path("a.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", "utf-8")

    said(refused(bench, MODEL, "--data=a.csv", *QUICK), *parts)


def test_folders(bench: Bench, strangers: Path) -> None:
    for name in ("dark", "bright"):
        Path("photos", name).mkdir(parents=True)
        for number in range(3):
            Path("photos", name, f"{number}.png").write_bytes(b"no picture")
    pictures = ("{}/pictures.keras", *QUICK)

    said(refused(bench, *pictures, "--data=photos"), "photos/", ".png is no PNG", "remove it")
    said(refused(bench, MODEL, "--data={}/photos", *QUICK), "pictures", "takes (4,)", ".npz")
    said(refused(bench, *pictures, "--data={}/clips"), "sounds", "takes (12, 12, 1)", ".npz")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((MODEL,), ("m3.keras: give its data, too: --data",)),
        (("sin-8",), ("unknown task 'sin-8' (did you mean 'sine-8'?); valid: ",)),
        (("sin-8", "--data={}/data.npz"), ("unknown task 'sin-8' (did you mean 'sine-8'?)",)),
        ((MODEL, "--variant=int88"), ("unknown variant 'int88' (did you mean 'int8'?)",)),
        ((MODEL, "--variant=file"), ("has no variant file", "leave out --variant")),
        (("{}/m.tflite", "--variant=int8"), ("has no variant int8", "leave out --variant")),
        ((MODEL, "--on=cortex-m44"), ("unknown board or runtime 'cortex-m44' (did you mean",)),
        ((MODEL, "--labels=a,b"), ("2 classes (a, b), but the model has 3 outputs",)),
        ((MODEL, "--labels=a,b,c,d"), ("4 classes (a, b, c, d), but the model has 3 outputs",)),
        ((MODEL, "--predict=species"), ("data.npz is no table", "leave them out")),
        ((MODEL, "--scaling=0..1"), ("inputs are float32, and scaling is of bytes",)),
        ((MODEL, "--samples=2"), ("2 samples are wanted", "need one each")),
        ((MODEL, "--head=nonne"), ("unknown head 'nonne' (did you mean 'none'?)",)),
        ((MODEL, "--name=a b"), ("task name 'a b': use letters",)),
        ((MODEL, "--name=sine-8"), ("there is a task 'sine-8' already; give another --name",)),
        ((MODEL, "--custom-objects=no.py"), ("--custom-objects no.py: there is no file",)),
        ((MODEL, "--document=."), (". is a folder; name a file in it",)),
        ((MODEL, "--to={}/m.h5"), ("m.h5/x.tflite cannot be written, because",)),
        ((MODEL, "--html=."), (". is a folder; name a file in it",)),
        ((MODEL, "--document={}/m.h5/a.json"), ("a.json cannot be written, because",)),
    ],
)
def test_options(bench: Bench, arguments: tuple[str, ...], parts: Any) -> None:
    data = () if arguments in ((MODEL,), ("sin-8",)) else ("--data={}/data.npz",)

    said(refused(bench, *arguments[:1], *data, *arguments[1:]), *parts)


@pytest.mark.parametrize(
    "option",
    [
        "--name=a",
        "--predict=a",
        "--scaling=0..1",
        "--samples=9",
        "--head=none",
        "--threshold=0",
    ],
)
def test_options_of_a_file_for_a_task(bench: Bench, option: str) -> None:
    said(refused(bench, "sine-8", option), f"{option.partition('=')[0]} is for a model in a file")


def test_a_place_that_is_not_installed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    said(refused(bench, MODEL, "--data={}/data.npz", "--on=qemu-cortex-m4"), "qemu-cortex-m4: ")


def test_a_file_larger_than_memory(bench: Bench) -> None:
    """Of four gigabytes the five hundred samples that are wanted are read."""
    with Path("x.npy").open("wb") as file:
        header = np.lib.format.header_data_from_array_1_0(X)
        np.lib.format.write_array_header_1_0(file, {**header, "shape": (1 << 28, 4)})
        os.truncate(file.fileno(), file.tell() + (1 << 32))

    ended = bench(MODEL, "--data=x.npy", *QUICK, "--samples=500")

    assert ended.status == 0, ended
    assert ended.err == ""


def test_hdf5_without_a_model(bench: Bench) -> None:
    with h5py.File("a.h5", "w") as file:
        file["x"] = X

    said(refused(bench, "a.h5", "--data={}/data.npz"), "a.h5: holds weights, and no model")


@needs("/proc")
def test_a_full_disk_costs_the_document_alone(bench: Bench) -> None:
    """The table is printed all the same, and the cache has what was made."""
    ended = bench(MODEL, "--data={}/data.npz", *QUICK, "--document=here/x.json")
    assert ended.status == 0
    Path("results").symlink_to("/proc/self/fd", target_is_directory=True)

    full = bench(MODEL, "--data={}/data.npz", *QUICK)

    assert full.status == 2
    assert full.out.startswith("m3\n")
    said(full.err, "results/latest.json cannot be written: ", "name another --document")


@needs("/proc")
def test_a_cache_that_cannot_be_written_is_a_warning(bench: Bench) -> None:
    with pytest.warns(StoreWarning, match="tinybench: cannot write to the cache /proc/none: "):
        ended = bench(MODEL, "--data={}/data.npz", *QUICK, "--cache=/proc/none")

    assert ended.status == 0


def test_a_warning_of_ours_is_its_line_alone() -> None:
    with streams.bare_warnings():
        ours = warnings.formatwarning("tinybench: full", StoreWarning, "store.py", 3)
        other = warnings.formatwarning("old", UserWarning, "theirs.py", 3)

    assert ours == "tinybench: full\n"
    assert other.startswith("theirs.py:3: UserWarning: old")
    assert warnings.formatwarning("tinybench: full", StoreWarning, "store.py", 3) != ours
