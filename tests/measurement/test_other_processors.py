"""Exact means exact on another computer: shown with other vector instructions than this one's.

The published results are of yet another processor.
"""

from __future__ import annotations

import os
import shutil
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
from tinybench.tasks import Split

from . import elsewhere

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "results" / "baseline.json"
MODELS = ROOT / "results" / "models"
QEMU = shutil.which("qemu-x86_64")
TASKS = ("sine-16x16-kink", "gesture")


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The exact metrics of two tasks, all made anew with the oldest instructions there are."""
    folder = tmp_path_factory.mktemp("limited")
    environment = {
        **_without_pytest(),
        "TINYBENCH_CACHE": str(folder / "cache"),
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "DNNL_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": " ".join(_numpy_features()),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4",
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "bench/test_variants.py",
        "--benchmark-disable",
    ]
    command += [
        f"--tinybench-json={folder / 'limited.json'}",
        f"--tinybench-task={','.join(TASKS)}",
    ]
    command += ["-o", f"cache_dir={folder / 'pytest'}"]
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return document.read(folder / "limited.json")


def _without_pytest() -> dict[str, str]:
    taken = ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS")
    return {name: value for name, value in os.environ.items() if name not in taken}


def _numpy_features() -> list[str]:
    """What NumPy uses beyond its baseline on this processor."""
    config: Any = np.show_config(mode="dicts")
    return list(config["SIMD Extensions"].get("found", []))


def _published(limited: Document) -> Document:
    """The part of the published results that was measured again."""
    found = document.read(PUBLISHED)
    found.results = {name: found.results[name] for name in limited.results}
    return found


def test_nothing_is_called_better_or_worse(limited: Document) -> None:
    """Nor is anything left out because the machine is another one."""
    changes = compare(_published(limited), limited)

    times = ("host_us", "noop_us")
    judged = [one for one in changes if one.metric not in times]
    assert len(judged) > 500
    assert {one.verdict for one in judged} == {"no change", "within noise"}


def test_what_does_not_depend_on_the_processor_is_equal_bit_for_bit(limited: Document) -> None:
    """Files, sizes, work, arena, accuracy; and every error of a model of integers."""
    published = _published(limited)
    compared = 0
    for name, now in limited.results.items():
        then = published.results[name]
        for metric, value in now.metrics.items():
            known = metric_of(metric)
            if known.exact and (
                not known.depends or not (now.metrics["rounding"] or known.against)
            ):
                assert (metric, value) == (metric, then.metrics[metric]), name
                compared += 1
        assert now.sha256 == then.sha256, name
        assert now.confusion == then.confusion, name
    assert compared > 400


def test_the_limits_have_an_effect(limited: Document) -> None:
    """Otherwise the tests above would show nothing: Keras' sums come out otherwise."""
    changes = compare(_published(limited), limited)

    moved = {one.metric for one in changes if one.verdict == "within noise"}
    assert {"mse_vs_keras", "differing_outputs", "max_difference"} <= moved


@pytest.mark.skipif(QEMU is None, reason="qemu-x86_64 is not installed: apt install qemu-user")
def test_runtimes_on_a_processor_without_avx(tmp_path: Path) -> None:
    """Integers are the same on a Nehalem of 2008; float sums move by less than is allowed."""
    names = ("linear", "sine-8", "gesture")
    models = [path for name in names for path in sorted(MODELS.glob(f"{name}-*.tflite"))]
    program = [sys.executable, elsewhere.__file__, str(tmp_path / "there.npz")]
    here = elsewhere.answer(models)

    subprocess.run(
        [str(QEMU), "-cpu", "Nehalem", *program, *map(str, models)],
        cwd=ROOT, env=_without_pytest(), check=True, timeout=300,
    )  # fmt: skip

    moved = 0
    with np.load(tmp_path / "there.npz") as there:
        assert there.files == list(here)
        for name, one in here.items():
            largest = np.max(np.abs(one.values), keepdims=True)
            bound = rounding(one, Split(largest, largest))
            distance = np.max(np.abs(one.raw.astype(float) - there[name].astype(float)))
            assert distance <= bound, name
            moved += int(distance > 0)
    # Without FMA they do.
    assert moved
