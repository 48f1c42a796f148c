"""Boards that a project declares in its pyproject.toml, and the kinds of boards that it may have.

`[tool.tinybench.boards.mine]` is a board named mine. One of its settings says what kind it is:
each kind has a module of its own, which reads the settings and makes the board.
"""

from tinybench.boards.declared.declaration import Declaration, DeclarationError, Kind
from tinybench.boards.declared.project import declared

__all__ = ["Declaration", "DeclarationError", "Kind", "declared"]
