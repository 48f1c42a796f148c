"""What the generators draw is a model to our reader and to the runtime that it is compared with."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinybench.tflite import read

from ..components import needs
from .builder import Op, Tensor, build
from .draft import Case
from .oracle import Oracle, RefusedError, codes, expected
from .strategies import FAMILIES, cases, sample

pytestmark = needs("tflm")

EXAMPLES = 8
ALWAYS_THE_SAME = ("zeros_like",)
SELDOM = ("embedding_lookup", "svdf_int8_state")
"""Tables of few rows, and states that fill up."""


@pytest.mark.parametrize("family", FAMILIES)
def test_the_runtime_answers_for_every_model_of_a_family(family: str) -> None:
    for number, case in enumerate(sample(family, EXAMPLES)):
        model = read(case.data)
        oracle = Oracle(case.data, case.outputs)
        tensors = [model.tensors[index] for index in model.outputs]
        for inputs in codes(model, 3, seed=number):
            answers = oracle(inputs)

            assert [(a.shape, str(a.dtype)) for a in answers] == [
                (t.shape, t.dtype) for t in tensors
            ], case


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_models_whose_output_varies(family: str) -> None:
    """Comparing saturated outputs would compare nothing."""
    if family in ALWAYS_THE_SAME:
        return
    varying = 0
    for case in sample(family, EXAMPLES):
        model = read(case.data)
        oracle = Oracle(case.data, case.outputs)
        answers = [
            b"".join(a.tobytes() for a in oracle(inputs)) for inputs in codes(model, 6, seed=1)
        ]
        varying += len(set(answers)) > 2

    assert varying >= EXAMPLES // (4 if family in SELDOM else 2)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.sampled_from(sorted(FAMILIES)).flatmap(cases))
def test_models_are_small(case: Case) -> None:
    model = read(case.data)

    assert model.size < 40_000
    assert sum(math.prod(tensor.shape) for tensor in model.tensors) < 20_000


def test_a_sample_is_the_same_every_time() -> None:
    first, again = (sample("conv_2d", 3, seed=5) for _ in range(2))

    assert [case.data for case in first] == [case.data for case in again]
    assert len({case.data for case in first}) == 3


def test_what_is_built_is_what_is_read() -> None:
    x = Tensor((1, 4), "int8", 0.5, -3)
    weights = Tensor(
        (2, 4), "int8", (0.25, 0.125), data=np.arange(-4, 4, dtype="int8").reshape(2, 4)
    )
    y = Tensor((1, 2), "int8", 2.0, 7)
    op = Op("FULLY_CONNECTED", (x, weights, None), (y,), fused_activation_function="RELU6")
    model = read(build((x,), (op,), (y,)))

    assert [tensor.dtype for tensor in model.tensors] == ["int8"] * 3
    assert model.tensors[1].array().tolist() == [[-4, -3, -2, -1], [0, 1, 2, 3]]
    quantization = model.tensors[1].quantization
    assert quantization is not None
    assert quantization.scales == (0.25, 0.125)
    assert model.operators[0].inputs == (0, 1, -1)
    options = model.operators[0].options
    assert options is not None
    assert options["fused_activation_function"] == "RELU6"


def test_a_bare_operator_has_no_options() -> None:
    x, shape, y = Tensor((2, 3), "int8"), Tensor((1,), "int32", data=[6]), Tensor((6,), "int8")
    data = build((x,), (Op("RESHAPE", (x, shape), (y,), bare=True),), (y,))

    assert read(data).operators[0].options is None
    assert expected(data, [np.arange(6, dtype="int8").reshape(2, 3)])[0].tolist() == [*range(6)]


def test_constants_are_aligned() -> None:
    """Compilers assume it of the arrays that a runtime reads in place."""
    x, y = Tensor((2,), "float32"), Tensor((2,), "float32")
    constant = Tensor((2,), "float32", data=[1.25, -7.5])
    data = build((x,), (Op("ADD", (x, constant), (y,)),), (y,))

    assert data.index(np.array([1.25, -7.5], "<f4").tobytes()) % 16 == 0


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (lambda x, y: Op("ADD", (x, x), (y,), stride=2), "no option 'stride'"),
        (lambda x, y: Op("TANH", (x,), (y,), alpha=2), "without"),
    ],
)
def test_options_that_do_not_exist_are_named(op: object, message: str) -> None:
    x, y = Tensor((1,), "float32"), Tensor((1,), "float32")
    assert callable(op)

    with pytest.raises(ValueError, match=message):
        build((x,), (op(x, y),), (y,))


def test_a_refusal_tells_the_runtimes_reason() -> None:
    x, y = Tensor((1, 2), "int8", 0.5, 0), Tensor((1, 2), "int8", 0.5, 0)
    data = build((x,), (Op("SOFTMAX", (x,), (y,), beta=1.0),), (y,))

    with pytest.raises(RefusedError, match="zero_point"):
        expected(data, [np.zeros((1, 2), "int8")])


def test_inputs_cover_the_ends() -> None:
    x, y = Tensor((64,), "int8", 0.5, 0), Tensor((64,), "int8", 0.5, 0)
    model = read(build((x,), (Op("RELU", (x,), (y,)),), (y,)))
    low, high, mixed, any_ = (values for (values,) in codes(model, 4, seed=0))

    assert set(low.tolist()) == {-128}
    assert set(high.tolist()) == {127}
    assert set(mixed.tolist()) == {-128, 127}
    assert len(set(any_.tolist())) > 30
