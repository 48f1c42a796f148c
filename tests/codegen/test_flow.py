"""IF and WHILE: subgraphs that operators run, and what is refused of them in one line."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.boards import BOARDS, BoardError, counted
from tinybench.codegen import UnsupportedError, generate, lacking, refusals
from tinybench.tflite.loops import rounds

from ..components import require
from . import host
from .builder import Graph, Op, Tensor, build
from .edits import edited, edits
from .flow_families import FAMILIES
from .oracle import Oracle
from .strategies import sample
from .test_hostile import attempt

X, COUNT, TRUTH = (2,), (), ()


def value(dtype: str = "float32", shape: tuple[int, ...] = X) -> Tensor:
    return Tensor(shape, dtype)


def number(data: int | None = None, dtype: str = "int32") -> Tensor:
    return Tensor(COUNT, dtype, data=data)


def relu() -> Graph:
    x, y = value(), value()
    return Graph([x], [Op("RELU", [x], [y])], [y])


def choosing(then: int, otherwise: int) -> Graph:
    choice, x, y = Tensor((1,), "bool"), value(), value()
    options: dict[str, Any] = {"then_subgraph_index": then, "else_subgraph_index": otherwise}
    return Graph([choice, x], [Op("IF", [choice, x], [y], **options)], [y])


def chosen(*others: Graph, then: int = 1, otherwise: int = 2) -> bytes:
    main = choosing(then, otherwise)
    return build(main.inputs, main.ops, main.outputs, others)


def counting(
    *,
    first: int | None = 0,
    last: int = 5,
    step: int = 1,
    test: str = "LESS",
    by: str = "ADD",
    end: Tensor | None = None,
) -> bytes:
    """A loop whose body doubles a value, with a counter from `first` to `last`."""
    x, i = value(), number(first)
    results = [number(), value()]
    options: dict[str, Any] = {"cond_subgraph_index": 1, "body_subgraph_index": 2}
    loop = Op("WHILE", [i, x], results, **options)
    check_i, check_x, truth = number(), value(), Tensor(TRUTH, "bool")
    check = Op(test, [check_i, end or number(last)], [truth])
    body_i, body_x, next_i, next_x = number(), value(), number(), value()
    ops = [
        Op(by, [body_i, number(step)], [next_i]),
        Op("ADD", [body_x, body_x], [next_x]),
    ]
    others = [
        Graph([check_i, check_x], [check], [truth]),
        Graph([body_i, body_x], ops, [next_i, next_x]),
    ]
    return build([x] if first is not None else [i, x], [loop], results, others)


def halving() -> bytes:
    """A loop that ends when its value is small: nothing proves when."""
    x, y = value(shape=(1,)), value(shape=(1,))
    loop = Op("WHILE", [x], [y], cond_subgraph_index=1, body_subgraph_index=2)
    seen, small, truth = (
        value(shape=(1,)),
        Tensor((1,), "float32", data=[1.0]),
        Tensor((1,), "bool"),
    )
    before, after = value(shape=(1,)), value(shape=(1,))
    half = Tensor((1,), "float32", data=[0.5])
    others = [
        Graph([seen], [Op("GREATER", [seen, small], [truth])], [truth]),
        Graph([before], [Op("MUL", [before, half], [after])], [after]),
    ]
    return build([x], [loop], [y], others)


def loop_of(data: bytes) -> tuple[tflite.Model, tflite.Operator]:
    model = tflite.read(data)
    return model, model.operators[0]


def test_a_branch_that_two_operators_run_is_written_once() -> None:
    choice, x, y, z = Tensor((1,), "bool"), value(), value(), value()
    options: dict[str, Any] = {"then_subgraph_index": 1, "else_subgraph_index": 2}
    ops = [Op("IF", [choice, x], [y], **options), Op("IF", [choice, y], [z], **options)]
    made = generate(build([choice, x], ops, [z], [relu(), relu()]))
    source = made.program.files["model.c"].decode()

    assert made.program.operators == ("IF", "IF")
    assert source.count("static void model_subgraph_1(uint8_t *frame) {") == 1
    assert source.count("model_subgraph_1(MODEL_AT(") == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 5),
        ({"test": "LESS_EQUAL"}, 6),
        ({"step": 2}, 3),
        ({"first": 7}, 0),
        ({"first": 9, "last": 2, "test": "GREATER", "by": "SUB"}, 7),
        ({"first": 9, "last": 2, "test": "GREATER_EQUAL", "step": -1}, 8),
        ({"first": None}, None),
        ({"step": 0}, None),
        ({"step": -1}, None),
        ({"last": 2**31 - 1, "step": 2}, None),
        ({"test": "EQUAL"}, None),
    ],
)
def test_the_rounds_of_a_loop_that_counts_are_known(
    options: dict[str, Any], expected: int | None
) -> None:
    assert rounds(*loop_of(counting(**options))) == expected


def test_a_loop_that_is_known_to_end_has_no_limit() -> None:
    program = generate(counting()).program

    assert b"LOOP_ROUNDS" not in program.files["model.h"]
    assert b"for (;;)" in program.files["model.c"]


def test_a_loop_by_values_gives_the_runtimes_bytes(tmp_path: Path) -> None:
    host.require_compiler()
    program, oracle = generate(halving()).program, Oracle(halving(), 1)
    x = np.array([[1.0], [0.0], [3.7], [1e30]], np.float32)

    [rows] = host.build([program], tmp_path).run([x.view(np.uint8)])

    assert rows.tobytes() == b"".join(oracle([row])[0].tobytes() for row in x)
    assert "#define MODEL_LOOP_ROUNDS 1000000u" in program.files["model.h"].decode()


MAIN = """
#include <stdio.h>
#include "model.h"
int main(void) {
  MODEL_INPUT_0[0] = 64.0f;
  model_invoke();
  printf("%g %u\\n", (double)MODEL_OUTPUT_0[0], (unsigned)model_overruns);
  return 0;
}
"""


@pytest.mark.parametrize(("limit", "said"), [(3, "8 1"), (6, "1 0"), (10, "1 0")])
def test_a_loop_without_end_is_left_and_counted(limit: int, said: str, tmp_path: Path) -> None:
    command = host.require_compiler()
    for name, data in generate(halving()).program.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "main.c").write_text(MAIN)
    arguments = [*host.WARNINGS, f"-DMODEL_LOOP_ROUNDS={limit}u", "main.c", "model.c", "-o", "run"]
    subprocess.run([*command, *arguments], cwd=tmp_path, check=True)

    done = subprocess.run([tmp_path / "run"], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == said


@pytest.mark.parametrize("machine", ["cortex-m0plus", "rv32imc"])
def test_boards_say_that_a_loop_was_left(machine: str) -> None:
    require(machine)
    program = generate(halving()).program
    header = program.files["model.h"].replace(b"1000000u", b"3u")
    program = replace(program, files={**program.files, "model.h": header})
    image = BOARDS.get(machine).build(program)
    values = [np.array([[value]], np.float32).view(np.uint8) for value in (2.0, 64.0)]

    with BOARDS.get(machine).start(image) as session:
        [found] = session.run(values[:1])
        counted(session, values[1:])
        with pytest.raises(BoardError, match="a loop of the model was left: it did not end"):
            session.run(values[1:])

    assert found.view(np.float32).tolist() == [[1.0]]


def deep(levels: int) -> bytes:
    graphs = [choosing(level + 2, level + 2) for level in range(levels)]
    # Each of them passes its own condition on.
    inner = [Graph(graph.inputs[1:], [_always(graph.ops[0])], graph.outputs) for graph in graphs]
    return chosen(*inner, relu(), otherwise=1)


def _always(op: Op) -> Op:
    truth = Tensor((1,), "bool", data=np.array([True]))
    return Op("IF", [truth, *op.inputs[1:]], op.outputs, **op.options)


def test_subgraphs_in_subgraphs_are_run() -> None:
    assert generate(deep(14)).program.operators == ("IF",)


def itself() -> Graph:
    """A branch that runs itself, number 1."""
    graph = choosing(1, 1)
    return Graph(graph.inputs[1:], [_always(graph.ops[0])], graph.outputs)


def wrong_branch(*inputs: Tensor, outputs: tuple[Tensor, ...] | None = None) -> Graph:
    return Graph(inputs, [], outputs if outputs is not None else inputs[:1])


def endless() -> bytes:
    """A condition that is a constant."""
    x, y, seen, before, after = (value() for _ in range(5))
    loop = Op("WHILE", [x], [y], cond_subgraph_index=1, body_subgraph_index=2)
    truth = Tensor((1,), "bool", data=np.array([True]))
    body = Graph([before], [Op("ADD", [before, before], [after])], [after])
    return build([x], [loop], [y], [Graph([seen], [], [truth]), body])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (chosen(relu()), r"operator 0 \(IF\): subgraph 2 is none of 2$"),
        (chosen(relu(), relu(), then=-1), r"operator 0 \(IF\): subgraph -1 is none of 3$"),
        (chosen(relu(), otherwise=0), r"operator 0 \(IF\): subgraph 0 runs itself$"),
        (
            chosen(itself(), relu()),
            r"operator 0 \(IF\): subgraph 1: operator 0 \(IF\): subgraph 1 runs itself$",
        ),
        (deep(20), "subgraphs run one in another more than 16 deep$"),
        (chosen(relu(), wrong_branch(value(), value())), "the inputs of subgraph 2 are 2, not 1$"),
        (
            chosen(relu(), wrong_branch(value(), outputs=())),
            "the outputs of subgraph 2 are 0, not 1$",
        ),
        (
            chosen(relu(), wrong_branch(value(shape=(3,)))),
            r"tensor 0 \(t0\) of the inputs of subgraph 2 is float32 3, not float32 2 as tensor 1",
        ),
        (
            chosen(relu(), wrong_branch(value("int32"))),
            r"tensor 0 \(t0\) of the inputs of subgraph 2 is int32 2, not float32 2 as tensor 1",
        ),
        (endless(), r"operator 0 \(WHILE\): a loop without end: no round changes its condition$"),
        (counting(last=2**31 - 2), "it runs 2,147,483,646 rounds; at most 1,000,000 are allowed$"),
    ],
)
def test_what_is_wrong_with_a_subgraph_is_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as error:
        generate(data)

    assert str(error.value).isprintable()


def test_refusals_are_those_of_bodies_too() -> None:
    x, y = value(), value()
    body = Graph([x], [Op("DENSIFY", [x], [y])], [y])
    model = tflite.read(chosen(relu(), body))

    assert lacking(model) == ["DENSIFY"]
    [reason] = refusals(model)
    assert reason.startswith("operator 0 (IF): subgraph 2: operator 0 (DENSIFY): the generator has")


def test_what_changes_a_variable_runs_though_nobody_reads_its_outputs() -> None:
    """A branch assigns; the model's output does not depend on what it returns."""
    choice, x, unused, handle, y = (
        Tensor((1,), "bool"),
        value(),
        value(),
        Tensor((), "resource"),
        value(),
    )

    def named(resource: Tensor) -> Op:
        return Op("VAR_HANDLE", [], [resource], shared_name="v", container="")

    def assigning() -> Graph:
        given, inner = value(), Tensor((), "resource")
        return Graph([given], [named(inner), Op("ASSIGN_VARIABLE", [inner, given], [])], [given])

    options: dict[str, Any] = {"then_subgraph_index": 1, "else_subgraph_index": 2}
    ops = [
        named(handle),
        Op("READ_VARIABLE", [handle], [y]),
        Op("IF", [choice, x], [unused], **options),
    ]
    made = generate(build([choice, x], ops, [y], [assigning(), relu()]))

    assert made.program.operators[-1] == "IF"


@pytest.mark.parametrize("family", FAMILIES)
def test_one_value_of_a_subgraph_is_another(family: str) -> None:
    [case] = sample(family, 1, seed=9)
    chosen = [edit for edit in edits(case.data) if edit[0].startswith("subgraph")]
    Random(family).shuffle(chosen)

    for name, change in chosen[:40]:
        try:
            attempt(edited(case.data, change))
        except BaseException as error:
            raise AssertionError(f"{case}: {name}") from error
