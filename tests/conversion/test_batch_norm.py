"""Folding batch norm: what the converter writes is float64 arithmetic, rounded once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.artifacts import Artifacts
from tinybench.conversion import batch_norm, variants
from tinybench.conversion.variants import VARIANTS
from tinybench.tasks import TASKS
from tinybench.tensorflow import Keras, KerasModel, load
from tinybench.training import stages

ROOT = Path(__file__).parents[2]
NO_SAMPLES = np.empty((0, 6, 6, 2), np.float32)


@pytest.fixture
def model() -> KerasModel:
    """A convolution and a depthwise one with batch norm, of 19 channels: two packets and a tail."""
    keras = load().keras
    layers = keras.layers
    keras.utils.set_random_seed(1)
    made = keras.Sequential([
        keras.Input((6, 6, 2)),
        layers.Conv2D(19, 3, use_bias=False), _shuffled(keras), layers.ReLU(),
        layers.DepthwiseConv2D(3, use_bias=False), _shuffled(keras), layers.ReLU(),
        layers.Flatten(), layers.Dense(2),
    ])  # fmt: skip
    stages.canonical_names(made)
    return made


def _shuffled(keras: Keras) -> Any:
    """A batch norm whose statistics are of every size."""
    spread = keras.initializers.RandomUniform
    return keras.layers.BatchNormalization(
        gamma_initializer=spread(-3, 3),
        beta_initializer=spread(-1, 1),
        moving_mean_initializer=spread(-5, 5),
        moving_variance_initializer=spread(1e-3, 40),
    )


def _constants(data: bytes) -> dict[tuple[int, ...], list[NDArray[np.float32]]]:
    """The float constants of a file by shape."""
    found: dict[tuple[int, ...], list[NDArray[np.float32]]] = {}
    for tensor in tflite.read(data).tensors:
        if tensor.data is not None and tensor.dtype == "float32":
            values = np.frombuffer(tensor.data, np.float32).reshape(tensor.shape)
            found.setdefault(tensor.shape, []).append(values)
    return found


def test_folded_weights_are_exact(model: KerasModel) -> None:
    """Kernel times scale, and the offset, to the last bit: nothing of this processor is in them."""
    convolution, first, _, depthwise, second = model.layers[:5]
    (scale, offset), (scale_2, offset_2) = map(batch_norm.scale_and_offset, (first, second))
    kernel, kernel_2 = (layer.get_weights()[0] for layer in (convolution, depthwise))

    found = _constants(variants.convert(model, VARIANTS.get("float32"), NO_SAMPLES))

    assert np.array_equal(found[19, 3, 3, 2], [np.moveaxis(kernel * scale, 3, 0)])
    assert np.array_equal(found[1, 3, 3, 19], [(kernel_2[..., 0] * scale_2)[None]])
    assert {one.tobytes() for one in found[19,]} == {offset.tobytes(), offset_2.tobytes()}


def test_without_it_they_are_not(model: KerasModel) -> None:
    """The converter alone folds with this processor's approximation of 1/sqrt."""
    scales = [batch_norm.scale_and_offset(layer)[0] for layer in (model.layers[1], model.layers[4])]
    variances = [model.layers[index].moving_variance.numpy() for index in (1, 4)]

    inverse = [np.asarray(load().tf.math.rsqrt(one + np.float32(1e-3))) for one in variances]

    gammas = [model.layers[index].gamma.numpy() for index in (1, 4)]
    assert any(
        not np.array_equal(scale, gamma * by)
        for scale, gamma, by in zip(scales, gammas, inverse, strict=True)
    )


def test_file_is_as_long_and_named_as_before(
    model: KerasModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only values change: neither an operator nor a name, so no size that is published."""
    ours = variants.convert(model, VARIANTS.get("float32"), NO_SAMPLES)
    monkeypatch.setattr(batch_norm, "_is_foldable", lambda layer: False)
    plain = variants.convert(model, VARIANTS.get("float32"), NO_SAMPLES)

    assert len(ours) == len(plain)
    names = [[tensor.name for tensor in tflite.read(data).tensors] for data in (ours, plain)]
    assert names[0] == names[1]


@pytest.mark.parametrize("off", [-3, -2, -1, 0, 1, 2, 3])
def test_every_scale_is_some_product(off: int) -> None:
    """Whatever 1/sqrt a processor finds within 3 ulp, some weight makes up for it."""
    random = np.random.default_rng(1)
    size = np.exp(random.uniform(-9, 9, 1_000_000))
    scales = (size * random.choice([-1, 1], size.shape)).astype(np.float32)
    missing = np.ones(scales.shape, bool)

    for total in batch_norm.SUMS:
        inverse = np.float32(1 / np.sqrt(total)) + np.float32(off * 2.0**-24)
        assert abs(inverse - 1) > 2**-16
        factors, fit = batch_norm._factors(scales, np.full_like(scales, inverse))
        assert np.array_equal((factors * inverse)[fit], scales[fit])
        missing &= ~fit

    assert not missing.any()


@pytest.mark.parametrize("variant", ["float32", "int8", "qat-int8"])
def test_published_files_are_made_again(artifacts: Artifacts, variant: str) -> None:
    """Byte for byte, on this processor and with whatever table of 1/sqrt it has."""
    published = ROOT / "results" / "models" / f"keyword-dscnn-{variant}.tflite"

    made = artifacts.artifact(TASKS.get("keyword-dscnn"), VARIANTS.get(variant))

    assert made.data == published.read_bytes()


def test_the_model_is_as_it_was(model: KerasModel) -> None:
    before = model.get_weights()

    with batch_norm.exactly_folded(model):
        inside = model.get_weights()

    assert not all(map(np.array_equal, before, inside))
    assert all(map(np.array_equal, before, model.get_weights()))


def test_layers_without_a_scale_are_left(model: KerasModel) -> None:
    """Nothing multiplies 1/sqrt there, so nothing could make up for it."""
    layers = load().keras.layers
    plain = load().keras.Sequential([layers.Input((4,)), layers.BatchNormalization(scale=False)])
    before = plain.get_weights()

    with batch_norm.exactly_folded(plain):
        assert all(map(np.array_equal, before, plain.get_weights()))
