"""What benchmarks share of a task, made once and kept: data, checkpoints, files, outputs."""

from tinybench.artifacts.making import Artifacts

__all__ = ["Artifacts"]
