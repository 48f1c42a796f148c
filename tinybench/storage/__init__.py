"""Files that are kept: a cache by content, atomic writes, hashes."""
