"""Every runtime runs the same file; where one refuses, it says why."""

from pathlib import Path

import numpy as np
import pytest

from tinybench import tflite
from tinybench.runtimes import RUNTIMES, Artifact, RefusalError, tflm
from tinybench.runtimes.tflm import TFLM, TFLMSession
from tinybench.tflite import ports

from ..codegen.builder import Op, Tensor, build

MODELS = Path(__file__).parents[1] / "tflite" / "models"


def artifact(name: str) -> Artifact:
    return Artifact(name, (MODELS / f"{name}.tflite").read_bytes())


def inputs(name: str, count: int = 20) -> "np.ndarray[tuple[int, ...], np.dtype[np.generic]]":
    tensor = ports.input_of(tflite.read(artifact(name).data))
    random = np.random.default_rng(1)
    shape = (count, *tensor.shape[1:])
    if tensor.dtype == "float32":
        return random.normal(size=shape).astype(np.float32)
    limits = np.iinfo(tensor.dtype)
    return random.integers(limits.min, limits.max, shape, tensor.dtype, endpoint=True)


@pytest.mark.parametrize("name", ["dense-float32", "dense-int8", "conv-int8", "dense-int16x8"])
def test_runtimes_agree(name: str) -> None:
    """LiteRT's kernels and TFLM's differ by rounding only."""
    x = inputs(name)
    outputs = [
        RUNTIMES.get(runtime).load(artifact(name)).run(x).astype(np.float64)
        for runtime in ("litert", "litert-ref", "tflm")
    ]

    limit = 1e-5 if name.endswith("float32") else 9
    assert np.abs(outputs[1] - outputs[0]).max() <= limit
    assert np.abs(outputs[2] - outputs[0]).max() <= limit
    assert len(np.unique(outputs[0])) > 1


@pytest.mark.parametrize("file", ["conv-int8", "lstm-int8"])
@pytest.mark.parametrize("name", ["litert", "litert-ref", "tflm"])
def test_run_is_repeatable(name: str, file: str) -> None:
    """A sample's output does not depend on what ran before it, not even an LSTM's."""
    session, x = RUNTIMES.get(name).load(artifact(file)), inputs(file)

    forward, backward = session.run(x), session.run(x[::-1])[::-1]

    assert forward.tobytes() == np.ascontiguousarray(backward).tobytes()


def test_prepared_call_computes_that_sample() -> None:
    """What is timed is a real inference on the given sample."""
    runtime = RUNTIMES.get("tflm")
    x = inputs("dense-int8", 2)
    session = runtime.load(artifact("dense-int8"))
    expected = session.run(x)
    assert isinstance(session, TFLMSession)

    session.prepare(x[0])()

    assert session.run(x[:0:-1]).tolist() == expected[:0:-1].tolist()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dense-float16", r"dequantize_common\.cc: .* Node DEQUANTIZE \(number 0\) failed"),
        ("wide-dynamic", "Hybrid|FULLY_CONNECTED|fully_connected"),
    ],
)
def test_tflm_refuses_in_its_own_words(name: str, reason: str) -> None:
    """The reason is TFLM's, without folders of its build."""
    with pytest.raises(RefusalError, match=reason) as caught:
        RUNTIMES.get("tflm").load(artifact(name))
    assert "tensorflow/lite" not in str(caught.value)


def test_keras_refuses_a_file() -> None:
    with pytest.raises(RefusalError, match="Keras runs the float model"):
        RUNTIMES.get("keras").load(artifact("dense-int8"))


def test_arena_is_head_and_tail() -> None:
    """TFLM's recorded arena has two parts; the head holds at least input and output."""
    session = RUNTIMES.get("tflm").load(artifact("conv-int8"))
    assert isinstance(session, TFLMSession)
    session.run(inputs("conv-int8", 1))

    arena = session.arena()

    assert None not in (arena.head, arena.tail)
    assert arena.total == (arena.head or 0) + (arena.tail or 0)
    assert (arena.head or 0) >= 10


def test_arena_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large model has the arena that it needs, and a larger one than is tried is said so."""
    x, *others = (Tensor((1, 1024, 1024, 4), "float32") for _ in range(4))
    ops = [Op("MAXIMUM", [x, a], [b]) for a, b in zip([x, *others], others, strict=False)]
    file = Artifact("large", build([x], ops, others))

    arena = TFLM().load(file).arena()
    assert arena.total > 4 * 4 << 20

    monkeypatch.setattr(tflm, "LARGEST_ARENA", 16 << 20)
    with pytest.raises(RefusalError, match=r"missing: .*in an arena of 16 MiB, no more is tried"):
        TFLM().load(file)


def test_arena_grows_until_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more is needed than the activations tell."""
    monkeypatch.setattr(tflm, "_first_arena", lambda model: 2048)

    assert TFLM().load(artifact("conv-int8")).arena().total > 2048
