"""The suite below `bench/` imports of the package what anybody may: names of its `__all__`."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

import tinybench

BENCH = Path(__file__).parents[1] / "bench"


def private(text: str) -> Iterator[str]:
    """What a module imports of the package but by a public name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tinybench":
            for alias in node.names:
                if node.module != "tinybench" or alias.name not in tinybench.__all__:
                    yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("tinybench."))


@pytest.mark.parametrize("path", sorted(BENCH.glob("*.py")), ids=lambda path: path.name)
def test_public_names_only(path: Path) -> None:
    assert list(private(path.read_text("utf-8"))) == []


def test_the_suite_comes_with_the_package() -> None:
    """As a copy in a wheel, and as a link beside the sources."""
    spec = importlib.util.find_spec("tinybench.bench")
    assert spec is not None
    assert spec.origin is not None
    shipped = Path(spec.origin).parent

    files = {path.name: path.read_bytes() for path in BENCH.glob("*.py")}
    assert {path.name: path.read_bytes() for path in shipped.glob("*.py")} == files


@pytest.mark.parametrize(
    "text",
    [
        "from tinybench.storage.store import Store",
        "def late():\n    import tinybench.storage",
        "from tinybench import _HOME",
    ],
)
def test_a_private_name_is_found(text: str) -> None:
    assert list(private(text))
