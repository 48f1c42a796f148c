"""Where the cache is when no option says so."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "TINYBENCH_CACHE"

CACHE_FOLDER = ".tinybench_cache"


def cache_folder(root: Path) -> Path:
    """Where the cache is when no option says so: $TINYBENCH_CACHE or a folder below `root`."""
    return Path(os.environ.get(CACHE_VARIABLE) or root / CACHE_FOLDER).absolute()
