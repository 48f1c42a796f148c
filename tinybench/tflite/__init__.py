"""Reading `.tflite` files: their graph, their work, and whether they are what their names say.

Needs no TensorFlow: the schema comes from `ai-edge-litert`.
"""

from tinybench.tflite.entries import SignatureError, chosen
from tinybench.tflite.inspection import describe, to_dict
from tinybench.tflite.left import left_in_floats
from tinybench.tflite.model import Model, ModelError, Operator, Quantization, Tensor
from tinybench.tflite.reading import examine, read
from tinybench.tflite.verify import RULES, Rule, changed_nothing, classify, nearest, problems
from tinybench.tflite.work import counted, macs, operator_macs, uncounted, weight_bytes

__all__ = [
    "RULES",
    "Model",
    "ModelError",
    "Operator",
    "Quantization",
    "Rule",
    "SignatureError",
    "Tensor",
    "changed_nothing",
    "chosen",
    "classify",
    "counted",
    "describe",
    "examine",
    "left_in_floats",
    "macs",
    "nearest",
    "operator_macs",
    "problems",
    "read",
    "to_dict",
    "uncounted",
    "weight_bytes",
]
