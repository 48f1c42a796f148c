"""Exact means exact on another computer: shown with other vector instructions than this one's.

The published results are of yet another processor.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.comparison.compare import compare, metric_of
from tinybench.measurement.predictions import rounding
from tinybench.results import document
from tinybench.results.document import Document
from tinybench.results.record import Result

from ..components import find, needs
from . import elsewhere

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "results" / "baseline.json"
MODELS = ROOT / "results" / "models"
TASKS = ("sine-16x16-kink", "gesture")


def test_a_cold_run_with_other_vector_instructions(tmp_path: Path) -> None:
    """Against the published results: nothing is better or worse, and what is exact is equal."""
    now = _measured_with_old_instructions(tmp_path)
    published = document.read(PUBLISHED)
    published.results = {name: published.results[name] for name in now.results}

    changes = compare(published, now)

    verdicts = {one.verdict for one in changes if metric_of(one.metric).exact}
    assert verdicts == {"no change", "within noise"}
    exact = [one for one in changes if _is_independent(one.metric, now.results[one.id])]
    assert len(exact) > 400
    assert [one for one in exact if one.verdict != "no change"] == []
    for name, result in now.results.items():
        assert result.sha256 == published.results[name].sha256, name
        assert result.confusion == published.results[name].confusion, name
    # Or the instructions were the same, and all this shows nothing.
    moved = {one.metric for one in changes if one.verdict == "within noise"}
    assert {"mse_vs_keras", "differing_outputs", "max_difference"} <= moved


def _measured_with_old_instructions(folder: Path) -> Document:
    """The exact metrics of two tasks, all made anew with the oldest instructions there are."""
    environment = {
        **_plain_environment(),
        "TINYBENCH_CACHE": str(folder / "cache"),
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "DNNL_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": " ".join(_numpy_features()),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4",
    }
    command = [sys.executable, "-m", "pytest", "-q", "bench/test_variants.py"]
    command += ["--benchmark-disable", f"--tinybench-task={','.join(TASKS)}"]
    command += [f"--tinybench-json={folder / 'now.json'}", "-o", f"cache_dir={folder / 'pytest'}"]
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return document.read(folder / "now.json")


def _plain_environment() -> dict[str, str]:
    """This one without what is pytest's, and without what is said of this computer's processor."""
    taken = ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS", "OPENBLAS_", "NPY_", "ONEDNN_", "DNNL_")
    return {name: value for name, value in os.environ.items() if not name.startswith(taken)}


def _numpy_features() -> list[str]:
    """What NumPy uses beyond its baseline on this processor."""
    config: Any = np.show_config(mode="dicts")
    return list(config["SIMD Extensions"].get("found", []))


def _is_independent(metric: str, result: Result) -> bool:
    """Whether no float sum enters: sizes, work, arena, accuracy, errors of models of integers."""
    known = metric_of(metric)
    if not known.exact or metric not in result.metrics:
        return False
    return not known.depends or not (result.metrics["rounding"] or known.against)


@needs("qemu-x86_64")
def test_runtimes_on_a_processor_without_avx(tmp_path: Path) -> None:
    """Integers are the same on a Nehalem of 2008; float sums move by less than is allowed."""
    names = ("linear", "sine-8", "gesture")
    models = [path for name in names for path in sorted(MODELS.glob(f"{name}-*.tflite"))]
    program = [sys.executable, elsewhere.__file__, str(tmp_path / "there.npz")]
    here = elsewhere.answer(models)

    subprocess.run(
        [str(find("qemu-x86_64")), "-cpu", "Nehalem", *program, *map(str, models)],
        cwd=ROOT, env=_plain_environment(), check=True, timeout=300,
    )  # fmt: skip

    moved = 0
    with np.load(tmp_path / "there.npz") as there:
        assert there.files == list(here)
        for name, one in here.items():
            largest = np.max(np.abs(one.values), keepdims=True)
            bound = rounding(one, largest)
            distance = np.max(np.abs(one.raw.astype(float) - there[name].astype(float)))
            assert distance <= bound, name
            moved += int(distance > 0)
    # Without FMA they do.
    assert moved
