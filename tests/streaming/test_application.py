"""Settings as C has them, and which tasks and models have a pipeline."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinybench.cli import play as command
from tinybench.codegen import Names
from tinybench.streaming import ApplicationError, GestureSettings, KeywordSettings, of_task
from tinybench.streaming.application import header, scores_of
from tinybench.tasks import TASKS
from tinybench.tflite import read

from ..codegen.strategies import sample
from ..components import needs
from . import models


def defined(text: str) -> dict[str, str]:
    return dict(re.findall(r"^#define (\w+) (.+)$", text, re.MULTILINE))


def test_settings_of_words() -> None:
    name, text = header(models.keyword(hops=4, average_ms=820, threshold=180), Names("word"))
    found = defined(text)

    assert (name, found["TB_KEYWORD_INVOKE"]) == ("keyword_pipeline.h", "word_invoke")
    assert (found["TB_KEYWORD_HOPS"], found["TB_KEYWORD_THRESHOLD"]) == ("4", "180")
    assert (found["TB_KEYWORD_SILENCE"], found["TB_RECOGNIZER_LABELS"]) == ("(0)", "4")
    # Every 80 ms, in 820 ms: one more than fit between the first and the last.
    assert found["TB_RECOGNIZER_RESULTS"] == "11"
    assert "TB_KEYWORD_INPUT_CODES" not in found


def test_inputs_on_another_grid_get_a_table() -> None:
    _, text = header(models.keyword(scale=1 / 200, zero_point=-100), Names())
    listed = re.findall(
        r"-?\d+", text.split("tb_keyword_input_codes[")[1].split("{")[1].split("}")[0]
    )

    assert "static const int8_t tb_keyword_input_codes[TB_KEYWORD_INPUT_CODES]" in text
    assert len(listed) == 256
    # 0, 1/256 · 200 = 0.78 and 255/256 · 200 = 199.2 steps from the zero point.
    assert (listed[0], listed[1], listed[-1]) == ("-100", "-99", "99")


def test_settings_of_gestures() -> None:
    name, text = header(models.gesture(step=2, consecutive=5), Names())
    found = defined(text)

    assert (name, found["TB_GESTURE_INPUT"]) == ("gesture_pipeline.h", "MODEL_INPUT_0")
    assert (found["TB_GESTURE_STEP"], found["TB_GESTURE_NEGATIVE"]) == ("2", "(3)")
    assert float(found["TB_GESTURE_SCALE"].removesuffix("f")) == 2**-10
    assert found["TB_GESTURE_CONSECUTIVE"] == "{5, 5, 5, 5}"


def test_scores_are_the_codes_of_softmax_from_0() -> None:
    model = read(models.keyword().data)
    codes = np.arange(-128, 128, dtype=np.int8)

    assert scores_of(codes, model.tensors[model.outputs[0]]).tolist() == [*range(256)]


@pytest.mark.parametrize(
    ("task", "application", "settings"),
    [
        ("keyword", models.keyword(), KeywordSettings()),
        ("gesture", models.gesture(), GestureSettings()),
    ],
)
def test_tasks_with_a_pipeline(task: str, application: object, settings: object) -> None:
    data = models.keyword().data if task == "keyword" else models.gesture().data
    found = of_task(TASKS.get(task), "int8", data)

    assert found == replace(application, settings=settings)  # type: ignore[type-var]


def test_a_task_without_one() -> None:
    assert of_task(TASKS.get("sine-8"), "int8", models.gesture().data) is None


def test_a_model_of_another_form() -> None:
    with pytest.raises(ApplicationError, match=r"feeds 1960 numbers .* this one has 384"):
        of_task(TASKS.get("keyword"), "int8", models.gesture().data)


def test_a_task_that_takes_no_recordings(tmp_path: Path) -> None:
    request = command.Request("sine-8", tmp_path / "a.wav", "int8", "cortex-m4", tmp_path, False)

    with pytest.raises(ApplicationError, match=r"sine-8 is no task of sound or motion; .*keyword"):
        command.run(request)


@needs("cortex-m4", "tflm")
def test_the_shipped_gestures_on_a_board(
    warm_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A test recording of each gesture: each is found, and Python says the same."""
    task = TASKS.get("gesture")
    test = task.evaluation().test
    classes = test.y.argmax(axis=1)
    x = np.concatenate([test.x[np.flatnonzero(classes == label)[0]] for label in range(3)])
    readings = np.rint(x[..., 0] * 1024).astype(int)
    path = tmp_path / "three.csv"
    path.write_text("\n".join(",".join(map(str, reading)) for reading in readings), "utf-8")

    status = command.run(command.Request("gesture", path, "int8", "cortex-m4", warm_cache, True))
    found = json.loads(capsys.readouterr().out)

    assert status == 0
    assert [each["label"] for each in found["found"]] == ["wing", "ring", "slope"]


def test_recurrent_layers_begin_anew_with_each_window() -> None:
    lstm = Path(__file__).parents[1] / "tflite" / "models" / "lstm-int8.tflite"

    _, text = header(replace(models.keyword(), data=lstm.read_bytes()), Names())

    assert "#define TB_KEYWORD_INVOKE() (model_reset(), model_invoke())\n" in text


def test_a_model_that_takes_steps_has_no_pipeline_of_windows() -> None:
    [case] = sample("graph_streaming", 1)

    with pytest.raises(ApplicationError, match="keeps something from one inference to the next"):
        of_task(TASKS.get("keyword"), "int8", case.data)
