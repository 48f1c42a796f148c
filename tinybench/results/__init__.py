"""The result document, its schema, baselines and their models."""

from tinybench.results.frame import frame

__all__ = ["frame"]
