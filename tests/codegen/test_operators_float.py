"""Operators on float32 and int16: generated C gives the runtime's bits, or says how far off it is.

All models of this file are compiled into one program, with sanitizers, and asked once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.codegen import Program, generate

from . import host
from .builder import Tensor
from .draft import Case, Draft
from .float_families import EVERY_CODE, EXACT, NEAR, TABLES, function
from .oracle import Arrays, Oracle, codes

MODELS = 3
"""Models drawn of each family."""

FLAGS = "-std=c99 -Wall -Wextra -Wconversion -Werror -ffp-contract=off -fno-sanitize-recover=all"
SPECIAL = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-45, 3.4e38, -3.4e38, 6, -1, 88.8, -104, 17, -9],
    np.float32,
)
EVERYWHERE = np.linspace(0, 2**32, 50000, endpoint=False).astype(np.uint32).view(np.float32)


# The largest error in units in the last place, over floats of every magnitude.
ERRORS: dict[str, tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], float]] = {
    "exp": (np.exp, 1.0),
    "tanh": (np.tanh, 1.8),
    "log": (np.log, 0.82),
    "sin": (np.sin, 0.57),
    "cos": (np.cos, 0.57),
    "sqrt": (np.sqrt, 0.5),
}


@dataclass(frozen=True, slots=True)
class Run:
    """A model, what it was given and what the generated code answered, once for each set."""

    case: Case
    inputs: Sequence[Arrays]
    answers: Sequence[NDArray[Any]]


def draw(name: str, family: Callable[[Draft], Tensor], number: int) -> Case:
    draft = Draft(Random(f"{name}/{number}"))
    return draft.case(family(draft))


def stimuli(data: bytes, number: int) -> list[Arrays]:
    """Inputs of a model; half of the float ones have infinities, zeros and no numbers in them."""
    generated = generate(data)
    for whole in (EVERY_CODE, EVERYWHERE):
        if generated.model.tensors[0].shape == whole.shape:
            return [(whole,)]
    plain = codes(generated.model, 5, number)
    rng = np.random.default_rng(number)
    return plain + [
        tuple(np.where(rng.random(x.shape) < 0.2, rng.choice(SPECIAL, x.shape), x) for x in given)
        for given in plain
        if all(x.dtype == np.float32 for x in given)
    ]


def execute(folder: Path, programs: Sequence[Program], given: Sequence[Sequence[Arrays]]) -> bytes:
    """Compile programs into one and run each as often as it has inputs; return all outputs."""
    compiler = host.require_compiler()
    source, body = ["#include <stdio.h>\n"], []
    for program, sets in zip(programs, given, strict=True):
        for path, text in program.files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(text)
        source += [f'#include "{program.prefix}.c"\n', "#undef AT\n"]
        source += ["#undef TB_NARROW\n"]
        reads = [f"fread({_place(program, port)}, stdin)" for port in program.inputs]
        writes = [f"fwrite({_place(program, port)}, stdout);" for port in program.outputs]
        body.append(
            f"  for (int i = 0; i < {len(sets)}; i++) {{\n    if ({' + '.join(reads)}"
            f" != {sum(port.nbytes for port in program.inputs)}) return 1;\n"
            f"    {program.prefix}_invoke();\n    {' '.join(writes)}\n  }}\n"
        )
    (folder / "main.c").write_text(
        "".join([*source, "int main(void) {\n", *body, "  return 0;\n}\n"])
    )
    command = [*compiler, *FLAGS.split(), "-O1", "main.c", "-o", "program"]
    subprocess.run(command, cwd=folder, check=True)
    stream = b"".join(x.tobytes() for sets in given for arrays in sets for x in arrays)
    done = subprocess.run([folder / "program"], input=stream, stdout=subprocess.PIPE, check=True)
    return done.stdout


def _place(program: Program, port: Any) -> str:
    return f"{program.prefix}_arena + {port.offset}, 1, {port.nbytes}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Run]]:
    """Every family's models and what the generated code answered."""
    families = {
        **EXACT,
        **{name: family for name, (family, _) in NEAR.items()},
        **{f"{name}_everywhere": function(name.upper(), EVERYWHERE.size) for name in ERRORS},
    }
    cases = [
        (name, draw(name, family, number))
        for name, family in families.items()
        for number in range(1 if name in TABLES or "everywhere" in name else MODELS)
    ]
    given = [stimuli(case.data, number) for number, (_, case) in enumerate(cases)]
    programs = [generate(case.data, f"m{i}").program for i, (_, case) in enumerate(cases)]
    said = execute(tmp_path_factory.mktemp("program"), programs, given)
    found: dict[str, list[Run]] = {name: [] for name in families}
    at = 0
    for (name, case), program, sets in zip(cases, programs, given, strict=True):
        port = program.outputs[0]
        answers = []
        for _ in sets:
            values = np.frombuffer(said, port.dtype, int(np.prod(port.shape)), at)
            answers.append(values.reshape(port.shape))
            at += port.nbytes
        found[name].append(Run(case, sets, answers))
    assert at == len(said)
    return found


def steps_apart(a: NDArray[Any], b: NDArray[Any]) -> int:
    """How many floats, or codes, are between two arrays at most; no number equals no number."""
    if a.dtype != np.float32:
        return int(np.abs(a.astype(np.int64) - b).max())
    bits = [np.asarray(x).view(np.int32).astype(np.int64) for x in (a, b)]
    ordered = [np.where(x < 0, -(x & 0x7FFFFFFF), x) for x in bits]
    return int(np.where(np.isnan(a) & np.isnan(b), 0, np.abs(ordered[0] - ordered[1])).max())


@pytest.mark.parametrize("name", EXACT)
def test_generated_code_gives_the_runtimes_bits(runs: dict[str, list[Run]], name: str) -> None:
    for run in runs[name]:
        ask = Oracle(run.case.data, 1)
        for given, answer in zip(run.inputs, run.answers, strict=True):
            assert steps_apart(answer, ask(given)[0]) == 0, run.case


@pytest.mark.parametrize("name", NEAR)
def test_transcendental_function_is_near_the_runtimes(
    runs: dict[str, list[Run]], name: str
) -> None:
    for run in runs[name]:
        ask = Oracle(run.case.data, 1)
        for given, answer in zip(run.inputs, run.answers, strict=True):
            assert steps_apart(answer, ask(given)[0]) <= NEAR[name][1], run.case


@pytest.mark.parametrize("name", ERRORS)
def test_function_is_near_the_truth(runs: dict[str, list[Run]], name: str) -> None:
    exact, bound = ERRORS[name]
    [run] = runs[f"{name}_everywhere"]
    finite = ~np.isnan(EVERYWHERE)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        truth = exact(EVERYWHERE[finite].astype(np.float64))
        rounded = truth.astype(np.float32)
    answer = run.answers[0][finite]

    within = np.isfinite(rounded)
    unit = np.spacing(np.abs(rounded[within])).astype(np.float64)
    error = np.abs(answer[within] - truth[within]) / unit
    np.testing.assert_array_equal(answer[~within], rounded[~within])
    assert error.max() <= bound
    assert np.isnan(run.answers[0][~finite]).all()
