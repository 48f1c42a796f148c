"""How often a WHILE goes round, where its condition and its body prove it."""

from __future__ import annotations

from tinybench.tflite.model import Model, Operator

COUNTERS = ("int32", "int64")
MIRRORED = {"GREATER": "LESS", "GREATER_EQUAL": "LESS_EQUAL"}
"""What a comparison is with its operands exchanged."""


class _Loop:
    """A WHILE with its two subgraphs, whose inputs are the operator's, in their order."""

    def __init__(self, model: Model, operator: Operator) -> None:
        options = operator.options or {}
        self.model, self.operator = model, operator
        self.condition = model.at(options.get("cond_subgraph_index", 0))
        self.body = model.at(options.get("body_subgraph_index", 0))

    @property
    def fits(self) -> bool:
        """Whether the subgraphs have the ports that the operator needs."""
        count = len(self.operator.inputs)
        ports = (self.condition.inputs, self.body.inputs, self.body.outputs)
        return all(len(each) == count for each in ports) and len(self.condition.outputs) == 1

    def kept(self, position: int) -> bool:
        """Whether a round leaves a value as it is."""
        return self.body.inputs[position] == self.body.outputs[position]

    def number(self, index: int) -> int | None:
        """The integer that a tensor of the condition has in every round."""
        if index in self.condition.inputs:
            position = self.condition.inputs.index(index)
            return self.first(position) if self.kept(position) else None
        return _number(self.condition, index)

    def first(self, position: int) -> int | None:
        """The integer that a value has before the first round."""
        return _number(self.model, self.operator.inputs[position])

    def step(self, position: int) -> int | None:
        """By how much a round changes an integer."""
        writer = _writer(self.body, self.body.outputs[position])
        source = self.body.inputs[position]
        if writer is None or writer.name not in ("ADD", "SUB") or source not in writer.inputs[:2]:
            return None
        left, right = writer.inputs[:2]
        if writer.name == "SUB":
            value = _number(self.body, right) if left == source else None
            return None if value is None else -value
        return _number(self.body, right if left == source else left)


def rounds(model: Model, operator: Operator) -> int | None:
    """The most rounds of a loop that counts to a constant; None where nothing proves a number."""
    loop = _Loop(model, operator)
    if not loop.fits:
        return None
    found: list[int] = []
    waiting = [loop.condition.outputs[0]]
    while waiting:
        writer = _writer(loop.condition, waiting.pop())
        if writer is None:
            continue
        # Whichever of the two is false first ends the loop.
        if writer.name == "LOGICAL_AND":
            waiting += [index for index in writer.inputs if index >= 0]
        elif (counted := _counted(loop, writer)) is not None:
            found.append(counted)
    return min(found, default=None)


def _counted(loop: _Loop, comparison: Operator) -> int | None:
    """The rounds after which a comparison of a counter with a constant is false."""
    name, operands = comparison.name, comparison.inputs
    if name in MIRRORED:
        name, operands = MIRRORED[name], operands[::-1]
    if name not in ("LESS", "LESS_EQUAL") or len(operands) != 2:
        return None
    for at, sign in ((0, 1), (1, -1)):
        end = loop.number(operands[1 - at])
        if end is None or operands[at] not in loop.condition.inputs:
            continue
        position = loop.condition.inputs.index(operands[at])
        tensor = loop.condition.tensors[operands[at]]
        start, step = loop.first(position), loop.step(position)
        if tensor.dtype not in COUNTERS or start is None or step is None or step * sign <= 0:
            continue
        # From the last value for which it is true, the next one must not leave the type.
        last = end * sign - (name == "LESS")
        if last + abs(step) < 2 ** (31 if tensor.dtype == "int32" else 63):
            return max(0, (last - start * sign) // abs(step) + 1)
    return None


def never_ends(model: Model, operator: Operator) -> bool:
    """Whether a loop that goes round once does so for ever: no round changes its condition."""
    loop = _Loop(model, operator)
    if not loop.fits:
        return False
    seen: set[int] = set()
    waiting = [loop.condition.outputs[0]]
    while waiting:
        index = waiting.pop()
        if index < 0 or index in seen:
            continue
        seen.add(index)
        if index in loop.condition.inputs:
            if not loop.kept(loop.condition.inputs.index(index)):
                return False
        elif writer := _writer(loop.condition, index):
            # What reads a variable, or draws at random, may have another result each time.
            if writer.name in CHANGING or not writer.inputs:
                return False
            waiting += writer.inputs
        elif loop.condition.tensors[index].is_variable:
            return False
    return True


CHANGING = frozenset(
    ("CALL_ONCE", "IF", "READ_VARIABLE", "VAR_HANDLE", "WHILE", "RANDOM_UNIFORM", "MULTINOMIAL")
)


def _writer(model: Model, index: int) -> Operator | None:
    return next((one for one in model.operators if index in one.outputs), None)


def _number(model: Model, index: int) -> int | None:
    """The one integer of a constant."""
    if index < 0:
        return None
    tensor = model.tensors[index]
    if tensor.data is None or tensor.sparse or tensor.is_variable or tensor.elements != 1:
        return None
    return int(tensor.array().item()) if tensor.dtype in COUNTERS else None
