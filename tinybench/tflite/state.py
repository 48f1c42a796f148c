"""What a model keeps from one inference to the next."""

from __future__ import annotations

from collections.abc import Iterator

from tinybench.tflite.model import Model, Operator, Subgraph

SEQUENCES = frozenset(
    f"{direction}_SEQUENCE_{kind}"
    for direction in ("UNIDIRECTIONAL", "BIDIRECTIONAL")
    for kind in ("LSTM", "RNN")
)
"""Operators that take all steps at once, and yet leave their state for the next inference."""


OWN = frozenset(
    f"CUSTOM:{name}"
    for name in (
        "CIRCULAR_BUFFER",
        "SignalDelay",
        "SignalFilterBankSpectralSubtraction",
        "SignalFramer",
        "SignalOverlapAdd",
        "SignalStacker",
    )
)
"""Operators whose memory of earlier inferences is no tensor of the file."""
OWN_AND_NAMED = OWN | {"VAR_HANDLE"}


def is_sequence(model: Model) -> bool:
    """Whether what a model answers to a sample depends on the samples before it."""
    kept = any(
        operator.name in OWN_AND_NAMED or _variables(graph, operator)
        for graph, operator in _run(model)
    )
    return kept and not is_cleared(model)


def is_cleared(model: Model) -> bool:
    """Whether each sample is to find a state of zeros, as the Keras layer has it.

    So it is where all state is that of whole sequences. A model that takes step after step, of a
    sequence operator one step a call, keeps its own.
    """
    found = list(_run(model))
    keeping = [(graph, operator) for graph, operator in found if _variables(graph, operator)]
    if not keeping or any(operator.name in OWN_AND_NAMED for _, operator in found):
        return False
    return all(
        operator.name in SEQUENCES and 1 not in graph.tensors[operator.inputs[0]].shape[1:2]
        for graph, operator in keeping
    )


def _run(model: Model) -> Iterator[tuple[Model | Subgraph, Operator]]:
    """The operators of a model and, if it runs any, those of other subgraphs."""
    yield from ((model, operator) for operator in model.operators)
    if any(operator.name in ("IF", "WHILE") for operator in model.operators):
        for graph in model.subgraphs:
            if graph.index != model.subgraph:
                yield from ((graph, operator) for operator in graph.operators)


def _variables(graph: Model | Subgraph, operator: Operator) -> bool:
    """Whether an operator has a variable tensor, which it may change."""
    return any(index >= 0 and graph.tensors[index].is_variable for index in operator.inputs)
