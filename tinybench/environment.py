"""Where a number was measured: machine, package versions, commit."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "tensorflow",
    "tf-keras",
    "tensorflow-model-optimization",
    "ai-edge-litert",
    "tflite-micro",
    "ziglang",
    "unicorn",
    "numpy",
    "pytest",
    "pytest-benchmark",
)
"""The distributions that decide results; the rest only decides how they are shown."""

TRIED = {
    "tensorflow": ">=2.18,<2.22",
    "tf-keras": ">=2.18,<2.22",
    "tensorflow-model-optimization": ">=0.8,<0.9",
    "ai-edge-litert": ">=2.1,<2.4",
    "tflite-micro": ">=0.dev20251023000000",
    "numpy": ">=1.26.4,<3",
}
"""The versions that the suite was tried with, see docs/reference/versions.md. pip takes none that
is older, and some that are newer."""

NOT_INSTALLED = "not installed"


@functools.cache
def versions() -> dict[str, str]:
    """Versions of the packages that decide results, of Python and of tinybench itself."""
    found = {"python": platform.python_version(), "tinybench": package_version("pytest-tinybench")}
    return found | {name: package_version(name) for name in PACKAGES}


def package_version(distribution: str) -> str:
    """The installed version, or NOT_INSTALLED."""
    return installed(distribution) or NOT_INSTALLED


def installed(distribution: str) -> str | None:
    """The installed version, or None."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def untried() -> list[str]:
    """What is installed and was not tried, a line each; also halves that do not go together."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    there = {name: Version(found) for name in TRIED if (found := installed(name))}
    lines = [
        f"{name} {found} was not tried; results may differ, or it may not work: tried is "
        f"{name}{TRIED[name]}"
        for name, found in there.items()
        if not SpecifierSet(TRIED[name]).contains(found, prereleases=True)
    ]
    pair = [there[name] for name in ("tensorflow", "tf-keras") if name in there]
    if len(pair) == 2 and pair[0].release[:2] != pair[1].release[:2]:
        lines.append(
            f"tensorflow {pair[0]} and tf-keras {pair[1]} do not go together: install "
            f"tf-keras=={pair[0].major}.{pair[0].minor}.*"
        )
    return lines


@functools.cache
def machine() -> dict[str, Any]:
    """Processor, cores, architecture and operating system; nothing that names the host."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
    }


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def commit(root: Path) -> dict[str, Any] | None:
    """The checked-out commit and whether the files differ from it; None outside git.

    `results/` is left out of the comparison, because a run writes there.
    """

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            check=True,
            text=True,
            timeout=30,
        ).stdout.strip()

    try:
        return {
            "commit": git("rev-parse", "HEAD"),
            "dirty": bool(git("status", "--porcelain", "--", ".", ":!results")),
        }
    except (OSError, subprocess.SubprocessError):
        return None
