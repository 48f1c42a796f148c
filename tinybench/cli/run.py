"""`tinybench run`: a .tflite file on a board or runtime, what it costs, and who disagrees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinybench import machines, tflite
from tinybench.cli.answer import Answer, describe, to_dict
from tinybench.codegen import UnsupportedError
from tinybench.console import progress
from tinybench.runtimes import Artifact
from tinybench.storage.store import Store, write_atomically

EXIT_DIFFERENT = 1
SAMPLES, SEED = 16, 0


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one run, as `--help` describes them."""

    file: Path
    on: str
    against: str | None
    inputs: Path | None
    output: Path | None
    samples: int | None
    seed: int | None
    timeout: float
    cache: Path
    as_json: bool


def run(request: Request) -> int:
    """Run, write and print; 1 if `--against` found a difference, else 0."""
    try:
        answer = answer_of(request)
    except tflite.ModelError as error:
        raise tflite.ModelError(f"{request.file}: {error}") from None
    except UnsupportedError as error:
        raise UnsupportedError(
            f"{request.file}: {error} (`tinybench inspect` lists all that is not supported)"
        ) from None
    if request.output:
        data = machines.packed(request.output, answer.model, answer.ran.outputs)
        write_atomically(request.output, data)
    if request.as_json:
        print(json.dumps(to_dict(answer), indent=1, allow_nan=False))
    else:
        print(describe(answer))
        if request.output:
            print(f"\nwritten: {request.output}")
    return EXIT_DIFFERENT if answer.compared and not answer.compared.equal else 0


def answer_of(request: Request) -> Answer:
    """Run and compare, after everything that can be checked before."""
    store = Store(request.cache)
    machine = machines.find(request.on, store, request.timeout)
    other = machines.find(request.against, store, request.timeout) if request.against else None
    data = request.file.read_bytes()
    model = tflite.read(data)
    if request.output:
        machines.check_output(request.output, model)
    inputs = _inputs(request, model)
    ran = machine.run(Artifact(request.file.stem, data), inputs)
    compared = None
    if other:
        bar = progress.bar("compare operators", "operator")
        compared = machines.compare_machines(data, inputs, ran, (machine, other), bar)
    return Answer(
        file=request.file,
        data=data,
        model=model,
        machine=machine,
        samples=len(inputs[0]),
        inputs=request.inputs,
        seed=None if request.inputs else request.seed or SEED,
        ran=ran,
        compared=compared,
    )


def _inputs(request: Request, model: tflite.Model) -> list[Any]:
    if request.inputs is None:
        return machines.random_inputs(model, request.samples or SAMPLES, request.seed or SEED)
    if request.samples is not None or request.seed is not None:
        raise machines.InputError("--samples and --seed make random inputs: not with --input")
    return machines.load_inputs(request.inputs, model)
