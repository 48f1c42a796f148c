"""Whatever the bytes: a program that stays within its arena, or one line that says why not."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tinybench.codegen import Generated, UnsupportedError, generate
from tinybench.errors import TinybenchError

from . import host
from .builder import Op, Tensor, build
from .edits import NAMES, edited, edits, schema
from .memory import check
from .strategies import FAMILIES, sample

resource = pytest.importorskip(  # noqa: TID251  # nothing to install
    "resource", reason="limits of memory are POSIX"
)

MODELS = Path(__file__).parents[1] / "tflite" / "models"
REAL = sorted(path.name for path in MODELS.glob("*.tflite"))
SECONDS = 5
"""Of the processor's time, for one file; a thousand times what it takes."""
MEMORY = 2 << 30
"""Bytes, beyond what the process has already."""
STATUS = Path("/proc/self/statm")
PER_FAMILY = 16
"""Edited files of each family of small models."""

Change = Callable[[Any], None]


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raise MemoryError or TimeoutError in a file's reader that takes too much."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if STATUS.exists():
        pages = int(STATUS.read_text().split()[0])
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    previous = signal.signal(signal.SIGPROF, _expired)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _expired(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def attempt(data: bytes, prefix: str = "model") -> Generated | None:
    """What is generated, after its invariants are checked; None if it is refused in one line."""
    try:
        with limited():
            made = generate(data, prefix)
    except TinybenchError as error:
        message = str(error)
    else:
        check(made)
        return made
    assert message.isprintable()
    assert 0 < len(message) < 1000
    return None


def damaged(data: bytes, source: Random) -> bytes:
    """A file with bytes or a word overwritten, a part moved, or its end cut off."""
    changed = bytearray(data)
    at = source.randrange(len(data))
    kind = source.randrange(8)
    if kind < 4:
        for _ in range(source.choice((1, 1, 2, 8))):
            changed[source.randrange(len(data))] = source.randrange(256)
    elif kind < 6:
        number = source.choice((0, 1, 2, 4, 0xFF, 2**16, 2**31 - 1, 2**31, 2**32 - 1))
        changed[at & ~3 : (at & ~3) + 4] = number.to_bytes(4, "little")
    elif kind < 7:
        there = source.randrange(len(data))
        changed[at : at + 16] = changed[there : there + 16]
    else:
        del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize("name", REAL)
def test_damaged_files_of_converters(name: str) -> None:
    data = (MODELS / name).read_bytes()
    source = Random(name)

    taken = sum(attempt(damaged(data, source)) is not None for _ in range(60))

    assert taken < 60


@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_small_models(family: str) -> None:
    [case] = sample(family, 1, seed=7)
    source = Random(family)

    taken = sum(attempt(damaged(case.data, source)) is not None for _ in range(20))

    assert taken < 20


def some_edits(family: str) -> Iterator[tuple[str, bytes]]:
    """Files of a family with one value changed, and what it was."""
    [case] = sample(family, 1, seed=5)
    chosen = list(edits(case.data))
    Random(family).shuffle(chosen)
    for name, change in chosen[:PER_FAMILY]:
        yield f"{family}: {name}: {case}", edited(case.data, change)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_value_of_a_model_is_another(family: str) -> None:
    """Shapes, types, scales, constants, options, operands: each of them wrong in turn."""
    for name, data in some_edits(family):
        try:
            attempt(data)
        except BaseException as error:
            raise AssertionError(name) from error


@pytest.mark.slow
def test_programs_of_hostile_files_run_without_undefined_behaviour(tmp_path: Path) -> None:
    """One of each family that the generator takes, with random inputs."""
    host.require_compiler()
    taken: list[tuple[str, Generated]] = []
    for family in FAMILIES:
        for name, data in some_edits(family):
            made = None if ": name " in name else attempt(data, f"m{len(taken)}")
            if made is not None and made.program.arena_bytes < 1 << 16:
                taken.append((name, made))
                break

    session = host.build([made.program for _, made in taken], tmp_path)

    rng = np.random.default_rng(0)
    for number, (name, made) in enumerate(taken):
        inputs = [
            np.stack([rng.integers(0, 256, port.nbytes, np.uint8) for _ in range(2)])
            for port in made.program.inputs
        ]
        try:
            session.run(inputs, number)
        except host.HostError as error:
            raise AssertionError(name) from error
    assert len(taken) > 60


@pytest.mark.parametrize(
    "family", [name for name in FAMILIES if not name.startswith(("graph_", "extra_"))]
)
def test_output_of_another_size_than_the_inputs_make_is_refused(family: str) -> None:
    [case] = sample(family, 1, seed=3)

    def widen(model: Any) -> None:
        graph = model.subgraphs[0]
        output = graph.tensors[graph.operators[-1].outputs[0]]
        *outer, last = map(int, output.shape) if len(output.shape) else (1,)
        output.shape = [*outer, last + 1]

    with pytest.raises(UnsupportedError, match=r"^operator \d \("):
        generate(edited(case.data, widen))


@pytest.mark.parametrize("name", NAMES)
def test_names_cannot_leave_their_comments(name: str, tmp_path: Path) -> None:
    """Names of tensors stand in C comments: any name compiles to the same program."""
    [case] = sample("graph_classifier", 1, seed=2)

    def rename(model: Any) -> None:
        for tensor in model.subgraphs[0].tensors:
            tensor.name = name
        model.subgraphs[0].name = model.description = name

    made = attempt(edited(case.data, rename))

    assert made is not None
    assert all(text.isascii() for text in made.program.files.values())
    if host.compiler() is not None:
        host.build([made.program], tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_custom_operators_are_refused_in_one_line(name: str) -> None:
    [case] = sample("relu", 1)

    def customize(model: Any) -> None:
        code = model.operatorCodes[0]
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode = name

    with pytest.raises(UnsupportedError, match="the generator has no kernel for it") as error:
        generate(edited(case.data, customize))

    assert str(error.value).isprintable()


def _variable(model: Any) -> None:
    model.subgraphs[0].tensors[0].isVariable = True


def _not_a_number(model: Any) -> None:
    model.subgraphs[0].tensors[0].quantization.scale = np.array([np.nan], np.float32)


@pytest.mark.parametrize(
    ("family", "change", "reason"),
    [
        ("relu", _variable, r"tensor 0 \(t0\): a variable is an input or an output"),
        ("relu", _not_a_number, "scale nan is not a positive finite number"),
    ],
)
def test_what_no_operator_is_to_blame_for_is_refused(
    family: str, change: Change, reason: str
) -> None:
    with pytest.raises(TinybenchError, match=reason):
        generate(edited(sample(family, 1)[0].data, change))


@pytest.mark.parametrize("size", [2**16, 2**31 - 1])
@pytest.mark.parametrize("rank", [1, 2, 4, 8])
def test_sizes_that_overflow_are_refused(size: int, rank: int) -> None:
    """The arena is bounded, and products of sizes are not computed in 32 bits."""
    shape = (size,) * rank
    x, y = (Tensor(shape, "int8", 0.5) for _ in range(2))
    data = build([x], [Op("RELU", [x], [y])], [y])

    made = attempt(data)

    assert made is None or made.program.arena_bytes <= 2 * 2**16
