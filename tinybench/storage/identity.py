"""Who answered: what an answer that is kept depends on, beside the question.

A name is not enough. Whoever repairs a runtime, or gives a board other memory, keeps its name, and
must not get the answers that the old one gave.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import json
import sys
from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePath
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeAlias

from tinybench import storage
from tinybench.storage import hashing
from tinybench.storage.code import SOURCES, code_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Json: TypeAlias = str | list["Json"] | dict[str, "Json"]

PLAIN = (str, bytes, int, float, complex, bool, type(None), PurePath, Enum)
"""What its `repr` says completely."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A runtime's or a board's name, its version if it tells one, and the hash of its code."""

    name: str
    version: str
    code: str


class _UnknownError(Exception):
    """Something that cannot be told apart from what it will be after an edit."""


def identity_of(item: Any) -> Identity | None:
    """Who a runtime or a board is: what it says itself as `identity`, else what is seen of it.

    That is its `name`, its `version` where it has one, and a hash of its code: the sources of its
    class, of all base classes, and of the packages that they are in; the values that it holds, and
    the classes of these. None where that is not known for sure: of a class without sources, or
    with sources that were edited since this process began, or of a value that cannot be looked
    into. Then nothing that it answers may be kept.
    """
    if hasattr(item, "identity"):
        said: Identity | None = item.identity
        return said
    try:
        code = hashing.of_json(_described(item, ()))
    except _UnknownError:
        return None
    return Identity(item.name, str(getattr(item, "version", "")), code)


def _described(value: Any, around: tuple[int, ...]) -> Json:
    """A value and the code of its class, JSON-able; `around` are those that hold it."""
    if isinstance(value, PLAIN):
        return f"{type(value).__qualname__} {value!r}"
    if id(value) in around:
        raise _UnknownError("a value that holds itself")
    inner = functools.partial(_described, around=(*around, id(value)))
    if isinstance(value, Mapping):
        return [type(value).__qualname__, *([inner(key), inner(value[key])] for key in value)]
    if isinstance(value, Set):
        return ["set", *sorted(map(inner, value), key=json.dumps)]
    if isinstance(value, list | tuple):
        return [type(value).__qualname__, *map(inner, value)]
    if isinstance(value, functools.partial):
        return ["partial", *map(inner, (value.func, value.args, value.keywords))]
    if isinstance(value, FunctionType | MethodType):
        return _described_function(value, inner)
    if isinstance(value, type):
        return _source(value)
    if hasattr(value, "dtype") and hasattr(value, "tobytes"):
        if value.dtype.hasobject:
            raise _UnknownError("an array of objects")
        return hashing.of_arrays({type(value).__qualname__: value})
    kinds: list[Json] = [_source(kind) for kind in type(value).__mro__]
    return [kinds, {name: inner(held) for name, held in sorted(_held(value).items())}]


def _described_function(value: Any, inner: Callable[[Any], Json]) -> Json:
    try:
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
    except ValueError:
        raise _UnknownError("a closure without its values") from None
    bound = getattr(value, "__self__", None)
    defaults = (value.__defaults__, value.__kwdefaults__)
    return [_source(value), inner(cells), inner(defaults), inner(bound)]


def _held(value: Any) -> dict[str, Any]:
    """The attributes of one object, of a dataclass its fields."""
    slots = []
    for kind in type(value).__mro__:
        found = vars(kind).get("__slots__", ())
        slots += [found] if isinstance(found, str) else list(found)
    names = [name for name in slots if not name.startswith("__") and hasattr(value, name)]
    return {name: getattr(value, name) for name in names} | getattr(value, "__dict__", {})


def _source(item: Any) -> str:
    """The name of a class or function, and the hash of the files or the package that have it."""
    module, name = str(item.__module__), str(item.__qualname__)
    if getattr(builtins, name, None) is item or module in ("abc", "typing"):
        return name
    top, _, below = module.partition(".")
    if top == "tinybench":
        return f"{name} {code_of('.'.join([top, *below.split('.')[:1]]))}"
    paths = sorted(_paths(item, module, name))
    if not paths:
        raise _UnknownError(f"{module}.{name} has no sources")
    around = getattr(sys.modules.get(top), "__file__", None)
    return f"{name} {[_code(path, around) for path in paths]}"


def _paths(item: Any, module: str, name: str) -> set[str]:
    """The files of a function, of the methods of a class, or of a class without methods."""
    held = [item] if not isinstance(item, type) else list(vars(item).values())
    found = set()
    for value in held:
        inner = getattr(value, "fget", None) or getattr(value, "__func__", value)
        code = getattr(inspect.unwrap(inner) if callable(inner) else inner, "__code__", None)
        if code is not None and Path(code.co_filename).is_file():
            found.add(code.co_filename)
    # A module of that name may be another one: pytest gives many a conftest.py the same.
    there = sys.modules.get(module)
    if not found and there and getattr(there, name, None) is item and there.__file__:
        found.add(str(there.__file__))
    return {path for path in found if path.endswith(SOURCES)}


@functools.cache
def _code(file: str, around: str | None) -> str:
    """The hash of a source file or, where it is in the package of `around`, of all in there.

    Once in a process: what is edited later is not what runs.
    """
    path, folder = Path(file), Path(around or file).parent
    if around and Path(around).name == "__init__.py" and folder in path.parents:
        paths = sorted(one for one in folder.rglob("*") if one.suffix in SOURCES)
    else:
        paths, folder = [path], path.parent
    if any(one.stat().st_mtime > storage.LOADED for one in paths):
        raise _UnknownError(f"{path} was edited since it was read")
    hashes = [(str(one.relative_to(folder)), hashing.of_bytes(one.read_bytes())) for one in paths]
    return hashing.of_json(hashes) if len(hashes) > 1 else hashes[0][1]
