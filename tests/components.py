"""What tests need besides the package: programs, extras, boards, runtimes, each by its name.

Without it a test skips and says what to install. Where `TINYBENCH_REQUIRE` is set, as in CI, it
fails instead: nothing goes untested there unseen.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from tinybench.boards import BOARDS
from tinybench.runtimes import RUNTIMES

REQUIRE = "TINYBENCH_REQUIRE"


class Program(NamedTuple):
    """Any of these commands will do; Debian has the first in this package."""

    package: str
    commands: tuple[str, ...]


PROGRAMS = {
    "C compiler": Program("gcc", ("gcc", "clang", "cc")),
    "arduino-builder": Program("arduino-builder", ("arduino-builder",)),
    "arm-none-eabi-gcc": Program("gcc-arm-none-eabi", ("arm-none-eabi-gcc",)),
    "avr-gcc": Program("gcc-avr", ("avr-gcc",)),
    "browser": Program("chromium", ("chromium", "chromium-browser", "google-chrome", "chrome")),
    "chromedriver": Program("chromium-driver", ("chromedriver",)),
    "cmake": Program("cmake", ("cmake",)),
    "make": Program("make", ("make", "ninja")),
    "qemu-system-arm": Program("qemu-system-arm", ("qemu-system-arm",)),
    "qemu-x86_64": Program("qemu-user", ("qemu-x86_64",)),
    "simavr": Program("simavr", ("simavr",)),
    "sshd": Program("openssh-server", ("sshd", "/usr/sbin/sshd")),
    "xxd": Program("xxd", ("xxd",)),
}
MODULES = {
    "altair": "pytest-tinybench[report]",
    "asyncssh": "pytest-tinybench[ssh]",
    "elftools": "pytest-tinybench[boards]",
    "jinja2": "pytest-tinybench[report]",
    "matplotlib": "pytest-tinybench[report]",
    "selenium": "selenium",
    "serial": "pytest-tinybench[serial]",
    "soundfile": "pytest-tinybench[audio]",
    "unicorn": "pytest-tinybench[boards]",
    "vl_convert": "pytest-tinybench[report]",
    "ziglang": "pytest-tinybench[boards]",
}
"""What pip installs each with."""
SYSTEM = {
    "/dev/full": Path("/dev/full").exists(),
    "fork": hasattr(os, "fork"),
    "/proc": Path("/proc/self/stat").exists(),
    "POSIX shell": os.name == "posix",
}


def needs(*names: str) -> pytest.MarkDecorator:
    """Mark a test, or a module by `pytestmark`; conftest.py asks `require` before it runs."""
    return pytest.mark.needs(*names)


def require(*names: str) -> None:
    """Skip, or fail where everything must be there, unless all of these are."""
    for name in names:
        if reason := missing(name):
            if os.environ.get(REQUIRE):
                pytest.fail(f"{REQUIRE} is set, but {reason}", pytrace=False)
            pytest.skip(reason, allow_module_level=True)  # noqa: TID251  # the one place


def missing(name: str) -> str | None:
    """What is not there and how to get it, or None."""
    if name in PROGRAMS:
        if find(name):
            return None
        return f"{name} is not installed (Debian: apt install {PROGRAMS[name].package})"
    if name in MODULES:
        if find_spec(name):
            return None
        return f"{name} is not installed (pip install '{MODULES[name]}')"
    if name in SYSTEM:
        return None if SYSTEM[name] else f"this system has no {name}"
    owner = BOARDS if name in BOARDS else RUNTIMES
    return owner.get(name).unavailable()


def find(name: str) -> str | None:
    """The path of a program's first command that is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS[name].commands)), None)
