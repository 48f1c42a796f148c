"""Where a program's parts are in an image, and its ports as blocks of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tinybench.boards import elf
from tinybench.boards.base import BoardError, Image
from tinybench.boards.targets import Target

if TYPE_CHECKING:
    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Port, Program

COUNTER = 4
"""Bytes of the number of loops that were left."""


def require_target(image: Image, target: Target) -> None:
    """BoardError unless the image was built for this processor, emulated by whatever."""
    if image.board.removeprefix("qemu-") != target.name:
        raise BoardError(f"an image for {image.board} does not run on {target.name}")


def arena(image: Image, program: Program) -> tuple[int, int]:
    """Address and bytes of the program's buffer."""
    return image.symbols[f"{program.prefix}_arena"], program.arena_bytes


def buffers(image: Image, program: Program) -> list[tuple[int, int]]:
    """Address and bytes of what the program writes: the arena, and the state if it has one."""
    found = [arena(image, program)]
    if program.state_bytes:
        found.append((image.symbols[f"{program.prefix}_state"], program.state_bytes))
    return found


def reset(image: Image, program: Program) -> int | None:
    """Address of the function that gives the state its first values, None without a state."""
    return image.symbols[f"{program.prefix}_reset"] if program.state_bytes else None


def invoke(image: Image, program: Program) -> int:
    """Address of the function that makes one inference."""
    return image.symbols[f"{program.prefix}_invoke"]


def places(image: Image, program: Program, ports: Sequence[Port]) -> list[tuple[int, int]]:
    """Address and bytes of each port."""
    start, _ = arena(image, program)
    return [(start + port.offset, port.nbytes) for port in ports]


def answers(image: Image, program: Program) -> list[tuple[int, int]]:
    """Address and bytes of what is read after an inference, as `split` takes it."""
    found = places(image, program, program.outputs)
    if program.limited:
        found.append((image.symbols[f"{program.prefix}_overruns"], COUNTER))
    return found


def operator_functions(image: Image, program: Program) -> list[int]:
    """Addresses in `<prefix>_operators`, as the image's flash holds them."""
    at = image.symbols[f"{program.prefix}_operators"]
    for segment in elf.read(image.elf).segments:
        offset = at - segment.address
        if 0 <= offset < len(segment.data):
            table = segment.data[offset : offset + 4 * len(program.operators)]
            return [int.from_bytes(table[i : i + 4], "little") for i in range(0, len(table), 4)]
    raise BoardError(f"{image.board}: {program.prefix}_operators is not constant data in flash")


def joined(program: Program, inputs: Sequence[Bytes], exactly: int | None = None) -> Bytes:
    """All input ports side by side, (N, bytes); BoardError for arrays of another form."""
    import numpy as np

    if len(inputs) != len(program.inputs):
        raise BoardError(f"{len(program.inputs)} inputs are needed, {len(inputs)} were given")
    count = len(inputs[0]) if exactly is None else exactly
    for port, array in zip(program.inputs, inputs, strict=True):
        if array.dtype != np.uint8 or array.shape != (count, port.nbytes):
            raise BoardError(
                f"input {port.name} must be uint8 of shape ({count}, {port.nbytes}), "
                f"not {array.dtype} of {array.shape}"
            )
    return np.concatenate(inputs, axis=1)


def split(program: Program, data: bytes, count: int) -> list[Bytes]:
    """The reverse for `count` samples' `answers`; BoardError if a loop was left."""
    import numpy as np

    sizes = [port.nbytes for port in program.outputs]
    counter = COUNTER * program.limited
    rows = np.frombuffer(data, np.uint8).reshape(count, sum(sizes) + counter)
    if rows[:, sum(sizes) :].any():
        raise BoardError("a loop of the model was left: it did not end within its limit of rounds")
    return np.split(rows[:, : sum(sizes)], np.cumsum(sizes)[:-1], axis=1)
