"""Data that a user brings for a model of their own: files, folders and arrays become a `Dataset`.

One reader a kind of file; `reading` joins them, and what fits the model is decided in one place.
"""

from tinybench.datasets.own.found import Own, Ports
from tinybench.datasets.own.reading import of_arrays, read

__all__ = ["Own", "Ports", "of_arrays", "read"]
