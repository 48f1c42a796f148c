"""The text of a program: `model.c`, `model.h`, and the kernel files that they include."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from tinybench.codegen import emit
from tinybench.codegen.graph import Call, Graph, Step
from tinybench.codegen.plan import Plan
from tinybench.codegen.program import Port


class Writer:
    """Collects constants, one copy of equal ones, and the functions that use them."""

    def __init__(self, graph: Graph, planned: Plan, prefix: str) -> None:
        self.graph, self.plan, self.prefix = graph, planned, prefix
        self.kernels: list[str] = []
        self.constants: list[str] = []
        self._names: dict[tuple[str, bytes], str] = {}
        self._by_identity: dict[int, str] = {}
        self._alive: list[Any] = []

    def source(self, steps: Sequence[Step], numbers: Sequence[int], stated: str) -> str:
        rules = [
            (call.kernel, call.requantize)
            for step in steps
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
        upper = self.prefix.upper()
        parts = [
            f'/* {stated}. Do not edit. */\n#include "{self.prefix}.h"\n\n'
            "/* Proved when it was generated; see kernels/tb_requantize.h. */\n"
            f"#define TB_NARROW {int(narrow)}\n{defined}\n"
            f'#include "kernels/tb_types.h"\n{includes}\n'
            f"uint8_t {self.prefix}_arena[{upper}_ARENA_BYTES] TB_ALIGN(16);\n\n"
            f"#define AT(offset) ((void *)({self.prefix}_arena + (offset)))\n",
            *self.constants,
            *(text for _, text in functions),
            f"void (*const {self.prefix}_operators[])(void) = {{\n    {table}}};\n",
            f"void {self.prefix}_invoke(void) {{\n"
            + (
                f"  for (int i = 0; i < {upper}_OPERATORS; i++) {{\n"
                f"    {self.prefix}_operators[i]();\n  }}\n"
                if functions
                else ""
            )
            + "}\n",
        ]
        return "\n".join(part for part in parts if part)

    def _function(self, step: Step, number: int, position: int, *, narrow: bool) -> tuple[str, str]:
        name = f"{self.prefix}_{position}_{emit.identifier(step.operator.name)}"
        structs, calls = [], []
        for i, call in enumerate(step.calls):
            if call.kernel not in self.kernels:
                self.kernels.append(call.kernel)
            parameters = f"{name}_parameters" + (f"_{i}" if len(step.calls) > 1 else "")
            structs.append(self._struct(call, parameters, name, narrow=narrow))
            arguments = [self._pointer(index, name) for index in call.arguments]
            if call.scratch:
                arguments.append(f"AT({self.plan.scratch[number]})")
            calls.append(f"  tb_{call.kernel}({', '.join([f'&{parameters}', *arguments])});\n")
        outputs = ", ".join(_comment(self.graph.tensor(i).name) for i in step.operator.outputs)
        return name, (
            f"/* Operator {step.operator.index}, {step.operator.name}: computes {outputs}. */\n"
            f"{''.join(structs)}static void {name}(void) {{\n{''.join(calls)}}}\n"
        )

    def _struct(self, call: Call, parameters: str, name: str, *, narrow: bool) -> str:
        fields: dict[str, Any] = dict(call.fields)
        if call.requantize is not None:
            fields["requantize"] = call.requantize.fields(narrow=narrow)
        for path, values in emit.arrays_of(fields):
            self._by_identity[id(values)] = self._constant(f"{name}_{path}", values)
        self._alive.append(fields)  # identities are unique among what lives
        body = emit.members(fields, self._by_identity)
        return f"static const struct tb_{call.kernel} {parameters} = {{\n{body}}};\n"

    def _pointer(self, index: int, name: str) -> str:
        constant = self.graph.constant(index)
        if constant is None:
            return f"AT({self.plan.offsets[index]})"
        return self._constant(f"{name}_tensor_{index}", np.ascontiguousarray(constant))

    def _constant(self, name: str, values: Any) -> str:
        key = (str(values.dtype), values.tobytes())
        if key not in self._names:
            taken = set(self._names.values())
            while name in taken:
                name += "_"
            self._names[key] = name
            self.constants.append(emit.array(name, values))
        return self._names[key]


def _comment(text: str) -> str:
    """A tensor's name, fit for a C comment on one line."""
    shown = "".join(c if c.isprintable() and c.isascii() else "?" for c in text)
    return shown[:60].replace("*/", "* /").replace("/*", "/ *").replace("\\", "?")


def kernel_files(wanted: Sequence[str]) -> dict[str, bytes]:
    """The kernel files that are included, directly or by another."""
    folder = resources.files("tinybench.codegen") / "kernels"
    found: dict[str, bytes] = {}
    queue = ["tb_types.h", *(f"tb_{name}.h" for name in wanted)]
    while queue:
        name = queue.pop()
        if name not in found:
            found[name] = (folder / name).read_bytes()
            queue += re.findall(r'^#include "(tb_\w+\.h)"', found[name].decode(), re.MULTILINE)
    return dict(sorted(found.items()))


def header(
    prefix: str, ports: dict[str, tuple[Port, ...]], operators: int, planned: Plan, stated: str
) -> str:
    upper = prefix.upper()
    lines = [
        f"/* {stated}. Do not edit.",
        " *",
        " * Write the inputs, call the function, read the outputs. They are parts of one buffer,",
        " * which the call overwrites: write all inputs before each call. */",
        f"#ifndef {upper}_H",
        f"#define {upper}_H",
        "",
        "#include <stdint.h>",
        "",
        "/* Bytes of all activations and scratch memory; the most alive at once needs"
        f" {planned.lower_bound}. */",
        f"#define {upper}_ARENA_BYTES {max(planned.arena_bytes, 1)}",
        f"extern uint8_t {prefix}_arena[{upper}_ARENA_BYTES];",
        "",
    ]
    for kind, some in ports.items():
        lines.append(f"#define {upper}_{kind}S {len(some)}")
        for i, port in enumerate(some):
            name = f"{upper}_{kind}_{i}"
            shape = "x".join(map(str, port.shape)) or "scalar"
            pointer = f"(({emit.C_TYPES[port.dtype]} *)(void *)({prefix}_arena + {port.offset}))"
            elements = port.nbytes // np.dtype(port.dtype).itemsize
            lines += [
                f"/* {_comment(port.name)}: {port.dtype} {shape} */",
                f"#define {name} {pointer}",
                f"#define {name}_ELEMENTS {elements}",
                f"#define {name}_BYTES {port.nbytes}",
            ]
        lines.append("")
    lines += [f"#define {upper}_OPERATORS {operators}"]
    lines += [
        "/* What the call runs, in order: for a profile. */",
        f"extern void (*const {prefix}_operators[])(void);",
    ]
    lines += ["", "/* One inference. */", f"void {prefix}_invoke(void);", "", "#endif", ""]
    return "\n".join(lines)
