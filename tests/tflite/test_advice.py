"""What the files that this project has are advised on: what is true of them, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tinybench.tflite import Model, advice, read

from .samples import NAMES, model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).parents[2]
FINDERS: dict[str, Callable[[Model], Iterable[str]]] = {
    "float": advice.float_operators,
    "batch": advice.any_batch,
    "unsettled": advice.unsettled_ranges,
    "outlier": advice.weight_outliers,
    "dead": advice.dead_channels,
}
# Untrained networks have channels that never fire, and ranges where tfmot put them.
OURS = {
    "conv-qat-int8": {"unsettled"},
    "dense-int16x8": {"dead"},
    "dense-int8": {"dead"},
    "dense-int8-float-io": {"dead"},
    "dense-int8-per-tensor": {"dead"},
    "dense-qat-int8": {"dead", "unsettled"},
}
INTEGERS = ("int8", "int8-float-io", "int8-per-tensor", "qat-int8")
PUBLISHED = {
    "helmet-qat-int8": {"unsettled"},
    **{f"sine-{n}-{v}": {"dead"} for n in ("8", "16", "16x16", "16x16-e100") for v in INTEGERS},
}
NETWORKS = {
    "keyword_separable-int8": {"dead"},
    "keyword_separable-qat-int8": {"unsettled"},
    "mobile-int8": {"dead"},
}
FILES = [
    *sorted((ROOT / "results" / "models").glob("*.tflite")),
    *sorted((ROOT / "tests" / "codegen" / "networks").glob("*.tflite")),
]


def found(file: Model) -> set[str]:
    return {name for name, find in FINDERS.items() if [*find(file)]}


@pytest.mark.parametrize("name", NAMES)
def test_the_converter_s_files(name: str) -> None:
    assert found(model(name)) == OURS.get(name, set())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_built_in_tasks_files_and_larger_networks(path: Path) -> None:
    expected = PUBLISHED if path.parent.name == "models" else NETWORKS
    assert found(read(path.read_bytes())) == expected.get(path.stem, set())


def test_every_file_with_advice_was_looked_at() -> None:
    assert {path.stem for path in FILES} >= {*PUBLISHED, *NETWORKS}
    assert {*NAMES} >= {*OURS}


def test_a_dead_channel_does_not_change_on_any_input() -> None:
    """Where the interval says constant, every input of the int8 range gives the same code."""
    file = model("dense-int8")
    operator = file.operators[0]
    weights = file.tensors[operator.inputs[1]]
    (text,) = advice.dead_channels(file)
    dead = advice._constant(file, operator, weights, 0)
    source, output = (file.tensors[i] for i in (operator.inputs[0], operator.outputs[0]))
    span, made = advice.range_of(source), advice.range_of(output)
    assert span
    assert made

    x = np.linspace(*span, 256)
    rows = advice._real(weights, 0) @ x[None] + advice._bias(file, operator, len(dead))[:, None]
    step = (made[1] - made[0]) / 255
    codes = np.rint(np.clip(rows, max(made[0], 0), made[1]) / step)
    assert [*np.flatnonzero(dead)] == [*np.flatnonzero(np.ptp(codes, axis=1) == 0)]
    assert text.startswith(f"{dead.sum()} of {len(dead)} channels of dense_0 ")
