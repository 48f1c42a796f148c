"""The quantization variants: how each is made from a task's one checkpoint."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from numpy.typing import NDArray

from tinybench.console import capture
from tinybench.conversion.errors import ConversionError, UnconvertibleError
from tinybench.conversion.ports import Ports, Samples, arrays_of
from tinybench.datasets.data import Floats
from tinybench.registry import Registry
from tinybench.storage import hashing
from tinybench.tensorflow import KerasModel, load, quiet

if TYPE_CHECKING:
    from tinybench.conversion.route import Route
    from tinybench.conversion.tracing import Traced

FILE = "file"
"""Stage and name of the only variant of a model that is a `.tflite` already."""

Configure: TypeAlias = Callable[[Any, Any], None]
"""Set options of a `tf.lite.TFLiteConverter`, given calibration samples: (N, *input shape), or a
mapping of such arrays for a model of several inputs, in their order."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to turn a checkpoint into a `.tflite`.

    `stage` is the checkpoint it starts from. A variant of a retrained stage is "open" in MLPerf's
    sense and is never ranked with the "closed" ones that share the float model's weights.
    `rule` names what the file is verified to be, if not `name`; for a kind of file that none of the
    built-in rules is about, add one: `RULES.add(Rule(name, check))` (see `tinybench.Rule`).
    `device` says that it is meant for TFLM, which may lack an operator of a net all the same. One
    that is not `default` is made only where it is asked for by name.
    """

    name: str
    summary: str
    configure: Configure
    stage: str = "float32"
    rule: str = ""
    device: bool = True
    default: bool = True

    @property
    def division(self) -> str:
        """`closed` if the weights are the float model's, `open` if they were trained further."""
        return "closed" if self.stage in ("float32", FILE) else "open"

    def definition(self) -> dict[str, str]:
        """What decides the converted bytes, for cache keys."""
        path = inspect.getsourcefile(self.configure)
        source = hashing.of_bytes(Path(path).read_bytes()) if path else repr(self.configure)
        return {"name": self.name, "stage": self.stage, "code": source}


def _plain(converter: Any, samples: Samples) -> None:
    """Leave the converter's defaults: nothing is quantized."""


def _dynamic(converter: Any, samples: Samples) -> None:
    converter.optimizations = [load().tf.lite.Optimize.DEFAULT]


def _float16(converter: Any, samples: Samples) -> None:
    _dynamic(converter, samples)
    converter.target_spec.supported_types = [load().tf.float16]


def _int8_inside(converter: Any, samples: Samples) -> None:
    _dynamic(converter, samples)
    converter.target_spec.supported_ops = [load().tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.representative_dataset = _one_by_one(samples)


def _int8(converter: Any, samples: Samples) -> None:
    _int8_inside(converter, samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.int8


def _int8_per_tensor(converter: Any, samples: Samples) -> None:
    _int8(converter, samples)
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True


def _int16x8(converter: Any, samples: Samples) -> None:
    lite = load().tf.lite
    _dynamic(converter, samples)
    converter.target_spec.supported_ops = [
        lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    ]
    converter.representative_dataset = _one_by_one(samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.int16


def _qat_int8(converter: Any, samples: Samples) -> None:
    # The ranges were learned in training: no representative data.
    _dynamic(converter, samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.int8


def _uint8(converter: Any, samples: Samples) -> None:
    _int8_inside(converter, samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.uint8


def _one_by_one(samples: Samples) -> Callable[[], Iterator[list[NDArray[Any]]]]:
    columns = list(samples.values()) if isinstance(samples, Mapping) else [samples]
    return lambda: ([one[None] for one in row] for row in zip(*columns, strict=True))


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
        Variant(FILE, "A .tflite file as it came", _plain, FILE, default=False),
        Variant("uint8", "Full int8, with uint8 input and output", _uint8, default=False),
    ]


VARIANTS: Registry[Variant] = Registry("variant", builtin=_builtin)


def convert(model: KerasModel, variant: Variant, samples: Samples) -> bytes:
    """The `.tflite` of a Keras model, of batch 1: the same bytes on every processor.

    `samples` (N, *shape), for each input by name where there are several, decide the signature:
    shapes, types and names. Several outputs keep the model's order. Inputs of ids stay int32.
    Pictures of uint8 stay that where the variant's input is float32, and are cast inside; where it
    is quantized, that input is quantized from their values 0 to 255.
    """
    try:
        return _by_route(model, variant, samples, fuse=True)
    except ConversionError as error:
        # Of 16-bit activations the converter knows no LSTM as one operator.
        if "LSTM" not in str(error):
            raise
        return _by_route(model, variant, samples, fuse=False)


def _by_route(model: KerasModel, variant: Variant, samples: Samples, *, fuse: bool) -> bytes:
    from tinybench.conversion.recurrent import restart
    from tinybench.conversion.route import prepared, trace

    given = arrays_of(model, samples)
    with prepared(model, fuse=fuse) as route:
        traced = trace(model, given)
        converter = _configured(traced, variant, route)
        numbers = traced.numbers()
        if numbers and converter.inference_input_type != load().tf.float32:
            floats = {k: x.astype("float32") if k in numbers else x for k, x in given.items()}
            traced = trace(model, floats, quantized=True)
            converter = _configured(traced, variant, route)
        # To trace may take calls, and the file starts with the states that it finds.
        restart(model)
        data = _converted(converter, variant)
    return route.mended(data, traced)


def ports_of(model: KerasModel, samples: Samples) -> Ports:
    """Names, shapes and types of the model's inputs and outputs, in the order of its `.tflite`'s.

    The types are those of the float variants: see `convert`.
    """
    from tinybench.conversion.route import prepared, trace

    given = arrays_of(model, samples)
    with prepared(model):
        return trace(model, given).ports


def convert_saved_model(folder: str, variant: Variant, samples: Floats) -> bytes:
    """The same by the tutorials' route, from a SavedModel, which names tensors otherwise.

    The numbers are those of `convert`, but for batch norm: the converter folds that with the
    processor's own 1/sqrt, up to 3 ulp off.
    """
    converter = load().tf.lite.TFLiteConverter.from_saved_model(folder)
    variant.configure(converter, samples)
    return _converted(converter, variant)


def _configured(traced: Traced, variant: Variant, route: Route) -> Any:
    converter = route.converter(traced)
    variant.configure(converter, traced.samples)
    if converter.representative_dataset is not None:
        route.check_calibration(traced, variant.name)
    return converter


def _converted(converter: Any, variant: Variant) -> bytes:
    try:
        with quiet(), capture.stderr():
            return bytes(converter.convert())
    except Exception as error:
        # The converter raises its own C++ text under many types. Of MLIR's, with the code that an
        # operator came from, the first line says why; of all others the last.
        text = str(error).strip() or type(error).__name__
        told = re.search(r"\berror: (.+)", text)
        reason = told[1] if told else text.splitlines()[-1]
        # Options that do not fit each other are ValueErrors: whoever configures can mend them.
        # What not even float32 can be made of is the model's matter, and to be told aloud.
        lacking = isinstance(error, RuntimeError | _converter_error())
        plain = (variant.rule or variant.name) == "float32"
        kind = UnconvertibleError if lacking and not plain else ConversionError
        raise kind(f"cannot convert to {variant.name}: {reason}") from error


def _converter_error() -> type[Exception]:
    from tensorflow.lite.python.convert import ConverterError

    found: type[Exception] = ConverterError
    return found


__all__ = [
    "VARIANTS",
    "ConversionError",
    "Ports",
    "UnconvertibleError",
    "Variant",
    "convert",
    "convert_saved_model",
    "ports_of",
]
