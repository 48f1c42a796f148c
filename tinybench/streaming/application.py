"""A task's model with what stands before and behind it on a device: settings, for C and Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.codegen import emit
from tinybench.codegen.emit import number
from tinybench.codegen.names import Names
from tinybench.codegen.settings import scheme
from tinybench.datasets.evaluation import Grid
from tinybench.datasets.features import CHANNELS, FRAMES, SILENCE
from tinybench.datasets.motion import NEGATIVE
from tinybench.errors import TinybenchError
from tinybench.storage import hashing
from tinybench.tasks import Task
from tinybench.tflite.ports import codes_of, input_of, output_of, values_of
from tinybench.tflite.quantize import quantize
from tinybench.tflite.state import is_cleared, is_sequence

HOP_MS = 20
"""Of sound."""
READINGS, AXES = 128, 3
MILLI_G = Grid("int16", 2.0**-10)
"""How models of motion take readings, unless their task says otherwise."""
SCORE_SCALE = 1 / 256


class ApplicationError(TinybenchError, ValueError):
    """There is no pipeline for a task or its model; the message says why."""

    page = "no-pipeline"


@dataclass(frozen=True, slots=True)
class KeywordSettings:
    """How scores become words; the defaults are micro_speech's but for the time averaged over.

    A word of half a second is whole in the net's second of sound for half a second only. Averaged
    over micro_speech's 1000 ms, 15 % of single words by voices of the validation split were found;
    over 500 ms it was 76 %.

    The net runs every `hops` hops of 20 ms. Scores are averaged over `average_ms`; a word is new if
    its average is above `threshold` of 255, and it is another one or `suppression_ms` have passed.
    """

    hops: int = 5
    average_ms: int = 500
    threshold: int = 200
    suppression_ms: int = 1500
    minimum_count: int = 3

    @property
    def results(self) -> int:
        """How many results the average can be made of."""
        return self.average_ms // (self.hops * HOP_MS) + 1


@dataclass(frozen=True, slots=True)
class GestureSettings:
    """How scores become gestures.

    A reading comes every `period_ms`; the net runs every `step` readings. A gesture is found when
    it had the highest score, above `threshold` of 255 (0.8), in `consecutive` inferences in a row,
    and no gesture was found in the `suppression_ms` before: so long a movement is in the net's
    input.
    """

    period_ms: int = 40
    step: int = 5
    threshold: int = 204
    consecutive: int = 3
    suppression_ms: int = 5120


@dataclass(frozen=True, slots=True)
class Application:
    """A model, its labels, and the settings of what is around it.

    `nothing` is the label that is no word or gesture; `grid` is how readings of motion become
    inputs.
    """

    task: str
    variant: str
    data: bytes
    labels: tuple[str, ...]
    settings: KeywordSettings | GestureSettings
    grid: Grid = MILLI_G

    @property
    def model(self) -> tflite.Model:
        """The model that the file holds."""
        return tflite.read(self.data)

    @property
    def nothing(self) -> str:
        """The label that is no word or gesture."""
        return SILENCE if isinstance(self.settings, KeywordSettings) else NEGATIVE

    @property
    def nothing_index(self) -> int:
        """Where it is, or -1."""
        return self.labels.index(self.nothing) if self.nothing in self.labels else -1


def of_task(task: Task, variant: str, data: bytes) -> Application | None:
    """The application of a task's model; None for tasks that have none.

    Raise ApplicationError for a model of another form than the pipelines have.
    """
    settings: KeywordSettings | GestureSettings
    if task.modality == "audio" and task.labels:
        settings, wanted = KeywordSettings(), FRAMES * CHANNELS
    elif task.modality == "motion" and task.labels:
        settings, wanted = GestureSettings(), READINGS * AXES
    else:
        return None
    model = tflite.read(data)
    if not len(model.inputs) == len(model.outputs) == 1:
        raise ApplicationError(
            f"{task.name}: the pipeline takes a model with one input and one output, not "
            f"{len(model.inputs)} and {len(model.outputs)}"
        )
    if is_sequence(model):
        raise ApplicationError(
            f"{task.name}: the pipeline feeds whole windows to a model, but this one takes steps: "
            "it keeps something from one inference to the next"
        )
    given, answered = input_of(model), output_of(model)
    elements = int(np.prod(given.shape))
    if elements != wanted or int(np.prod(answered.shape)) != len(task.labels):
        raise ApplicationError(
            f"{task.name}: the pipeline feeds {wanted} numbers to a model and reads "
            f"{len(task.labels)} scores, but this one has {elements} and {answered.shape}"
        )
    grid = task.grid if task.grid and task.modality == "motion" else MILLI_G
    if grid.offset:
        raise ApplicationError(f"{task.name}: the pipeline scales readings, but adds no offset")
    return Application(task.name, variant, data, task.labels, settings, grid)


def scores_of(outputs: NDArray[Any], tensor: tflite.Tensor) -> NDArray[np.uint8]:
    """Outputs in 256ths, at most 255, as `firmware/pipeline/scores.h` has them."""
    reals = values_of(outputs, tensor)
    codes: NDArray[np.int32] = quantize(reals, SCORE_SCALE, 0, np.int32)[0]
    return np.clip(codes, 0, 255).astype(np.uint8)


def input_codes(model: tflite.Model) -> NDArray[Any]:
    """The model's input for each of the 256 values u / 256 of a feature."""
    levels = np.arange(256, dtype=np.float32) / np.float32(256)
    return codes_of(levels, input_of(model))[0]


