"""A recording in the emulated board gives what Python gives, and costs are told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinybench.boards import BOARDS
from tinybench.cli import play as command
from tinybench.datasets.features import spectrogram
from tinybench.storage.store import Store
from tinybench.streaming import Application, Found, player
from tinybench.streaming.player import Played

from ..components import needs, require
from . import models
from .clips import CLIPS, pcm

M4 = BOARDS.get("cortex-m4")
pytestmark = needs(M4.name, "tflm")


@pytest.fixture(scope="module")
def heard(store: Store) -> Played:
    return player.play(models.keyword(), models.sound(), M4, store)


@pytest.fixture(scope="module")
def felt(store: Store) -> Played:
    return player.play(models.gesture(), models.movement(), M4, store)


def test_words_on_the_board_are_pythons(heard: Played) -> None:
    """Six seconds and the one after: 349 frames, a net every 100 ms, and the words."""
    assert heard.differences == {"inputs": 0, "scores": 0, "decisions": 0}
    assert heard.answers.inputs.shape == (349, 40)
    assert heard.answers.scores.shape == (70, 4)
    assert {found.label for found in heard.found} == {"yes", "no"}


def test_features_on_the_board_are_tensorflows(heard: Played) -> None:
    sound = np.pad(models.sound(), (0, 16000))

    np.testing.assert_array_equal(heard.answers.inputs, spectrogram(sound))


@pytest.mark.parametrize("name", ["cortex-m4", "cortex-m0plus"])
def test_any_sound_gives_tensorflows_features(name: str, store: Store) -> None:
    """With and without DSP instructions, which have code of their own."""
    application = models.keyword(hops=50)
    sound = np.concatenate([pcm(clip)[:6400] for clip in CLIPS])
    played = player.play(application, sound, BOARDS.get(name), store)

    assert played.answers.inputs.shape == (len(CLIPS) * 20 + 49, 40)
    assert played.differences == {"inputs": 0, "scores": 0, "decisions": 0}


def test_gestures_on_the_board_are_pythons(felt: Played) -> None:
    assert felt.differences == {"inputs": 0, "scores": 0, "decisions": 0}
    assert felt.answers.inputs.shape == (578, 3)
    assert felt.answers.scores.shape == (115, 4)
    assert [found.label for found in felt.found] == ["wing", "ring", "slope"]


@pytest.mark.parametrize(
    "application",
    [
        pytest.param(models.keyword(scale=1 / 200, zero_point=-100), id="inputs by a table"),
        pytest.param(models.keyword(hops=3, average_ms=500), id="other settings"),
        pytest.param(models.gesture(step=1, consecutive=9), id="an inference a reading"),
    ],
)
def test_other_models_and_settings(application: Application, store: Store) -> None:
    recording = models.movement(50) if application.task == "gesture" else models.sound(2)
    played = player.play(application, recording, M4, store)

    assert played.differences == {"inputs": 0, "scores": 0, "decisions": 0}


@pytest.mark.parametrize("name", ["cortex-m0plus", "qemu-cortex-m4"])
def test_other_boards(name: str, store: Store) -> None:
    """One without DSP instructions, and one that boots anew for every request."""
    require(name)
    played = player.play(models.keyword(), models.sound(1), BOARDS.get(name), store)

    assert played.differences == {"inputs": 0, "scores": 0, "decisions": 0}
    assert played.cost.stages[0].instructions > 0


def test_a_single_reading(store: Store) -> None:
    readings = np.array([[1500, 0, 0]], np.int16)
    played = player.play(models.gesture(step=1), readings, M4, store)

    assert played.differences == {"inputs": 0, "scores": 0, "decisions": 0}
    assert [found.label for found in played.found] == ["wing"]


def test_costs_are_told_apart(heard: Played, felt: Played) -> None:
    """The parts of the front end are not counted twice; the net is what runs rarely."""
    audio = {stage.name: stage for stage in heard.cost.stages}
    parts = [stage for stage in heard.cost.stages if stage.ram_bytes is None]

    assert next(iter(audio)) == "front end"
    assert audio["front end"].instructions == sum(part.instructions for part in parts)
    assert (audio["front end"].per_second, audio["net"].per_second) == (50, 10)
    assert audio["front end"].ram_bytes == 640 + 1988 + 80 + 49 * 40
    assert [stage.per_second for stage in felt.cost.stages] == [25, 5, 5]
    for cost in (heard.cost, felt.cost):
        assert sum(stage.flash_bytes or 0 for stage in cost.stages) == cost.flash_bytes
        # Variables are aligned.
        assert 0 <= cost.ram_bytes - sum(stage.ram_bytes or 0 for stage in cost.stages) < 64


@pytest.mark.parametrize("as_json", [False, True])
def test_exit_status(heard: Played, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    """1 as soon as one score is another."""
    scores = heard.in_python.scores.copy()
    scores[7, 2] ^= 1
    other = replace(heard, in_python=replace(heard.in_python, scores=scores))

    assert command.show(heard, Path("a.wav"), as_json=as_json) == 0
    assert command.show(other, Path("a.wav"), as_json=as_json) == 1


def test_what_is_printed(felt: Played, capsys: pytest.CaptureFixture[str]) -> None:
    command.show(felt, Path("wave.csv"), as_json=False)
    said = capsys.readouterr().out

    assert said.startswith("wave.csv: 18.00 s into gesture int8 on cortex-m4\n")
    assert [line.split()[2] for line in said.split("\n\n")[1].splitlines()[2:]] == [
        "wing",
        "ring",
        "slope",
    ]
    assert "the same in Python: 578 readings, 115 rows of scores, 115 decisions" in said


def test_json(felt: Played, capsys: pytest.CaptureFixture[str]) -> None:
    command.show(felt, Path("wave.csv"), as_json=True)
    found = json.loads(capsys.readouterr().out)

    assert [Found(**each) for each in found["found"]] == felt.found
    assert found["differences"] == {"inputs": 0, "scores": 0, "decisions": 0}
    assert found["stages"][1]["instructions_per_second"] == 5 * found["stages"][1]["instructions"]


def test_a_processor_says_the_clock_that_it_takes(felt: Played) -> None:
    said = command.describe(felt, Path("a"))

    assert felt.cost.budget
    assert felt.cost.budget.least_hz > sum(
        stage.instructions * stage.per_second
        for stage in felt.cost.stages
        if stage.ram_bytes is not None
    )
    assert f"\ntakes at least {felt.cost.budget.least_hz / 1e6:.3g} MHz, with memory" in said
    assert f"\nby {felt.cost.time_basis}\n" in said


def test_a_board_says_whether_it_keeps_up(store: Store) -> None:
    board = BOARDS.get("nucleo-l4r5zi")
    played = player.play(models.gesture(), models.movement(), board, store)

    said = command.describe(played, Path("a"))
    budget = command.to_dict(played, Path("a"))["budget"]

    assert "\nkeeps up on nucleo-l4r5zi: " in said
    assert "ms, one arrives every 40 ms: room for 1\n" in said
    assert budget["verdict"] == "keeps up"
    assert 0 < budget["share"][0] < budget["share"][1] < 1


def test_nothing_found_is_told(
    heard: Played, felt: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """For people in words, for programs as an empty list."""
    for played, said in ((heard, "no word found in 70 inf"), (felt, "no gesture found in 115 inf")):
        decisions = played.answers.decisions.copy()
        decisions[:, 3] = 0
        silent = replace(played, answers=replace(played.answers, decisions=decisions))

        command.show(silent, Path("a"), as_json=False)
        assert f"\n\n{said}erences\n\n" in capsys.readouterr().out
        command.show(silent, Path("a"), as_json=True)
        assert json.loads(capsys.readouterr().out)["found"] == []


def test_a_difference_is_told(felt: Played, capsys: pytest.CaptureFixture[str]) -> None:
    shorter = replace(felt.in_python, inputs=felt.in_python.inputs[:-3])
    command.show(replace(felt, in_python=shorter), Path("wave.csv"), as_json=False)

    assert "NOT the same in Python: 3 of 578 readings" in capsys.readouterr().out
