"""Draws what is not drawn yet: figures stay as they are while their arrays and our code do.

Each takes a third of a second, so beside the figures stands `drawn.json`: of each figure a hash of
what it was drawn from, and that of its file. Neither has anything of this computer or of versions:
a published figure stays as it is anywhere. The cache keeps the figures of other documents.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tinybench import environment
from tinybench.report import canvas, pareto_front
from tinybench.storage import hashing
from tinybench.storage.store import Store, write_atomically

LIST = "drawn.json"
FEW = 12
"""Figures that are drawn before other processes would have started."""


class Plot(NamedTuple):
    """A plotting function and its arguments."""

    function: Callable[..., bytes]
    arguments: tuple[Any, ...]

    def source(self) -> dict[str, Any]:
        """What decides the figure, JSON-able."""
        modules = (sys.modules[self.function.__module__], canvas, pareto_front)
        return {
            "function": self.function.__name__,
            "arguments": _facts(self.arguments),
            "code": [hashing.of_bytes(Path(str(one.__file__)).read_bytes()) for one in modules],
        }


def write(wanted: Mapping[str, Plot], store: Store, folder: Path) -> dict[str, Path]:
    """Write `<key>.png` below the folder for each figure; the paths by key."""
    paths = {key: folder / f"{key}.png" for key in wanted}
    sources = {key: plot.source() for key, plot in wanted.items()}
    hashes = {key: hashing.of_json(source) for key, source in sources.items()}
    earlier = _listed(folder / LIST)
    missing = {
        key: (wanted[key], sources[key])
        for key, path in paths.items()
        if earlier.get(key) != [hashes[key], _hash(path)]
    }
    for key, png in _drawn(missing, store).items():
        write_atomically(paths[key], png)
    listed = {key: [hashes[key], _hash(path)] for key, path in sorted(paths.items())}
    if listed != earlier:
        write_atomically(folder / LIST, (json.dumps(listed, indent=1) + "\n").encode())
    return paths


def _drawn(wanted: Mapping[str, tuple[Plot, Any]], store: Store) -> dict[str, bytes]:
    """The PNGs; many are drawn in two processes."""
    if len(wanted) <= FEW:
        return {key: _get(store, key, *plot) for key, plot in wanted.items()}
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        pending = {key: processes.submit(_get, store, key, *plot) for key, plot in wanted.items()}
        return {key: future.result() for key, future in pending.items()}


def _get(store: Store, key: str, plot: Plot, source: Any) -> bytes:
    """The PNG, from the cache if the same code has drawn the same arrays."""
    name = f"figure-{key.replace('/', '-')}"
    made_with = {**source, "matplotlib": environment.package_version("matplotlib")}
    return store.get(name, made_with, "png", lambda: plot.function(*plot.arguments))


def _facts(value: Any) -> Any:
    """Arguments as JSON: equal ones give equal texts, whichever of their parts are one object."""
    if isinstance(value, (np.ndarray, np.generic)):
        return hashing.of_arrays({"": np.asarray(value)})
    if is_dataclass(value):
        return [_facts(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        # As a list: the order is that of legends.
        return [[_facts(key), _facts(item)] for key, item in value.items()]
    return [_facts(item) for item in value] if isinstance(value, (list, tuple)) else value


def _listed(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _hash(path: Path) -> str:
    return hashing.of_bytes(path.read_bytes()) if path.is_file() else ""
