"""`tinybench run`: a .tflite file on a board or runtime, what it costs, and who disagrees."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinybench import machines, tflite
from tinybench.boards import DEFAULT_BOARD
from tinybench.cli import advice, options, signatures
from tinybench.cli.helptext import examples
from tinybench.cli.run_output import Answer, describe, to_dict
from tinybench.cli.status import Exit
from tinybench.codegen import UnsupportedError
from tinybench.console import progress
from tinybench.runtimes import DEVICE_REFERENCE, Artifact
from tinybench.runtimes.isolated import attempt
from tinybench.storage.store import Store, write_atomically

SAMPLES, SEED = 16, 0


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one run, as `--help` describes them."""

    file: Path
    on: str
    against: str | None
    inputs: Path | None
    to: Path | None
    samples: int | None
    seed: int | None
    timeout: float
    ulp: int
    flash: int | None
    ram: int | None
    cache: Path
    as_json: bool
    signature: str | None = None


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Run a model on samples. On a board, its C code is generated, built and run there; "
        "instructions, memory accesses and stack are counted for the first sample. Samples are a "
        "NumPy file in the model's own raw types: (N, *shape), where a leading 1 of the shape is N "
        "itself. A model with several inputs takes an .npz file, by the names of its tensors or as "
        "input_0, input_1, ...; an input with one sample has it for all. Outputs are written "
        "likewise."
    )
    parser.epilog = examples(
        "run firmware/model/model.tflite --on cortex-m4 --json",
        "run model.tflite --on tflm --input x.npy --to y.npy",
        "run model.tflite --on litert --against tflm",
        "run large.tflite --on cortex-m7 --flash 16M --ram 8M --samples 2 --timeout 600",
        status="1 --against found a difference beyond --ulp; 2 error, and then nothing is written",
    )
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE.tflite",
        help="Any model, such as `tinybench export` writes",
    )
    options.add_place(parser, "Board or runtime", DEFAULT_BOARD)
    for name in ("flash", "ram"):
        parser.add_argument(
            f"--{name}",
            type=options.size,
            metavar="SIZE",
            help=f"Bytes of an emulated board's {name}, such as "
            "512K or 16M (default: the board's own)",
        )
    parser.add_argument("--against", metavar="NAME", help="Another one to compare outputs with")
    parser.add_argument(
        "--ulp",
        type=options.whole,
        default=machines.ULP_BOUND,
        metavar="N",
        help="Units in the last place by which floats may differ with --against, as those of two C "
        f"libraries' exponentials do (default: {machines.ULP_BOUND}); integers must be equal",
    )
    parser.add_argument("--input", type=Path, metavar="X.npy|X.npz", help="Samples to run")
    parser.add_argument("--to", type=Path, metavar="Y.npy|Y.npz", help="Write the outputs there")
    parser.add_argument(
        "--samples",
        type=options.positive,
        metavar="N",
        help=f"Without --input: run N random samples (default: {SAMPLES}), codes over the whole "
        "range of their type, floats normally distributed with mean 0 and deviation 1, indices in "
        "range",
    )
    parser.add_argument(
        "--seed", type=options.whole, metavar="S", help=f"Of random samples (default: {SEED})"
    )
    parser.add_argument(
        "--timeout",
        type=options.seconds,
        default=60.0,
        metavar="SECONDS",
        help="Limit for all samples in one place, without compiling (default: 60)",
    )
    signatures.add(parser)
    options.add_json(parser)
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    return run(
        Request(
            file=given.file,
            on=given.on,
            against=given.against,
            inputs=given.input,
            to=given.to,
            samples=given.samples,
            seed=given.seed,
            timeout=given.timeout,
            ulp=given.ulp,
            flash=given.flash,
            ram=given.ram,
            cache=given.cache,
            as_json=given.json,
            signature=given.signature,
        )
    )


def run(request: Request) -> int:
    """Run, write and print; 1 if `--against` found a difference beyond `--ulp`, else 0."""
    try:
        answer = answer_of(request)
    except tflite.ModelError as error:
        raise error.about(request.file) from None
    except UnsupportedError as error:
        more = f"{error} (`tinybench inspect` lists all that is not supported)"
        raise UnsupportedError(f"{request.file}: {more}", page=error.page) from None
    if request.to:
        data = machines.packed(request.to, answer.model, answer.ran.outputs)
        write_atomically(request.to, data)
    if request.as_json:
        print(json.dumps(to_dict(answer), indent=1, allow_nan=False))
    else:
        print(describe(answer))
        if request.to:
            print(f"\nwritten: {request.to}")
    return Exit.FAILED if answer.compared and not answer.compared.passed else Exit.OK


def answer_of(request: Request) -> Answer:
    """Run and compare, after everything that can be checked before."""
    store = Store(request.cache)
    memory = (request.flash, request.ram)
    machine = machines.find(request.on, store, request.timeout, memory)
    other = (
        machines.find(request.against, store, request.timeout, memory) if request.against else None
    )
    if memory != (None, None) and not any(machines.has_memory(one) for one in (machine, other)):
        raise machines.InputError(
            f"--flash and --ram size an emulated board, not {request.on}: such as --on cortex-m7"
        )
    data = request.file.read_bytes()
    if request.signature is not None:
        data = tflite.chosen(data, request.signature)
    model = tflite.read(data)
    if request.to:
        machines.check_output(request.to, model)
    inputs = _inputs(request, model)
    with progress.steps("run", 1) as begin:
        count = f"{len(inputs[0]):,} sample{'' if len(inputs[0]) == 1 else 's'}"
        begin(f"{count} on {machine.name}, at most {request.timeout:g} s")
        ran = machine.run(Artifact(request.file.stem, data), inputs)
    compared = None
    if other:
        bar = progress.bar("compare operators", "operator")
        compared = machines.compare_machines(data, inputs, ran, (machine, other), bar, request.ulp)
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
        advised=advice.of_file(model, attempt(data, DEVICE_REFERENCE).reason),
    )


def _inputs(request: Request, model: tflite.Model) -> list[Any]:
    if request.inputs is None:
        return machines.random_inputs(model, request.samples or SAMPLES, request.seed or SEED)
    if request.samples is not None or request.seed is not None:
        raise machines.InputError("--samples and --seed make random inputs: not with --input")
    return machines.load_inputs(request.inputs, model)
