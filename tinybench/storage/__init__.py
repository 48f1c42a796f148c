"""Files that are kept: a cache by content, atomic writes, hashes."""

import time

LOADED = time.time()
"""When this process began: a source that was edited later is not the one that it runs."""
