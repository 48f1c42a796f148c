"""From a `.tflite` model to self-contained C99 that gives TensorFlow Lite Micro's bytes."""

from tinybench.codegen.generate import Generated, generate, lacking, refusals
from tinybench.codegen.graph import UnsupportedError
from tinybench.codegen.names import Names
from tinybench.codegen.program import Port, Program

__all__ = [
    "Generated",
    "Names",
    "Port",
    "Program",
    "UnsupportedError",
    "generate",
    "lacking",
    "refusals",
]
