"""The C structures of `firmware/pipeline`, mirrored: where a pipeline's parts are in memory."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinybench.codegen.program import Port
from tinybench.datasets.features import FRAMES
from tinybench.streaming.application import AXES, READINGS, Application, KeywordSettings
from tinybench.streaming.tables import CHANNELS, FFT, HOP
from tinybench.tflite.ports import input_of

INPUT_TYPES = {
    "int8": ctypes.c_int8,
    "uint8": ctypes.c_uint8,
    "int16": ctypes.c_int16,
    "float32": ctypes.c_float,
}


class Answer(ctypes.Structure):
    """`struct stream_answer` of stream.h."""

    _fields_ = (("restart", ctypes.c_uint32), ("inferred", ctypes.c_uint32))


class Decision(ctypes.Structure):
    """`struct tb_decision`."""

    _fields_ = (
        ("time_ms", ctypes.c_uint32),
        ("label", ctypes.c_int32),
        ("score", ctypes.c_int32),
        ("found", ctypes.c_int32),
    )


class Audio(ctypes.Structure):
    """`struct tb_audio`."""

    _fields_ = (
        ("previous", ctypes.c_int16 * HOP),
        ("noise", ctypes.c_uint32 * CHANNELS),
        ("points", ctypes.c_int16 * FFT),
        ("channels", ctypes.c_uint32 * CHANNELS),
        ("shift", ctypes.c_int32),
    )


class Debounce(ctypes.Structure):
    """`struct tb_debounce`."""

    _fields_ = (
        ("label", ctypes.c_int32),
        ("count", ctypes.c_uint32),
        ("any", ctypes.c_uint32),
        ("found_ms", ctypes.c_uint32),
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """A pipeline's arena: where inputs, answers and state are, and the size of all.

    `values` is what the net's input is made of: features of a hop, or codes of a reading.
    `memory` is the RAM of what stands before the net and behind it, in bytes; the first has the
    input's.
    """

    input: Port
    restart: Port
    inferred: Port
    decision: Port
    scores: Port
    values: Port
    state: Port
    arena_bytes: int
    memory: dict[str, int]


def of_application(application: Application) -> Layout:
    """The layout of `keyword_stream.c` or `gesture_stream.c`."""
    labels, settings = len(application.labels), application.settings
    if isinstance(settings, KeywordSettings):
        return _of(ctypes.c_int16 * HOP, _keyword(labels, settings), ("audio", "values", "frames"))
    kind = INPUT_TYPES[input_of(application.model).dtype]
    # The fourth number is padding.
    return _of(ctypes.c_int16 * (AXES + 1), _gesture(labels, kind), ("values", "codes"))


def _keyword(labels: int, settings: KeywordSettings) -> type[ctypes.Structure]:
    class Result(ctypes.Structure):
        _fields_ = (("time_ms", ctypes.c_uint32), ("scores", ctypes.c_uint8 * labels))

    class Recognizer(ctypes.Structure):
        _fields_ = (
            ("results", Result * settings.results),
            ("oldest", ctypes.c_uint32),
            ("count", ctypes.c_uint32),
            ("label", ctypes.c_int32),
            ("label_ms", ctypes.c_uint32),
        )

    class Keyword(ctypes.Structure):
        _fields_ = (
            ("audio", Audio),
            ("recognizer", Recognizer),
            ("hops", ctypes.c_uint32),
            ("oldest", ctypes.c_uint32),
            ("decision", Decision),
            ("values", ctypes.c_uint16 * CHANNELS),
            ("scores", ctypes.c_uint8 * labels),
            ("frames", ctypes.c_int8 * CHANNELS * FRAMES),
        )

    return Keyword


def _gesture(labels: int, kind: type[Any]) -> type[ctypes.Structure]:
    class Gesture(ctypes.Structure):
        _fields_ = (
            ("debounce", Debounce),
            ("readings", ctypes.c_uint32),
            ("oldest", ctypes.c_uint32),
            ("decision", Decision),
            ("scores", ctypes.c_uint8 * labels),
            ("values", kind * AXES),
            ("codes", kind * AXES * READINGS),
        )

    return Gesture


def _of(input_: type[Any], state: type[ctypes.Structure], before: Sequence[str]) -> Layout:
    class Arena(ctypes.Structure):
        _fields_ = (("input", input_), ("answer", Answer), ("state", state))

    def port(name: str, field: Any, base: int = 0) -> Port:
        return Port(name, "uint8", (field.size,), base + field.offset, field.size)

    parts = {field[0]: getattr(state, field[0]) for field in state._fields_}
    first = sum(parts[name].size for name in before)
    return Layout(
        input=port("input", Arena.input),
        restart=port("restart", Answer.restart, Arena.answer.offset),
        inferred=port("inferred", Answer.inferred, Arena.answer.offset),
        decision=port("decision", parts["decision"], Arena.state.offset),
        scores=port("scores", parts["scores"], Arena.state.offset),
        values=port("values", parts["values"], Arena.state.offset),
        state=port("state", Arena.state),
        arena_bytes=ctypes.sizeof(Arena),
        memory={"before": Arena.input.size + first, "behind": ctypes.sizeof(state) - first},
    )
