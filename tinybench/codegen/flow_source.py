"""The text of IF and WHILE: what is copied into the memory of a subgraph, and out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from tinybench.codegen.graph import Body, Graph, Step
from tinybench.codegen.names import Names
from tinybench.codegen.plan import Plan


class Places(Protocol):
    """What tells how tensors and functions are called in C."""

    graph: Graph
    plan: Plan
    names: Names

    def at(self, offset: int) -> str: ...
    def pointer(self, index: int, name: str) -> str: ...
    def port(self, body: Body, start: int, index: int, name: str) -> str: ...
    def subgraph(self, index: int) -> str: ...


def every(steps: Sequence[Step]) -> Iterator[Step]:
    """All steps, those of the subgraphs that they run among them, each once."""
    seen: set[int] = set()
    waiting = [*steps]
    while waiting:
        step = waiting.pop(0)
        yield step
        for body in step.bodies:
            if body.graph.model.subgraph not in seen:
                seen.add(body.graph.model.subgraph)
                waiting += body.steps


def is_limited(step: Step) -> bool:
    """Whether a step is a loop whose end nothing proves."""
    return step.operator.name == "WHILE" and step.rounds is None


def flow_lines(writer: Places, step: Step, number: int, name: str) -> list[str]:
    """The statements of an IF or WHILE."""
    start = writer.plan.scratch.get(number, 0)
    frames = [
        _Frame(writer, body, start, f"{name}_subgraph_{i}") for i, body in enumerate(step.bodies)
    ]
    given = [writer.pointer(index, name) for index in step.operator.inputs]
    results = [writer.pointer(index, name) for index in step.operator.outputs]
    if step.operator.name == "IF":
        return _branches(frames, given[0], given[1:], results)
    copied = [line[2:] for line in _copies(results, given, frames[0].sizes)]
    return [*copied, *_loop(frames, results, writer.names if is_limited(step) else None)]


class _Frame:
    """A subgraph with its memory, which is a part of its caller's."""

    def __init__(self, writer: Places, body: Body, start: int, name: str) -> None:
        model = body.graph.model
        self.inputs = [writer.port(body, start, index, name) for index in model.inputs]
        self.outputs = [writer.port(body, start, index, name) for index in model.outputs]
        self.sizes = [model.tensors[index].nbytes or 0 for index in model.inputs]
        self.given = [model.tensors[index].nbytes or 0 for index in model.outputs]
        self.call = f"    {writer.subgraph(model.subgraph)}({writer.at(start)});\n"

    def run(self, inputs: Sequence[str]) -> list[str]:
        return [*_copies(self.inputs, inputs, self.sizes), self.call]

    def results(self, outputs: Sequence[str]) -> list[str]:
        return _copies(outputs, self.outputs, self.given)


def _branches(
    frames: Sequence[_Frame], condition: str, inputs: Sequence[str], outputs: Sequence[str]
) -> list[str]:
    then, otherwise = ([*frame.run(inputs), *frame.results(outputs)] for frame in frames)
    return [f"  if ({_truth(condition)}) {{\n", *then, "  } else {\n", *otherwise, "  }\n"]


def _loop(frames: Sequence[_Frame], values: Sequence[str], limited: Names | None) -> list[str]:
    condition, body = frames
    limit = (
        [
            f"    if (rounds == {limited.upper}_LOOP_ROUNDS) {{\n",
            f"      {limited.prefix}_overruns++;\n      break;\n    }}\n",
        ]
        if limited
        else []
    )
    return [
        "  for (uint32_t rounds = 0;; rounds++) {\n" if limited else "  for (;;) {\n",
        *condition.run(values),
        f"    if (!{_truth(condition.outputs[0])}) {{\n      break;\n    }}\n",
        *limit,
        *body.run(values),
        *body.results(values),
        "  }\n",
    ]


def _truth(pointer: str) -> str:
    return f"*(const uint8_t *){pointer}"


def _copies(to: Sequence[str], given: Sequence[str], sizes: Sequence[int]) -> list[str]:
    return [
        f"    memcpy({target}, {source}, {size});\n"
        for target, source, size in zip(to, given, sizes, strict=True)
        if size and target != source
    ]
