"""A file of several graphs: what is run beside the first, and what is somebody else's entry."""

from __future__ import annotations

import pytest

from tinybench.tflite import ModelError, describe, problems, read, to_dict, uncounted, weight_bytes
from tinybench.tflite.subgraphs import called, calls, whole

from ..codegen.builder import Graph, Op, Tensor, build_all


def floats(data: list[float] | None = None) -> Tensor:
    return Tensor((4,), "float32", data=data)


def relu(dtype: str = "float32") -> Graph:
    x, y = (Tensor((4,), dtype, 0.5 if dtype == "int8" else None) for _ in range(2))
    return Graph([x], [Op("RELU", [x], [y])], [y])


def adding(value: float) -> Graph:
    x, y = floats(), floats()
    return Graph([x], [Op("ADD", [x, floats([value] * 4)], [y])], [y])


def condition(then: int, otherwise: int) -> Graph:
    choice, x, y = Tensor((1,), "bool"), floats(), floats()
    op = Op("IF", [choice, x], [y], then_subgraph_index=then, else_subgraph_index=otherwise)
    return Graph([choice, x], [op], [y])


def test_what_an_operator_runs_is_known_through_others() -> None:
    model = read(build_all([condition(1, 2), relu(), condition(1, 3), relu(), relu()]))

    assert calls(model.operators[0]) == (1, 2)
    assert called(model) == (1, 2, 3)
    assert called(model.at(2)) == (1, 3)
    assert called(model.at(4)) == ()


def test_a_graph_that_runs_itself_is_looked_at_once() -> None:
    assert called(read(build_all([condition(0, 1), condition(0, 1)]))) == (1,)


def test_numbers_of_no_subgraph_are_left_out() -> None:
    model = read(build_all([condition(-7, 2), relu()]))

    assert called(model) == ()
    assert whole(model) is model


def test_bodies_are_judged_with_the_graph_that_runs_them() -> None:
    """What nobody calls is another signature's, and of no variant."""
    sound = read(build_all([condition(1, 2), relu(), adding(1), relu("int8")]))
    mixed = read(build_all([condition(1, 2), relu(), relu("int8")]))

    assert problems(sound, "float32") == []
    assert "tensor 5 (0 of subgraph 2: t0): int8 activation, expected float32" in (
        problems(mixed, "float32")
    )


def test_a_whole_model_stays_as_it_is() -> None:
    model = whole(read(build_all([condition(1, 2), relu(), adding(1)])))

    assert len(model.operators) == 3
    assert whole(model) is model


def test_constants_of_bodies_are_weights_and_their_work_is_not_counted() -> None:
    model = read(build_all([condition(1, 2), adding(2), adding(3), adding(4)]))

    assert weight_bytes(model) == 2 * 4 * 4
    assert uncounted(model) == ("IF",)


def test_describe_shows_every_subgraph_and_who_runs_it() -> None:
    data = build_all(
        [condition(1, 2), relu(), adding(1), adding(2), relu()], ["one", "2", "3", "4"]
    )
    text, found = describe(read(data)), to_dict(read(data))

    assert "Subgraph 1, graph 1: run by operator 0 (IF); signature '2'\n" in text
    assert "Subgraph 4, graph 4: never called\n" in text
    assert text.count("\nOperators\n") == 5
    assert [one["called"] for one in found["other_subgraphs"]] == [True, True, False, False]
    assert found["other_subgraphs"][0]["operators"][0]["name"] == "RELU"


def test_a_subgraph_out_of_range_is_an_error() -> None:
    with pytest.raises(ModelError, match="subgraph 5 is none of 1"):
        read(build_all([relu()])).at(5)
