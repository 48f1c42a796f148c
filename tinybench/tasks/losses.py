"""Losses and metrics of a recipe, in the forms that people have them, as text that decides weights.

One is a name in Keras, a name with its arguments, a Keras object or class, or a function of
(truth, prediction); several outputs have one for each.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Objective: TypeAlias = (
    str | tuple[str, Mapping[str, Any]] | Callable[[Any, Any], Any] | Mapping[str, Any]
)


def described(value: Objective, code: Callable[[Any], str]) -> Any:
    """The value, JSON-able: a Keras object by its class and arguments, a function by its `code`."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {name: described(one, code) for name, one in value.items()}
    if isinstance(value, tuple):
        name, arguments = value
        return [name, _plain(arguments)]
    if inspect.isclass(value):
        return f"{value.__module__}.{value.__qualname__}"
    if hasattr(value, "get_config"):
        return {"class": type(value).__name__, "config": _plain(value.get_config())}
    return code(value)


def called(value: Objective) -> str:
    """What people call it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(dict.fromkeys(called(one) for one in value.values()))
    if isinstance(value, tuple):
        return value[0]
    if not inspect.isclass(value) and hasattr(value, "get_config"):
        return type(value).__name__
    return str(getattr(value, "__name__", type(value).__name__))


def _plain(arguments: Any) -> Any:
    def name_of(value: Any) -> Any:
        return getattr(value, "__name__", type(value).__name__)

    return json.loads(json.dumps(arguments, default=name_of, sort_keys=True))
