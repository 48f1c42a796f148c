"""Whole pipelines: sound or motion goes in hop by hop, words or gestures come out.

The C code is in `firmware/pipeline`; here are its settings and tables, the same in Python, and what
plays a recording into both.
"""

from tinybench.streaming.answers import Answers, Found
from tinybench.streaming.application import (
    Application,
    ApplicationError,
    GestureSettings,
    KeywordSettings,
    of_task,
)

__all__ = [
    "Answers",
    "Application",
    "ApplicationError",
    "Found",
    "GestureSettings",
    "KeywordSettings",
    "of_task",
]
