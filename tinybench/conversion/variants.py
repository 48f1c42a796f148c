"""The quantization variants: how each is made from a task's one checkpoint."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tinybench.console import capture
from tinybench.conversion import batch_norm
from tinybench.datasets.data import Floats
from tinybench.errors import TinybenchError
from tinybench.registry import Registry
from tinybench.storage import hashing
from tinybench.tensorflow import KerasModel, load, quiet

FILE = "file"
"""Stage and name of the only variant of a model that is a `.tflite` already."""

Configure: TypeAlias = Callable[[Any, Floats], None]
"""Set options of a `tf.lite.TFLiteConverter`, given calibration samples (N, *input shape)."""


class ConversionError(TinybenchError, RuntimeError):
    """The converter refused a model."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to turn a checkpoint into a `.tflite`.

    `stage` is the checkpoint it starts from. A variant of a retrained stage is "open" in MLPerf's
    sense and is never ranked with the "closed" ones that share the float model's weights.
    `rule` names what the file is verified to be (see `tinybench.tflite.verify`), if not `name`.
    `device` says that it is meant for TFLM, so that a refusal there is a failure.
    """

    name: str
    summary: str
    configure: Configure
    stage: str = "float32"
    rule: str = ""
    device: bool = True

    @property
    def division(self) -> str:
        """`closed` if the weights are the float model's, `open` if they were trained further."""
        return "closed" if self.stage in ("float32", FILE) else "open"

    def definition(self) -> dict[str, str]:
        """What decides the converted bytes, for cache keys."""
        path = inspect.getsourcefile(self.configure)
        source = hashing.of_bytes(Path(path).read_bytes()) if path else repr(self.configure)
        return {"name": self.name, "stage": self.stage, "code": source}


def _plain(converter: Any, samples: Floats) -> None:
    """Leave the converter's defaults: nothing is quantized."""


def _dynamic(converter: Any, samples: Floats) -> None:
    converter.optimizations = [load().tf.lite.Optimize.DEFAULT]


def _float16(converter: Any, samples: Floats) -> None:
    _dynamic(converter, samples)
    converter.target_spec.supported_types = [load().tf.float16]


def _int8_inside(converter: Any, samples: Floats) -> None:
    _dynamic(converter, samples)
    converter.target_spec.supported_ops = [load().tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.representative_dataset = _one_by_one(samples)


def _int8(converter: Any, samples: Floats) -> None:
    _int8_inside(converter, samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.int8


def _int8_per_tensor(converter: Any, samples: Floats) -> None:
    _int8(converter, samples)
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True


def _int16x8(converter: Any, samples: Floats) -> None:
    lite = load().tf.lite
    _dynamic(converter, samples)
    converter.target_spec.supported_ops = [
        lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    ]
    converter.representative_dataset = _one_by_one(samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.int16


def _qat_int8(converter: Any, samples: Floats) -> None:
    # The ranges were learned in training: no representative data.
    _dynamic(converter, samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.int8


def _one_by_one(samples: Floats) -> Callable[[], Iterator[list[Floats]]]:
    return lambda: ([sample[None]] for sample in samples)


def _builtin() -> Iterable[Variant]:
    return [
        Variant("float32", "No quantization", _plain),
        Variant(
            "dynamic", "Dynamic range: int8 weights where they are large", _dynamic, device=False
        ),
        Variant("float16", "float16 weights, computed in float32", _float16, device=False),
        Variant("int8", "Full int8, weights per channel", _int8),
        Variant("int8-per-tensor", "Full int8, dense weights per tensor", _int8_per_tensor),
        Variant("int8-float-io", "int8 inside, float32 input and output", _int8_inside),
        Variant("int16x8", "int16 activations, int8 weights", _int16x8),
        Variant("qat-int8", "Full int8 after quantization-aware training", _qat_int8, "qat"),
        Variant(
            "float32-control",
            "float32, trained as much longer as QAT",
            _plain,
            "control",
            "float32",
        ),
        Variant(FILE, "A .tflite file as it came", _plain, FILE),
    ]


VARIANTS: Registry[Variant] = Registry("variant", builtin=_builtin)


def convert(model: KerasModel, variant: Variant, samples: Floats) -> bytes:
    """The `.tflite` of a Keras model with canonical names: the same bytes on every processor."""
    with batch_norm.exactly_folded(model):
        return _converted(_converter(model), variant, samples)


def convert_saved_model(folder: str, variant: Variant, samples: Floats) -> bytes:
    """The same by the tutorials' route, from a SavedModel, which names tensors otherwise.

    The numbers are those of `convert`, but for batch norm: the converter folds that with the
    processor's own 1/sqrt, up to 3 ulp off.
    """
    return _converted(load().tf.lite.TFLiteConverter.from_saved_model(folder), variant, samples)


def _converter(model: KerasModel) -> Any:
    tf = load().tf
    shape = [1, *model.input_shape[1:]]
    if None in shape:
        raise ConversionError(
            f"the model's input shape {model.input_shape} is not fixed; give build() an Input "
            "with every dimension but the batch"
        )

    def infer(x: Any) -> Any:
        return model(x, training=False)

    signature = [tf.TensorSpec(shape, tf.float32, name="input")]
    function = tf.function(infer, input_signature=signature).get_concrete_function()
    # Without the trackable object the converter freezes this function itself, five times faster
    # than by way of a SavedModel, and its names depend on the model alone.
    with quiet():
        return tf.lite.TFLiteConverter.from_concrete_functions([function])


def _converted(converter: Any, variant: Variant, samples: Floats) -> bytes:
    variant.configure(converter, samples)
    try:
        with quiet(), capture.stderr():
            return bytes(converter.convert())
    except Exception as error:
        # The converter raises its own C++ text under many types; the last line is the reason.
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ConversionError(f"cannot convert to {variant.name}: {reason[-1]}") from error


__all__ = [
    "VARIANTS",
    "ConversionError",
    "Variant",
    "convert",
    "convert_saved_model",
]
