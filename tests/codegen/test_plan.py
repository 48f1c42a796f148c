"""The arena: what is alive at once stands apart, and no more memory is used than it takes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinybench.codegen import Generated, generate
from tinybench.codegen.plan import ALIGNMENT, Buffer, Lifetimes, lower_bound, place, plan

from .builder import Op, Tensor, build
from .memory import check
from .strategies import FAMILIES, sample

STEPS = 12


def buffers() -> st.SearchStrategy[list[Buffer]]:
    span = st.lists(st.integers(0, STEPS), min_size=2, max_size=2).map(sorted)
    sizes = st.one_of(st.integers(0, 64), st.integers(0, 5000))
    return st.lists(st.builds(lambda size, ends: Buffer(size, *ends), sizes, span), max_size=20)


def together(a: Buffer, b: Buffer) -> bool:
    return bool({*range(a.first, a.last + 1)} & {*range(b.first, b.last + 1)})


def overlap(a: Buffer, b: Buffer, at: int, other: int) -> bool:
    return bool(range(max(at, other), min(at + a.size, other + b.size)))


def added(some: Sequence[Buffer]) -> Lifetimes:
    lifetimes = Lifetimes()
    for key, buffer in enumerate(some):
        lifetimes.add(key, buffer.size, buffer.first, buffer.last)
    return lifetimes


@given(buffers())
def test_blocks_alive_at_the_same_step_do_not_overlap(some: list[Buffer]) -> None:
    offsets = place(dict(enumerate(some)))

    assert offsets.keys() == set(range(len(some)))
    for (i, a), (j, b) in itertools.combinations(enumerate(some), 2):
        assert not (together(a, b) and overlap(a, b, offsets[i], offsets[j]))


@given(buffers(), st.integers(0, 3))
def test_arena_holds_every_buffer_and_what_is_alive_at_once(some: list[Buffer], slack: int) -> None:
    planned = plan(added(some), {}, slack=slack)

    alive = [sum(b.size for b in some if b.first <= step <= b.last) for step in range(STEPS + 1)]
    ends = [planned.offsets[key] + buffer.size for key, buffer in enumerate(some)]
    assert planned.arena_bytes >= planned.lower_bound >= max(alive) + slack
    assert planned.arena_bytes >= max(ends, default=0) + slack
    assert all(offset % ALIGNMENT == 0 for offset in planned.offsets.values())


@given(buffers(), st.data())
def test_shared_buffers_stand_together_and_apart_from_the_rest(
    some: list[Buffer], data: st.DataObject
) -> None:
    lifetimes = added(some)
    groups = {key: {key} for key in range(len(some))}
    indexes = st.integers(0, max(len(some) - 1, 0))
    for a, b in data.draw(st.lists(st.tuples(indexes, indexes), max_size=6)) if some else []:
        lifetimes.share(a, b)
        joined = groups[a] | groups[b]
        groups.update(dict.fromkeys(joined, joined))

    offsets = plan(lifetimes, {}).offsets

    for a, b in itertools.combinations(range(len(some)), 2):
        if b in groups[a]:
            assert offsets[a] == offsets[b]
        # A group is alive from the first use of any of it to the last.
        elif together(_whole(some, groups[a]), _whole(some, groups[b])):
            assert not overlap(some[a], some[b], offsets[a], offsets[b])


def _whole(some: Sequence[Buffer], group: set[int]) -> Buffer:
    members = [some[key] for key in group]
    return Buffer(0, min(b.first for b in members), max(b.last for b in members))


@given(buffers(), st.dictionaries(st.integers(0, STEPS), st.integers(1, 300), max_size=4))
def test_scratch_stands_apart_from_all_that_is_alive_at_its_step(
    some: list[Buffer], scratch: dict[int, int]
) -> None:
    planned = plan(added(some), scratch)

    for step, size in scratch.items():
        own = Buffer(size, step, step)
        at = planned.scratch[step]
        assert at + size <= planned.arena_bytes
        for key, buffer in enumerate(some):
            if together(own, buffer):
                assert not overlap(own, buffer, at, planned.offsets[key])


@given(buffers(), st.data())
def test_overlapping_blocks_are_as_far_apart_as_they_must_be(
    some: list[Buffer], data: st.DataObject
) -> None:
    """Only the pair itself may overlap, and the lower bound knows what that saves at most."""
    meeting = [
        (i, j)
        for i, a in enumerate(some)
        for j, b in enumerate(some)
        if i != j and a.last == b.first
    ]
    lifetimes = added(some)
    for i, j in meeting:
        if data.draw(st.booleans()):
            lifetimes.overlap(
                i, j, data.draw(st.integers(0, max(lifetimes.buffers[j].size, 1) - 1))
            )

    planned = plan(lifetimes, {})

    offsets, blocks = planned.offsets, lifetimes.buffers
    assert planned.arena_bytes >= planned.lower_bound
    for (i, a), (j, b) in itertools.combinations(enumerate(blocks.values()), 2):
        if together(a, b) and overlap(a, b, offsets[i], offsets[j]):
            earlier, later = (i, j) if (i, j) in lifetimes.overlaps else (j, i)
            assert offsets[later] + lifetimes.overlaps[earlier, later] <= offsets[earlier]


@pytest.mark.parametrize(
    ("sizes", "before", "least"),
    [
        pytest.param([1960, 4000], [2240], 4200, id="an output that is larger"),
        pytest.param([4608, 4608, 4608], [200, 200], 5008, id="each a little below the one before"),
        pytest.param([3072, 336], [0], 3072, id="an output that is smaller"),
        pytest.param([4608, 4608, 9216, 2304], [200, 4624, 0], 9232, id="the widest at the bottom"),
    ],
)
def test_chain_of_overlaps_takes_what_it_must(
    sizes: list[int], before: list[int], least: int
) -> None:
    lifetimes = added([Buffer(size, max(i - 1, 0), i) for i, size in enumerate(sizes)])
    for i, distance in enumerate(before):
        lifetimes.overlap(i, i + 1, distance)

    assert plan(lifetimes, {}).arena_bytes == least


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([1, 16, 16, 1], id="sine"),
        pytest.param([784, 128, 64, 10], id="dense"),
        pytest.param([784, 12544, 3136, 6272, 1568, 64, 10, 10], id="convolutions and pools"),
        pytest.param([9408, 18432, 18432, 4608, 9216, 9216, 2304, 256, 2], id="mobile network"),
        pytest.param([1960, 4000, 4000, 4000, 4000, 64, 12], id="spoken words"),
    ],
)
def test_chain_takes_no_more_than_its_widest_step(sizes: list[int]) -> None:
    """Each layer needs its input and its output; a chain of layers can do with the most of it."""
    ends = [(max(i - 1, 0), i) for i in range(len(sizes))]
    chain = [Buffer(-(-size // 4) * 4, *span) for size, span in zip(sizes, ends, strict=True)]

    planned = plan(added(chain), {})

    widest = max(a.size + b.size for a, b in itertools.pairwise(chain))
    assert planned.arena_bytes == planned.lower_bound == widest
    assert lower_bound(dict(enumerate(chain))) == widest


def codes(*shape: int, scale: float = 0.5) -> Tensor:
    return Tensor(shape, "int8", scale)


def test_work_in_place_takes_one_buffer() -> None:
    """A table is looked up where the codes are; the input's own memory is given up for it."""
    x, y, z = (codes(1, 100, scale=scale) for scale in (0.5, 0.4, 0.3))
    made = generate(build([x], [Op("RELU", [x], [y]), Op("RELU", [y], [z])], [z]))

    assert made.program.arena_bytes == 100


