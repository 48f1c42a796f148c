"""`tinybench time`: what it takes, what it prints, and its exit status. Times are not judged."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tinybench.cli import main
from tinybench.timing.conditions import Conditions
from tinybench.timing.outcome import PairedTiming, Rules
from tinybench.timing.sides import Model
from tinybench.timing.stats import Interval

MODELS = Path(__file__).parents[1] / "tflite" / "models"
INT8, FLOAT32 = (str(MODELS / f"dense-{name}.tflite") for name in ("int8", "float32"))
CONDITIONS = Conditions(cores=2, load=9, governors=(), share=1, other=0, spread=0)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYBENCH_CACHE", str(tmp_path / "cache"))


def decided(monkeypatch: pytest.MonkeyPatch, ratio: float) -> list[tuple[Model, Model, Rules]]:
    """Have every paired timing end with this ratio without any timing; what took part in it."""
    seen: list[tuple[Model, Model, Rules]] = []

    def time_pair(a: Model, b: Model, rules: Rules, **_: object) -> PairedTiming:
        for side in (a, b):
            call, _kept = side.load()
            call()
        seen.append((a, b, rules))
        samples = np.full((24, 2, 2, 2, 2), 5e-5)
        samples[..., 1, :] *= ratio
        interval = Interval(ratio, ratio, ratio)
        verdict = rules.judge(interval) if ratio else "undecided"
        hashes = a.sha256, b.sha256
        return PairedTiming(
            a.name, b.name, hashes, rules, interval, verdict, samples, 50, 1.0, CONDITIONS
        )

    monkeypatch.setattr("tinybench.cli.time.time_pair", time_pair)
    return seen


def answer(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> tuple[int, str, str]:
    status = main(["time", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_real_models(capsys: pytest.CaptureFixture[str]) -> None:
    """Files are timed, the verdict is one of five, and the samples are where it says."""
    status, out, _ = answer(capsys, [FLOAT32, INT8, "--on", "litert-ref", "--json"])

    value = json.loads(out)
    expected = {"improved": 0, "no change": 0, "within noise": 0, "regressed": 1, "undecided": 3}
    assert status == expected[value["verdict"]]
    assert [side["name"] for side in value["sides"]] == [FLOAT32, INT8]
    assert value["runtime"] == "litert-ref"
    with np.load(value["samples"], allow_pickle=False) as archive:
        assert archive["samples"].shape == (value["rounds"], 2, value["blocks"], 2, 2)
        assert (archive["samples"] > 0).all()


@pytest.mark.parametrize(
    ("ratio", "status", "verdict"),
    [
        (1.05, 1, "regressed: +5.00 % time"),
        (1.0, 0, "no change: +0.00 % time"),
        (0.9, 0, "improved: -10.00 % time"),
        (0.0, 3, "undecided"),
    ],
)
def test_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ratio: float,
    status: int,
    verdict: str,
) -> None:
    decided(monkeypatch, ratio)

    found, out, _ = answer(capsys, [INT8, INT8])

    assert found == status
    assert f"\n{verdict}" in out


def test_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Both sides, the verdict, the effort, outliers, advice, and where the samples are."""
    decided(monkeypatch, 1.05)

    _, out, _ = answer(capsys, [FLOAT32, INT8, "--on", "tflm"])

    assert f"A  {FLOAT32}  1 µs on tflm, outliers 0 of 192 samples (0 severe), sha256 " in out
    assert "1.05 µs on tflm" in out
    assert "24 rounds of 2 × 2 ABBA blocks, 50 calls a sample, 1.0 s" in out
    assert "note: load: 9.0 processes wanted the 2 cores" in out
    assert Path(out.rsplit("Samples: ", 1)[1].strip()).is_file()


def test_threshold_and_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = decided(monkeypatch, 1.05)

    status, out, _ = answer(capsys, [INT8, INT8, "--threshold", "6.5%", "--seconds", "7"])

    assert status == 0
    assert "within noise" in out
    assert seen[0][2] == Rules(threshold=0.065, seconds=7)


def test_variants_of_this_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named as TASK/VARIANT, and timed with the task's first test sample in the model's type."""
    seen = decided(monkeypatch, 1.0)

    assert answer(capsys, ["sine-8/float32", "sine-8/int8"])[0] == 0

    (a, b, _) = seen[0]
    given = [[(one.dtype.name, one.shape) for one in side.sample] for side in (a, b)]
    assert given == [[("float32", (1,))], [("int8", (1,))]]
    assert a.data != b.data


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.tflite", INT8], "none.tflite: No such file or directory"),
        (["sine-8", INT8], "'sine-8' is none of FILE.tflite, TASK/VARIANT and TASK/VARIANT@COMMIT"),
        (["sine-8/int8@", INT8], "'sine-8/int8@' is none of FILE.tflite"),
        (["sine-9/int8", INT8], "unknown task 'sine-9' (did you mean 'sine-8'?)"),
        (["sine-8/int4", INT8], "unknown variant 'int4'"),
        (
            ["sine-8/int8@nothing", INT8],
            "no stored model: 'nothing' is neither a file nor a commit",
        ),
        ([INT8, INT8, "--on", "cortex-m4"], "unknown runtime 'cortex-m4'; valid: keras, litert"),
        ([INT8, INT8, "--on", "keras"], "keras: Keras runs the float model"),
        ([str(MODELS / "dense-float16.tflite"), INT8, "--on", "tflm"], "DEQUANTIZE"),
        ([__file__, INT8], "test_time.py: "),
    ],
)
def test_errors(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    """One line, exit status 2, and nothing is timed."""
    status, out, err = answer(capsys, arguments)

    assert (status, out) == (2, "")
    assert err.startswith("tinybench: error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [("--threshold", "0"), ("--threshold", "100"), ("--threshold", "x"), ("--seconds", "nan")],
)
def test_usage(capsys: pytest.CaptureFixture[str], option: str, value: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["time", INT8, INT8, option, value])

    assert caught.value.code == 2
    assert f"{value!r} is not a " in capsys.readouterr().err
