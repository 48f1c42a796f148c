"""The text of a program: `model.c`, `model.h`, and the kernel files that they include."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from tinybench.codegen import emit
from tinybench.codegen.flow import ROUNDS
from tinybench.codegen.flow_source import every, flow_lines, is_limited
from tinybench.codegen.graph import Body, Call, Graph, Step
from tinybench.codegen.names import Names
from tinybench.codegen.plan import Plan
from tinybench.codegen.program import Port


class Writer:
    """Collects constants, one copy of equal ones, and the functions that use them."""

    def __init__(self, graph: Graph, planned: Plan, names: Names) -> None:
        self.graph, self.plan, self.names = graph, planned, names
        self.kernels: list[str] = []
        self.place = f"{names.upper}_AT({{}})"
        self.bodies: dict[int, str] = {}
        self.is_limited = False
        self.constants: list[str] = []
        self._named: dict[tuple[str, bytes], str] = {}
        self._by_identity: dict[int, str] = {}
        self._alive: list[Any] = []

    def source(self, steps: Sequence[Step], numbers: Sequence[int], sha256: str) -> str:
        self.is_limited = any(map(is_limited, every(steps)))
        rules = [
            (call.kernel, call.requantize)
            for step in every(steps)
            for call in step.calls
            if call.requantize is not None
        ]
        narrow = all(rule.narrow for _, rule in rules)
        ranges: dict[str, tuple[str, ...]] = {}
        for kernel, rule in rules:
            common = ranges.get(kernel, rule.ranges)
            ranges[kernel] = tuple(name for name in common if name in rule.ranges)
        defined = "".join(
            f"#define TB_{kernel.upper()}_RANGE {(*common, 'TB_RANGE_ANY')[0]}\n"
            for kernel, common in sorted(ranges.items())
        )
        functions = [
            self._function(step, number, position, narrow=narrow)
            for position, (step, number) in enumerate(zip(steps, numbers, strict=True))
        ]
        # C has no empty array: a model of aliases only has a table of one null pointer.
        table = ",\n    ".join([name for name, _ in functions] or ["0"])
        includes = "".join(f'#include "kernels/tb_{name}.h"\n' for name in sorted(self.kernels))
        prefix, upper, arena = self.names.prefix, self.names.upper, self.names.arena
        own_arena = f"uint8_t {arena}[{upper}_ARENA_BYTES] TB_ALIGN(16);\n\n"
        parts = [
            f'/* {stated(sha256)}. Do not edit. */\n#include "{prefix}.h"\n\n'
            "/* Proved when it was generated; see kernels/tb_requantize.h. */\n"
            f"#define TB_NARROW {int(narrow)}\n{defined}\n"
            f'#include "kernels/tb_types.h"\n{includes}\n'
            f"{'' if self.names.shared_arena else own_arena}"
            f"#define {upper}_AT(offset) TB_AT({arena}, offset)\n"
            f"{self._state()}",
            f"uint32_t {prefix}_overruns;\n" if self.is_limited else "",
            *self.constants,
            *self.bodies.values(),
            *(text for _, text in functions),
            f"void (*const {prefix}_operators[])(void) = {{\n    {table}}};\n",
            f"void {prefix}_invoke(void) {{\n"
            + (
                f"  for (int i = 0; i < {upper}_OPERATORS; i++) {{\n"
                f"    {prefix}_operators[i]();\n  }}\n"
                if functions
                else ""
            )
            + "}\n",
            self._reset(),
        ]
        return self.names.own("\n".join(part for part in parts if part))

    def _function(self, step: Step, number: int, position: int, *, narrow: bool) -> tuple[str, str]:
        name = f"{self.names.prefix}_{position}_{emit.identifier(step.operator.name)}"
        structs, lines = self.statements(step, number, name, narrow=narrow)
        return name, (
            f"/* Operator {self._about(step)} */\n"
            f"{''.join(structs)}static void {name}(void) {{\n{''.join(lines)}}}\n"
        )

    def _about(self, step: Step) -> str:
        # One without outputs changes a state.
        about, indexes = "computes", step.operator.outputs
        if not indexes:
            about, indexes = "keeps", step.operator.inputs[-1:]
        names = ", ".join(_comment(self.graph.tensor(i).name) for i in indexes if i >= 0)
        return f"{step.operator.index}, {step.operator.name}: {about} {names}."

    def statements(
        self, step: Step, number: int, name: str, *, narrow: bool
    ) -> tuple[list[str], list[str]]:
        """The parameters of what a step calls, and the lines that call it."""
        structs, calls = [], []
        for i, call in enumerate(step.calls):
            if call.kernel not in self.kernels:
                self.kernels.append(call.kernel)
            parameters = f"{name}_parameters" + (f"_{i}" if len(step.calls) > 1 else "")
            structs.append(self._struct(call, parameters, name, narrow=narrow))
            arguments = [self.pointer(index, name) for index in call.arguments]
            if call.scratch:
                arguments.append(self.at(self.plan.scratch[number]))
            calls.append(f"  tb_{call.kernel}({', '.join([f'&{parameters}', *arguments])});\n")
        if step.bodies:
            for body in step.bodies:
                self._add(body, narrow=narrow)
            calls += flow_lines(self, step, number, name)
        return structs, calls

    def _add(self, body: Body, *, narrow: bool) -> None:
        """Write the function of a subgraph, once, behind those of the subgraphs that it runs."""
        index = body.graph.model.subgraph
        if index in self.bodies:
            return
        name = self.subgraph(index)
        outer = self.graph, self.plan, self.place
        self.graph, self.plan, self.place = body.graph, body.plan, "TB_AT(frame, {})"
        structs, lines = [], []
        for number, step in enumerate(body.steps):
            if step.runs:
                some, calls = self.statements(step, number, f"{name}_{number}", narrow=narrow)
                structs += some
                lines += [f"  /* {self._about(step)} */\n", *calls]
        self.graph, self.plan, self.place = outer
        if not any("frame" in line for line in lines):
            lines.insert(0, "  (void)frame;\n")
        about = _comment(body.graph.model.subgraphs[index].name)
        self.bodies[index] = (
            f"/* Subgraph {index}, {about}, in memory of the operator that runs it. */\n"
            f"{''.join(structs)}static void {name}(uint8_t *frame) {{\n{''.join(lines)}}}\n"
        )

    def subgraph(self, index: int) -> str:
        """The function of a subgraph that operators run."""
        return f"{self.names.prefix}_subgraph_{index}"

    def _struct(self, call: Call, parameters: str, name: str, *, narrow: bool) -> str:
        fields: dict[str, Any] = {}
        for key, value in call.fields.items():
            fields[key] = value
            # Its place in the structs, whose members are initialized in their order.
            if key == "bias" and call.requantize is not None:
                fields["requantize"] = call.requantize.fields(narrow=narrow)
        for path, values in emit.arrays_of(fields):
            self._by_identity[id(values)] = self._constant(f"{name}_{path}", values)
        self._alive.append(fields)  # identities are unique among what lives
        body = emit.members(fields, self._by_identity)
        return f"static const struct tb_{call.kernel} {parameters} = {{\n{body}}};\n"

    def _state(self) -> str:
        """The memory of states; nothing for a model that keeps none."""
        prefix, upper = self.names.prefix, self.names.upper
        if not self.graph.state.nbytes:
            return ""
        return (
            f"\nuint8_t {prefix}_state[{upper}_STATE_BYTES] TB_ALIGN(16);\n\n"
            f"#define {upper}_STATE_AT(offset) TB_AT({prefix}_state, offset)\n"
        )

    def _reset(self) -> str:
        prefix = self.names.prefix
        lines, constants = [], []
        for at, size, values in self.graph.state.runs():
            to = f"{prefix}_state + {at}" if at else f"{prefix}_state"
            if len(values) == 1:
                lines.append(f"  memset({to}, {values[0]}, {size});\n")
            else:
                name = f"{prefix}_first_{at}"
                constants.append(emit.array(name, np.frombuffer(values, np.uint8)) + "\n")
                lines.append(f"  memcpy({to}, {name}, {size});\n")
        body = f"void {prefix}_reset(void) {{\n{''.join(lines)}}}\n"
        return "".join(constants) + body if lines else ""

    def pointer(self, index: int, name: str) -> str:
        """Where a tensor is: in the state, in the arena, or an array of its own."""
        return self._place(self.graph, self.plan, 0, index, name)

    def port(self, body: Body, start: int, index: int, name: str) -> str:
        """Where a tensor of a subgraph is, whose memory begins at `start` of the caller's."""
        return self._place(body.graph, body.plan, start, index, name)

    def _place(self, graph: Graph, planned: Plan, start: int, index: int, name: str) -> str:
        if index in graph.states:
            return f"{self.names.upper}_STATE_AT({graph.states[index]})"
        constant = graph.constant(index)
        if constant is None:
            return self.at(start + planned.offsets[index])
        return self._constant(f"{name}_tensor_{index}", np.ascontiguousarray(constant))

    def at(self, offset: int) -> str:
        """A place in the memory of the graph that is being written."""
        return self.place.format(offset)

    def _constant(self, name: str, values: Any) -> str:
        key = (str(values.dtype), values.tobytes())
        if key not in self._named:
            taken = set(self._named.values())
            while name in taken:
                name += "_"
            self._named[key] = name
            self.constants.append(emit.array(name, values))
        return self._named[key]


