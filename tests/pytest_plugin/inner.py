"""Runs of pytest inside a test: in this process, which takes a tenth of the time of another one.

pytester forgets what such a run imports, and a module that comes twice has two of each class: what
the plugin imports late is imported here. A run whose project adds to a registry, starts TensorFlow
or is about pytest's own start has a process of its own.
"""

from __future__ import annotations

import pytest

import tinybench.artifacts.provenance
import tinybench.measurement.described
import tinybench.measurement.measure
import tinybench.pytest_plugin.fixture
import tinybench.pytest_plugin.gating
import tinybench.pytest_plugin.illustrations  # noqa: F401

APART = {"-n", "randomly", "rerunfailures"}


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """In this process, but for what starts others, or plugins that change it."""
    apart = APART & set(arguments)
    start = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
    return start(*arguments)
