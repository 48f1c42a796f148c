"""Custom operators for which nothing runs here: decoded before, or made for another processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.decode import DECODE, decoded
from tinybench.codegen.graph import Graph, Step, UnsupportedError, refuse
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

HARDWARE = {
    "ethos-u": "a command stream for Arm's Ethos-U; it needs that processor",
    "XC_": "an instruction for XMOS' xcore processors and their runtime; it needs one of them",
    "edgetpu-custom-op": "a program for Google's Edge TPU; it needs that processor",
    "DISPATCH_OP": "a program for an accelerator that LiteRT hands on; it needs that processor",
}
"""Why a custom operator cannot run, by what its name begins with."""


def decode(graph: Graph, operator: Operator) -> Step:
    """What could not be decoded when the program was generated: refuse it."""
    decoded(graph, operator)
    raise refuse(operator, "what it decodes is no constant")


def unknown(graph: Graph, operator: Operator) -> UnsupportedError:
    """Why an operator without a kernel is refused."""
    _, _, custom = operator.name.partition("CUSTOM:")
    for begins, reason in HARDWARE.items():
        if custom.startswith(begins):
            return refuse(operator, reason)
    known = [label(graph.tensor(i)) for i in operator.outputs[:1]] or ["no output"]
    return refuse(operator, f"the generator has no kernel for it; it computes {known[0]}")


LOWERINGS = {DECODE: decode}
