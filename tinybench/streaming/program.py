"""A pipeline as programs for the boards: the whole of it, with or without its state as a port."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinybench.boards.sources import firmware_root
from tinybench.codegen import generate
from tinybench.codegen.program import Port, Program
from tinybench.codegen.settings import model_settings
from tinybench.storage import hashing
from tinybench.streaming import layout as layouts
from tinybench.streaming.application import Application, KeywordSettings, header

PREFIX, MODEL = "stream", "model"
HERE = Path(__file__).parent
COMMON = ("decision.h", "scores.h", "tb_memory.h")
AUDIO = ("audio.c", "audio.h", "audio_tables.h", "fft.c", "fft.h", "fft_point.h", "fft_tables.h")
KEYWORD = (*AUDIO, "keyword.c", "keyword.h", "recognizer.c", "recognizer.h")
GESTURE = ("debounce.c", "debounce.h", "gesture.c", "gesture.h")
NET, DECISION = "net", "decision"
AUDIO_STAGES = ("window", "transform", "filter bank", "noise reduction", "gain", "logarithm")
MOTION_STAGES = ("quantize",)


@dataclass(frozen=True, slots=True)
class Programs:
    """The same code seen in three ways, and the net alone.

    `play` takes an input and tells what came of it; `watch` gives the state instead; `resume`
    takes the state too. `net` is the model without what is around it.
    """

    layout: layouts.Layout
    play: Program
    watch: Program
    resume: Program
    net: Program


def of_application(application: Application) -> Programs:
    """The programs; UnsupportedError if there is no C for the model."""
    generated = generate(application.data, MODEL)
    found = layouts.of_application(application)
    audio = isinstance(application.settings, KeywordSettings)
    settings = model_settings(
        generated.names,
        generated.model,
        {"TASK": application.task, "VARIANT": application.variant},
        hashing.of_bytes(application.data),
        application.labels,
        operators=generated.program.operators,
        tflm_arena_bytes=None,
    )
    around, text = header(application, generated.names)
    root = firmware_root()
    name = "keyword_stream.c" if audio else "gesture_stream.c"
    sizes = f"#define STREAM_STATE_BYTES {found.state.nbytes}\n"
    files = {
        **generated.program.files,
        **{
            part: (root / "pipeline" / part).read_bytes()
            for part in (*COMMON, *(KEYWORD if audio else GESTURE))
        },
        "quantize.h": (root / "include" / "quantize.h").read_bytes(),
        "model_settings.h": settings.encode(),
        around: text.encode(),
        "stream.h": sizes.encode() + (HERE / "stream.h").read_bytes(),
        name: (HERE / name).read_bytes(),
    }
    inputs = (found.input, found.restart)

    def program(inputs: tuple[Port, ...], outputs: tuple[Port, ...]) -> Program:
        stages = (*(AUDIO_STAGES if audio else MOTION_STAGES), NET, DECISION)
        return Program(PREFIX, files, inputs, outputs, stages, found.arena_bytes)

    return Programs(
        layout=found,
        play=program(inputs, (found.inferred, found.decision, found.scores, found.values)),
        watch=program(inputs, (found.state,)),
        resume=program((*inputs, found.state), (found.decision, found.scores)),
        net=generated.program,
    )
