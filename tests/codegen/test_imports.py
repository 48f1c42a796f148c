"""The generator's modules have an order: each imports only what stands before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tinybench import codegen

PACKAGE = "tinybench.codegen"


def modules() -> dict[str, Path]:
    """Paths of the package's modules by their names."""
    root = Path(codegen.__file__).parent
    names = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        names[".".join((PACKAGE, *parts)).removesuffix(".__init__")] = path
    return names


def imported(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of the package that a file imports, for types or within a function, too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield from [each for each in (name, node.module) if each in known][:1]


def test_imports_make_no_circle() -> None:
    known = modules()
    imports = {name: set(imported(path, known)) for name, path in known.items()}

    order = list(TopologicalSorter(imports).static_order())

    assert order.index(f"{PACKAGE}.graph") < order.index(f"{PACKAGE}.fold")


@pytest.mark.parametrize("name", modules())
def test_imports_stand_at_the_top(name: str) -> None:
    tree = ast.parse(modules()[name].read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]

    inside = [
        (function.name, node.lineno)
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []
