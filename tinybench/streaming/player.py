"""Plays a recording into a pipeline on a board, counts what each stage costs, asks Python."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinybench.boards import Board, Counters, Image, PatientBoard, TimedBoard, counted
from tinybench.boards.base import OperatorCost
from tinybench.datasets.features import Pcm
from tinybench.machines import BoardMachine
from tinybench.storage.store import Store
from tinybench.streaming import program, simulation
from tinybench.streaming.answers import Answers, Found
from tinybench.streaming.application import (
    AXES,
    HOP_MS,
    READINGS,
    Application,
    GestureSettings,
    KeywordSettings,
)
from tinybench.streaming.budget import Budget, budget
from tinybench.streaming.layout import Layout
from tinybench.streaming.tables import HOP, SAMPLE_RATE
from tinybench.tflite.ports import input_of

AFTER_SECONDS = 1
"""Silence that follows a recording: a word at its end is found, too."""
COUNTED_SECONDS = 10
"""The cost is counted where these first seconds are loudest: silence costs a tenth less."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage costs: instructions of one run, runs in a second of input, bytes.

    Bytes are None where a stage is a part of the one above it, cycles and milliseconds (least,
    most) where the board tells none.
    """

    name: str
    instructions: int
    per_second: float
    ram_bytes: int | None = None
    flash_bytes: int | None = None
    cycles: int | None = None
    milliseconds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """The stages, front end first, and the image as a whole."""

    stages: tuple[Stage, ...]
    ram_bytes: int
    flash_bytes: int
    stack_bytes: int | None
    time_basis: str | None = None
    clock_hz: int | None = None

    @property
    def budget(self) -> Budget | None:
        """None on a board without cycles."""
        whole = [stage for stage in self.stages if stage.ram_bytes is not None]
        return budget(whole, self.clock_hz)


@dataclass(frozen=True, slots=True)
class Played:
    """What a board and the Python pipeline made of the same recording of `seconds`."""

    application: Application
    board: str
    seconds: float
    answers: Answers
    in_python: Answers
    cost: Cost

    @property
    def found(self) -> list[Found]:
        """The words or gestures."""
        return self.answers.found(self.application.labels, self.application.nothing)

    @property
    def differences(self) -> dict[str, int]:
        """How many feature frames or readings, score rows and decisions are not the same."""
        return self.answers.differences(self.in_python)


def play(
    application: Application,
    recording: NDArray[np.int16],
    board: Board,
    store: Store,
) -> Played:
    """Play 16 kHz sound (samples,) or readings (n, 3); BoardError if it fails or does not fit."""
    audio = isinstance(application.settings, KeywordSettings)
    units = hops(recording) if audio else held(recording)
    programs = program.of_application(application)
    machine = BoardMachine(_patient(board, len(units)), store)
    image = machine.build(programs.play)
    image = replace(image, programs=(programs.play, programs.watch, programs.resume))
    with machine.start(image) as session:
        rows = _rows(units, programs.layout)
        outputs = session.run(rows)
        at = _counted(application, units)
        (state,) = session.run([row[:at] for row in rows], 1)
        counters = counted(session, [*(row[at : at + 1] for row in rows), state[-1:]], 2)
    answers = _answers(application, outputs)
    flat = units.reshape(-1) if audio else units
    return Played(
        application=application,
        board=board.name,
        seconds=len(recording) / SAMPLE_RATE if audio else len(recording) * _period(application),
        answers=answers,
        in_python=simulation.recognize_words(application, flat)
        if audio
        else simulation.recognize_gestures(application, flat),
        cost=replace(
            _cost(application, programs, image, machine.build(programs.net), counters),
            time_basis=board.time_basis if isinstance(board, TimedBoard) else None,
            clock_hz=board.clock_hz if isinstance(board, TimedBoard) else None,
        ),
    )


def hops(sound: Pcm) -> Pcm:
    """Whole hops (n, 320) of sound and of the silence after it."""
    after = AFTER_SECONDS * SAMPLE_RATE
    return np.pad(sound, (0, after + -len(sound) % HOP)).reshape(-1, HOP)


def held(readings: NDArray[np.int16]) -> NDArray[np.int16]:
    """Readings, and the last of them until all others have left the net's input."""
    return np.concatenate([readings, np.repeat(readings[-1:], READINGS, axis=0)])


def _period(application: Application) -> float:
    """Seconds from one input to the next."""
    settings = application.settings
    return (settings.period_ms if isinstance(settings, GestureSettings) else HOP_MS) / 1000


def _patient(board: Board, units: int) -> Board:
    """The board with time for a long recording: the worst was 5 ms an input."""
    if isinstance(board, PatientBoard):
        return board.with_timeout(board.timeout + 0.05 * units)
    return board


def _rows(units: NDArray[np.int16], layout: Layout) -> list[NDArray[np.uint8]]:
    data = np.zeros((len(units), layout.input.nbytes), np.uint8)
    raw = np.ascontiguousarray(units, "<i2").view(np.uint8).reshape(len(units), -1)
    data[:, : raw.shape[1]] = raw
    restart = np.zeros((len(units), layout.restart.nbytes), np.uint8)
    restart[0, 0] = 1
    return [data, restart]


def _step(application: Application) -> int:
    """The net runs every so many inputs."""
    settings = application.settings
    return settings.hops if isinstance(settings, KeywordSettings) else settings.step


def _counted(application: Application, units: NDArray[np.int16]) -> int:
    """The input at which costs are counted: the first from the loudest on that the net runs at.

    Never the very first, before which there is no state.
    """
    step, most = _step(application), int(COUNTED_SECONDS / _period(application))
    loudest = int(np.argmax(np.sum(units[:most].astype(np.int64) ** 2, axis=1)))
    return max(2, min(loudest // step + 1, len(units) // step) * step) - 1


def _answers(application: Application, outputs: list[NDArray[np.uint8]]) -> Answers:
    inferred, decision, scores, values = outputs
    ran = inferred.view("<u4")[:, 0] == 1
    decisions = np.ascontiguousarray(decision[ran]).view("<i4").astype(np.int64)
    if isinstance(application.settings, KeywordSettings):
        # The first hop completes no window.
        inputs = np.ascontiguousarray(values[1:]).view("<u2")
    else:
        dtype = np.dtype(input_of(application.model).dtype).newbyteorder("<")
        inputs = np.ascontiguousarray(values).view(dtype).reshape(-1, AXES)
    return Answers(inputs, scores[ran], decisions)


def _cost(
    application: Application,
    programs: program.Programs,
    image: Image,
    net: Image,
    counters: Counters,
) -> Cost:
    often = 1 / _period(application)
    rarely = often / _step(application)
    parts = {part.name: part for part in counters.profile}
    first = [part for name, part in parts.items() if name not in (program.NET, program.DECISION)]
    memory = programs.layout.memory
    before = _stage("front end", first, often, memory["before"])
    before = replace(before, flash_bytes=image.flash_bytes - net.flash_bytes)
    network = _stage(program.NET, [parts[program.NET]], rarely, net.ram_bytes)
    stages = (
        before,
        *(_stage(part.name, [part], often) for part in first if len(first) > 1),
        replace(network, flash_bytes=net.flash_bytes),
        _stage(program.DECISION, [parts[program.DECISION]], rarely, memory["behind"]),
    )
    return Cost(stages, image.ram_bytes, image.flash_bytes, counters.stack_bytes)


def _stage(
    name: str, parts: list[OperatorCost], per_second: float, ram_bytes: int | None = None
) -> Stage:
    """All of these as one; what is not known of a part is not known of them all."""
    cycles = [part.cycles for part in parts if part.cycles is not None]
    times = [part.milliseconds for part in parts if part.milliseconds is not None]
    least, most = (sum(each[end] for each in times) for end in (0, 1))
    return Stage(
        name,
        sum(part.instructions for part in parts),
        per_second,
        ram_bytes,
        cycles=sum(cycles) if len(cycles) == len(parts) else None,
        milliseconds=(least, most) if len(times) == len(parts) else None,
    )
