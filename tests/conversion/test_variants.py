"""Conversion: every variant is what its name says, and the same bytes every time."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.artifacts import Artifacts
from tinybench.conversion import variants
from tinybench.conversion.variants import (
    FILE,
    VARIANTS,
    ConversionError,
    UnconvertibleError,
    Variant,
)
from tinybench.errors import NotAvailableError
from tinybench.tasks import TASKS, Task
from tinybench.tensorflow import load
from tinybench.training import stages

PRINT_DIGESTS = """
import sys, hashlib, tempfile, pathlib
from tinybench.artifacts import Artifacts
from tinybench.storage.store import Store
from tinybench.tasks import TASKS
from tinybench.conversion.variants import VARIANTS
artifacts = Artifacts(Store(pathlib.Path(sys.argv[1])))
for name in sys.argv[2:]:
    artifact = artifacts.artifact(TASKS.get("sine-16x16-kink"), VARIANTS.get(name))
    print(name, hashlib.sha256(artifact.data).hexdigest())
"""


MADE = [one for one in VARIANTS if one.stage != FILE]


@pytest.mark.parametrize("variant", MADE, ids=lambda variant: variant.name)
def test_is_what_its_name_says(artifacts: Artifacts, variant: Variant) -> None:
    """The verifier finds nothing wrong with what the converter makes of a committed checkpoint."""
    task = TASKS.get("sine-16x16-kink")
    model = tflite.read(artifacts.artifact(task, variant).data)
    float32 = tflite.read(artifacts.artifact(task, VARIANTS.get("float32")).data)

    if variant.name == "dynamic":
        # Its tensors are below 1024 elements: the converter leaves them all in float.
        assert tflite.changed_nothing(model, float32)
    else:
        assert tflite.problems(model, variant.rule or variant.name) == []
        assert tflite.changed_nothing(model, float32) == (variant.name == "float32")


@pytest.mark.slow
def test_same_bytes_in_any_order_and_process(artifacts: Artifacts, tmp_path: Path) -> None:
    """Another process, the other order, and models built before change no byte."""
    names = ["int8", "float32", "qat-int8", "float16"]
    task = TASKS.get("sine-16x16-kink")
    command = [sys.executable, "-c", PRINT_DIGESTS, str(tmp_path / "other"), *reversed(names)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    elsewhere = dict(line.split() for line in run.stdout.splitlines())

    # Neither float nor quantization-aware models built before may count.
    stages.quantization_aware(stages.new_model(TASKS.get("linear"), 1))
    here = {
        name: hashlib.sha256(artifacts.artifact(task, VARIANTS.get(name)).data).hexdigest()
        for name in names
    }

    assert here == elsewhere


def test_calibration_decides_the_ranges(small: Task) -> None:
    """The representative samples are used: other samples, other scales."""
    model = stages.new_model(small, 1)
    x = small.dataset().train.x[:50]

    narrow, wide = (
        tflite.read(variants.convert(model, VARIANTS.get("int8"), samples))
        for samples in (x * np.float32(0.1), x)
    )

    scales = [each.tensors[each.inputs[0]].quantization for each in (narrow, wide)]
    assert scales[0] is not None
    assert scales[1] is not None
    assert scales[1].scales[0] == pytest.approx(10 * scales[0].scales[0], rel=1e-3)


def test_the_samples_fix_the_shape(small: Task) -> None:
    def any_length(keras: Any) -> Any:
        return keras.Sequential([keras.Input((None, 1)), keras.layers.Dense(1)])

    model = stages.new_model(replace(small, build=any_length, initialize=None), 1)

    data = variants.convert(model, VARIANTS.get("float32"), np.zeros((1, 7, 1), np.float32))

    found = tflite.read(data)
    assert found.tensors[found.inputs[0]].shape == (1, 7, 1)


def test_the_converters_reason_is_shown(small: Task) -> None:
    """What the converter refuses is one line that names the variant."""

    def impossible(converter: Any, samples: object) -> None:
        VARIANTS.get("int8").configure(converter, np.zeros((1, 7), np.float32))
        converter.inference_input_type = load().tf.float64

    model = stages.new_model(small, 1)
    variant = Variant("odd", "Of a type that does not exist", impossible)

    with pytest.raises(ConversionError, match=r"^cannot convert to odd: \S.*[^\n]$") as caught:
        variants.convert(model, variant, small.dataset().train.x)
    assert not isinstance(caught.value, NotAvailableError)


def test_what_not_even_float32_is_made_of_is_no_label(small: Task) -> None:
    """A variant that the converter lacks is nobody's fault; a model that it lacks is to be told."""

    def odd(keras: Any) -> Any:
        x = keras.Input((4,))
        return keras.Model(x, keras.layers.Dense(1)(load().tf.math.bessel_i0(x)))

    model, x = odd(load().keras), np.zeros((8, 4), np.float32)

    for name, kind in (("float32", ConversionError), ("int8", UnconvertibleError)):
        with pytest.raises(ConversionError, match="BesselI0") as caught:
            variants.convert(model, VARIANTS.get(name), x)
        assert type(caught.value) is kind
