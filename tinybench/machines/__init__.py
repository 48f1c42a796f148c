"""Running one model once on any board or runtime, and finding where two of them disagree."""

from tinybench.machines.board import BoardMachine
from tinybench.machines.difference import (
    ULP_BOUND,
    Comparison,
    Difference,
    Search,
    compare,
    compare_machines,
    first_difference,
)
from tinybench.machines.execution import Cost, Execution, Machine, OperatorCost
from tinybench.machines.machines import Memory, find, has_memory
from tinybench.machines.ports import InputError, check_output, load_inputs, packed, random_inputs
from tinybench.machines.runtime import RuntimeMachine

__all__ = [
    "ULP_BOUND",
    "BoardMachine",
    "Comparison",
    "Cost",
    "Difference",
    "Execution",
    "InputError",
    "Machine",
    "Memory",
    "OperatorCost",
    "RuntimeMachine",
    "Search",
    "check_output",
    "compare",
    "compare_machines",
    "find",
    "first_difference",
    "has_memory",
    "load_inputs",
    "packed",
    "random_inputs",
]
