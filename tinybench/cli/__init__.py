"""The `tinybench` command: one module a subcommand, imported when it runs."""

from tinybench.cli.main import main

__all__ = ["main"]
