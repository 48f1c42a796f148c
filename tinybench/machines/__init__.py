"""Running one model once on any board or runtime, and finding where two of them disagree."""

from tinybench.machines.difference import (
    Comparison,
    Difference,
    Search,
    compare,
    compare_machines,
    first_difference,
)
from tinybench.machines.machines import Cost, Execution, Machine, OperatorCost, find
from tinybench.machines.ports import InputError, check_output, load_inputs, packed, random_inputs

__all__ = [
    "Comparison",
    "Cost",
    "Difference",
    "Execution",
    "InputError",
    "Machine",
    "OperatorCost",
    "Search",
    "check_output",
    "compare",
    "compare_machines",
    "find",
    "first_difference",
    "load_inputs",
    "packed",
    "random_inputs",
]
