"""What a model keeps from one inference to the next."""

from __future__ import annotations

from tinybench.tflite.model import Model, Operator

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


def is_sequence(model: Model) -> bool:
    """Whether what a model answers to a sample depends on the samples before it."""
    kept = any(
        operator.name == "VAR_HANDLE" or operator.name in OWN or _variables(model, operator)
        for operator in model.operators
    )
    return kept and not is_cleared(model)


def is_cleared(model: Model) -> bool:
    """Whether each sample is to find a state of zeros, as the Keras layer has it.

    So it is where all state is that of whole sequences. A model that takes step after step, of a
    sequence operator one step a call, keeps its own.
    """
    keeping = [operator for operator in model.operators if _variables(model, operator)]
    others = OWN | {"VAR_HANDLE"}
    if not keeping or any(operator.name in others for operator in model.operators):
        return False
    return all(
        operator.name in SEQUENCES and 1 not in model.tensors[operator.inputs[0]].shape[1:2]
        for operator in keeping
    )


def _variables(model: Model, operator: Operator) -> bool:
    """Whether an operator has a variable tensor, which it may change."""
    return any(index >= 0 and model.tensors[index].is_variable for index in operator.inputs)