def _comment(text: str) -> str:
    """A tensor's name, fit for a C comment on one line."""
    shown = "".join(c if c.isprintable() and c.isascii() else "?" for c in text)
    return shown[:60].replace("*/", "* /").replace("/*", "/ *").replace("\\", "?")


def kernel_files(wanted: Sequence[str], names: Names) -> dict[str, bytes]:
    """The kernel files that are included, directly or by another, under this model's names."""
    folder = resources.files("tinybench.codegen") / "kernels"
    found: dict[str, bytes] = {}
    queue = ["tb_types.h", *(f"tb_{name}.h" for name in wanted)]
    while queue:
        name = queue.pop()
        if name not in found:
            found[name] = (folder / name).read_bytes()
            queue += re.findall(r'^#include "(tb_\w+\.h)"', found[name].decode(), re.MULTILINE)
    return {names.own(name): names.own(found[name].decode()).encode() for name in sorted(found)}


def header(
    names: Names,
    ports: dict[str, tuple[Port, ...]],
    operators: int,
    planned: Plan,
    sha256: str,
    *,
    state_bytes: int = 0,
    limited: bool = False,
) -> str:
    """The text of `model.h`."""
    prefix, upper = names.prefix, names.upper
    size = max(planned.arena_bytes, 1)
    lines = [
        "#include <stdint.h>",
        "",
        "/* Bytes of all activations and scratch memory; the most alive at once needs"
        f" {planned.lower_bound}. */",
        f"#define {upper}_ARENA_BYTES {size}",
    ]
    declared = [f"extern uint8_t {names.arena}[{upper}_ARENA_BYTES];"]
    if names.shared_arena:
        lines += ["", *_shared_size(f"{names.arena.upper()}_BYTES", size, names)]
        declared = [f"extern uint8_t {names.arena}[];"]
    if state_bytes:
        lines += [
            "/* Bytes that are kept from one inference to the next, beside the arena. */",
            f"#define {upper}_STATE_BYTES {state_bytes}",
        ]
        declared.append(f"extern uint8_t {prefix}_state[{upper}_STATE_BYTES];")
    declared += [
        "",
        "/* What the call runs, in order: for a profile. */",
        f"extern void (*const {prefix}_operators[])(void);",
        "",
        "/* One inference. */",
        f"void {prefix}_invoke(void);",
    ]
    if state_bytes:
        declared += [
            "",
            "/* Gives the state its first values: before the first inference, and wherever",
            " * another sequence begins. */",
            f"void {prefix}_reset(void);",
        ]
    if limited:
        lines += _rounds(names)
        declared.append(f"extern uint32_t {prefix}_overruns;")
    lines.append("")
    for kind, some in ports.items():
        lines.append(f"#define {upper}_{kind}S {len(some)}")
        for i, port in enumerate(some):
            name = f"{upper}_{kind}_{i}"
            shape = "x".join(map(str, port.shape)) or "scalar"
            pointer = f"(({emit.C_TYPES[port.dtype]} *)(void *)({names.arena} + {port.offset}))"
            elements = port.nbytes // np.dtype(port.dtype).itemsize
            lines += [
                f"/* {_comment(port.name)}: {port.dtype} {shape} */",
                f"#define {name} {pointer}",
                f"#define {name}_ELEMENTS {elements}",
                f"#define {name}_BYTES {port.nbytes}",
            ]
        lines.append("")
    lines += [f"#define {upper}_OPERATORS {operators}", "", *emit.linkage(declared)]
    about = [
        f"/* {stated(sha256)}. Do not edit.",
        " *",
        " * Write the inputs, call the function, read the outputs. They are parts of one buffer,",
        " * which the call overwrites: write all inputs before each call. */",
    ]
    return "\n".join([*about, *emit.guarded(f"{upper}_H", names.taken, sha256, lines)])


def _rounds(names: Names) -> list[str]:
    macro = f"{names.upper}_LOOP_ROUNDS"
    return [
        "/* A loop that nothing proves to end is left after so many rounds, with the values of",
        f" * the last, and {names.prefix}_overruns counts one more: yours to check and clear. */",
        f"#if !defined({macro})",
        f"#define {macro} {ROUNDS}u",
        "#endif",
    ]


def _shared_size(macro: str, size: int, names: Names) -> list[str]:
    return [
        "/* The arena is yours to define, once, for all models that share it. This is what the",
        " * largest of those needs whose headers are included so far:",
        " *",
        f" *   uint8_t {names.arena}[{macro}] __attribute__((aligned(16)));",
        " *",
        " * Another model's call overwrites this one's inputs and outputs. */",
        f"#if !defined({macro})",
        f"#define {macro} {size}",
        f"#elif {macro} < {size}",
        f"#undef {macro}",
        f"#define {macro} {size}",
        "#endif",
    ]


def stated(sha256: str) -> str:
    """Where a file comes from."""
    return f"generated by tinybench from a model with SHA-256 {sha256}"
