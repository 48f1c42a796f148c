"""x."""

from typing import Any


def load_model(path: Any, custom_objects: Any = None) -> Any: ...