def test_nothing_is_overwritten_that_is_read_later() -> None:
    x, y, z, total = codes(1, 100), codes(1, 100), codes(1, 100), codes(1, 100, scale=1.5)
    ops = [Op("RELU", [x], [y]), Op("RELU6", [y], [z]), Op("ADD", [y, z], [total])]

    made = generate(build([x], ops, [total]))

    check(made)
    assert made.plan.offsets[1] != made.plan.offsets[2]
    assert made.program.arena_bytes == 200


def test_reshape_takes_no_memory_and_no_time() -> None:
    x, y = codes(1, 10, 10), codes(1, 100)
    made = generate(build([x], [Op("RESHAPE", [x], [y], bare=True)], [y]))

    assert made.program.operators == ()
    assert made.program.inputs[0].offset == made.program.outputs[0].offset
    assert made.program.arena_bytes == 100


@pytest.mark.parametrize("family", FAMILIES)
def test_every_tensor_keeps_its_bytes_until_the_last_reader(family: str) -> None:
    for case in sample(family, 12 if family.startswith("graph_") else 3, seed=11):
        check(generate(case.data))


@pytest.mark.parametrize("family", ["graph_residual", "graph_shuffle", "graph_branches"])
def test_replay_notices_a_wrong_plan(family: str) -> None:
    """What the test above relies on."""
    made = generate(sample(family, 1)[0].data)
    everywhere = dict.fromkeys(made.plan.offsets, 0)

    with pytest.raises(AssertionError):
        check(_planned(made, everywhere))


def _planned(made: Generated, offsets: dict[int, int]) -> Generated:
    return replace(made, plan=replace(made.plan, offsets=offsets))
