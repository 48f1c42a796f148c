"""Answer models and write the answers to a file: also a program, to be run on another processor."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tinybench import tflite
from tinybench.measurement import predictions
from tinybench.runtimes import RUNTIMES, Artifact, RefusalError
from tinybench.tflite import ports

RUNTIMES_WITHOUT_TENSORFLOW = ("litert", "litert-ref", "tflm")
SAMPLES = 20


def answer(models: list[Path]) -> dict[str, predictions.Predictions]:
    """What each runtime answers to the same random inputs, by the model's and its own name."""
    found = {}
    for path in models:
        data = path.read_bytes()
        model = tflite.read(data)
        ends = (100, 199) if path.name.startswith("linear") else (0, 6)
        shape = (SAMPLES, *ports.input_of(model).shape[1:])
        x = np.random.default_rng(1).uniform(*ends, shape).astype(np.float32)
        codes, saturated = ports.codes_of(x, ports.input_of(model))
        for name in RUNTIMES_WITHOUT_TENSORFLOW:
            try:
                session = RUNTIMES.get(name).load(Artifact(path.stem, data))
            except RefusalError:
                continue
            raw = session.run(codes)
            found[f"{path.stem} {name}"] = predictions.read_outputs(model, raw, saturated)
    return found


if __name__ == "__main__":
    target, *paths = map(Path, sys.argv[1:])
    raw = {name: one.raw for name, one in answer(paths).items()}
    np.savez(target, **raw)  # type: ignore[arg-type]