def header(application: Application, names: Names) -> tuple[str, str]:
    """The name and the text of the header that tells a pipeline its model and its settings."""
    if isinstance(application.settings, KeywordSettings):
        kind, body = "keyword", _keyword(application, application.settings)
    else:
        kind, body = "gesture", _gesture(application, application.settings)
    lines = emit.guarded(
        f"TB_{kind.upper()}_PIPELINE_H",
        f"two {kind} models: a program has one pipeline of a kind",
        hashing.of_bytes(application.data),
        [
            *(f'#include "{names.prefix}{ending}.h"' for ending in ("", "_settings")),
            '#include "quantize.h"',
            "",
            *_model(application, f"TB_{kind.upper()}", names),
            "",
            *body,
        ],
    )
    about = "/* What stands around the model on a device. Generated; edit it to try others. */"
    return f"{kind}_pipeline.h", "\n".join([about, *lines])


def _model(application: Application, name: str, names: Names) -> list[str]:
    """The model as the pipeline sees it, whatever it is called."""
    given, answered = input_of(application.model), output_of(application.model)
    model = f"{names.upper}_INPUT_0"
    scores = f"{names.upper}_OUTPUT_0"
    code, score = "(real)", f"{scores}[i]"
    if scheme(given):
        limits = ", ".join(f"{model}_{each}" for each in ("SCALE", "ZERO_POINT", "MIN", "MAX"))
        code = f"\\\n  (({model}_TYPE)model_quantize(real, {limits}))"
    if scheme(answered):
        score = f"\\\n  model_dequantize({score}, {scores}_SCALE, {scores}_ZERO_POINT)"
    call = f"{name}_INVOKE {names.prefix}_invoke"
    if is_cleared(application.model):
        # Each window is a sequence of its own.
        call = f"{name}_INVOKE() ({names.prefix}_reset(), {names.prefix}_invoke())"
    return [
        "/* The model that runs: its call, its input and the codes in it, its scores. */",
        f"#define {call}",
        f"#define {name}_INPUT {model}",
        f"#define {name}_INPUT_TYPE {model}_TYPE",
        f"#define {name}_INPUT_CODE(real) {code}",
        f"#define {name}_OUTPUT(i) {score}",
        f"#define {name}_LABELS {names.upper}_LABELS",
    ]


def _keyword(application: Application, settings: KeywordSettings) -> list[str]:
    lines = [
        "/* The net runs every so many hops of 20 ms, on the last so many. */",
        f"#define TB_KEYWORD_HOPS {settings.hops}",
        f"#define TB_KEYWORD_FRAMES {FRAMES}",
        "/* See recognizer.h; scores are from 0 to 255. */",
        f"#define TB_KEYWORD_AVERAGE_MS {settings.average_ms}",
        f"#define TB_KEYWORD_THRESHOLD {settings.threshold}",
        f"#define TB_KEYWORD_SUPPRESSION_MS {settings.suppression_ms}",
        f"#define TB_KEYWORD_MINIMUM_COUNT {settings.minimum_count}",
        f"#define TB_KEYWORD_SILENCE ({application.nothing_index})",
        f"#define TB_RECOGNIZER_LABELS {len(application.labels)}",
        f"#define TB_RECOGNIZER_RESULTS {settings.results}",
    ]
    codes = input_codes(application.model)
    if codes.dtype == np.int8 and np.array_equal(codes, np.arange(-128, 128)):
        return lines
    kind = f"{codes.dtype}_t" if codes.dtype != np.float32 else "float"
    listed = ", ".join(number(code) if kind == "float" else str(code) for code in codes.tolist())
    return [
        *lines,
        "",
        "/* The model's input for each feature. */",
        "#include <stdint.h>",
        "#define TB_KEYWORD_INPUT_CODES 256",
        f"static const {kind} tb_keyword_input_codes[TB_KEYWORD_INPUT_CODES] = {{",
        f"    {listed}}};",
    ]


def _gesture(application: Application, settings: GestureSettings) -> list[str]:
    labels = application.labels
    consecutive = ", ".join([str(settings.consecutive)] * len(labels))
    return [
        "/* A reading comes every so many ms; the net runs every so many, on the last so many. */",
        f"#define TB_GESTURE_PERIOD_MS {settings.period_ms}",
        f"#define TB_GESTURE_STEP {settings.step}",
        f"#define TB_GESTURE_READINGS {READINGS}",
        "/* What a reading of 1 is. */",
        f"#define TB_GESTURE_SCALE {number(float(np.float32(application.grid.scale)))}",
        "/* See debounce.h; scores are from 0 to 255. */",
        f"#define TB_GESTURE_THRESHOLD {settings.threshold}",
        f"#define TB_GESTURE_SUPPRESSION_MS {settings.suppression_ms}",
        f"#define TB_GESTURE_NEGATIVE ({application.nothing_index})",
        f"#define TB_GESTURE_CONSECUTIVE {{{consecutive}}}",
        f"#define TB_DEBOUNCE_LABELS {len(labels)}",
    ]
