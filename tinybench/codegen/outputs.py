"""Outputs of a model that nothing computes: constants, which each inference copies anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Step, UnsupportedError
from tinybench.codegen.states import block
from tinybench.tflite.model import Operator, label

if TYPE_CHECKING:
    from tinybench.codegen.graph import Graph

NAME = "CONSTANT"
"""How the step is called where operators are listed."""


def constant_outputs(graph: Graph) -> list[Step]:
    """Steps that copy the constants among the outputs into the arena, where callers read them.

    The graph then has a tensor of its own for each, as its output: other models and other tensors
    may overwrite the arena between two inferences.
    """
    steps = []
    for index in dict.fromkeys(graph.model.outputs):
        value = graph.constant(index)
        if value is None:
            continue
        model, tensor = graph.model, graph.tensor(index)
        if not tensor.elements or not np.isfinite(value).all():
            raise UnsupportedError(f"{label(tensor)}: an output that is empty or not finite")
        copied = replace(tensor, index=len(model.tensors), data=None)
        operator = Operator(len(model.operators), NAME, 1, (index,), (copied.index,), None)
        graph.model = replace(
            model,
            tensors=(*model.tensors, copied),
            operators=(*model.operators, operator),
            outputs=tuple(copied.index if each == index else each for each in model.outputs),
        )
        steps.append(Step(operator, (block(index, copied.index, tensor.nbytes),)))
    return steps
