"""What the harness and this computer say to each other, on good lines and bad ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tinybench.boards.serial import PortWire, ProcessWire, SerialError, Wire
from tinybench.boards.serial.frames import answer, command, crc16
from tinybench.boards.serial.link import TRIES, Link, RestartedError, _waits

from ...components import needs
from .harness import built, terminal

pytestmark = needs("C compiler", "POSIX shell")


class Spoiled:
    """A wire that changes what goes through it, the first time it does."""

    def __init__(self, wire: Wire, out: Callable[[bytes], bytes], back: Callable[[bytes], bytes]):
        self.wire, self.out, self.back = wire, out, back

    def write(self, data: bytes) -> None:
        self.wire.write(self.out(data))
        self.out = bytes

    def read(self, seconds: float) -> bytes:
        data = self.wire.read(seconds)
        if data:
            data, self.back = self.back(data), bytes
        return data

    def close(self) -> None:
        self.wire.close()


class Silent:
    """A wire with nothing at its end; or always the same."""

    def __init__(self, said: bytes = b"") -> None:
        self.said, self.written = said, 0

    def write(self, data: bytes) -> None:
        self.written += 1

    def read(self, seconds: float) -> bytes:
        return self.said

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("harness"))


@pytest.fixture
def wire(program: Path) -> Iterator[ProcessWire]:
    wire = ProcessWire([str(program)])
    yield wire
    wire.close()


def sine(link: Link) -> list[str]:
    """The answers to the first five test vectors of firmware/model."""
    link.hello()
    link.ask("f")
    found = []
    for code in (39, 78, 15, 187, 4):
        assert link.ask("w", f"{16:08x}{code:02x}")["value"] == 1
        assert link.ask("i")["metric"] == "ticks"
        found.append(link.ask("r", f"{0:08x}{1:04x}")["value"])
    return found


@pytest.fixture
def expected() -> list[str]:
    text = (Path(__file__).parents[3] / "firmware" / "model" / "test_vectors.h").read_text()
    rows = text.partition("test_output_0[TEST_VECTORS]")[2].splitlines()[1:6]
    return [f"{int(row.strip(' {},')):02x}" for row in rows]


def test_the_model_runs_at_the_other_end(wire: ProcessWire, expected: list[str]) -> None:
    assert sine(Link("host", wire)) == expected


def test_a_serial_port(program: Path, expected: list[str]) -> None:
    """A pseudo-terminal is opened as any port is."""
    with terminal(program) as port:
        wire = PortWire(port, 115200)

        assert sine(Link("host", wire)) == expected

        wire.close()


def flipped(data: bytes) -> bytes:
    """The last letter of the line is another."""
    return data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]


@pytest.mark.parametrize(
    "spoil",
    [
        flipped,
        lambda data: b"\xff\x00>12" + data,
        lambda data: data[5:],
        lambda data: data[:4] + data,
    ],
    ids=["a bit", "noise before", "a lost beginning", "twice the beginning"],
)
def test_noise_on_the_line(
    wire: ProcessWire, expected: list[str], spoil: Callable[[bytes], bytes]
) -> None:
    """What is spoiled is asked again, in both directions, and the answers are the same."""
    assert sine(Link("host", Spoiled(wire, spoil, spoil))) == expected


def test_a_command_that_comes_twice_is_done_once(wire: ProcessWire) -> None:
    """Its answer got lost; what it did is not done again."""
    link = Link("host", wire)
    link.hello()
    ticks = link.ask("i")["value"]
    link._sequence -= 1

    assert link.ask("i")["value"] == ticks


def test_a_reset_is_told(wire: ProcessWire) -> None:
    """A board that has begun anew knows no sequence; going on would use an arena of nothing."""
    with pytest.raises(RestartedError, match="the board was reset"):
        Link("mine", wire).ask("i")


@pytest.mark.parametrize(
    ("said", "reason"), [(b"", "it is silent"), (b"\x00\xf3noise\n", "only noise came; check baud")]
)
def test_silence_ends(said: bytes, reason: str) -> None:
    wire = Silent(said)

    with pytest.raises(SerialError, match=reason):
        Link("mine", wire).ask("i", seconds=0.01)

    assert wire.written == TRIES


def test_a_long_command_that_got_lost_is_repeated_early() -> None:
    """Not only when the time is over that an inference may take."""
    assert _waits(60.0, TRIES) == [2.0, 4.0, 8.0, 16.0, 32.0]
    assert _waits(0.5, 3) == [0.5, 0.5, 0.5]


def test_the_other_side_ends() -> None:
    wire = ProcessWire(["true"])

    with pytest.raises(SerialError, match="ended"):
        Link("mine", wire).hello()

    wire.close()


@pytest.mark.parametrize(
    ("letter", "arguments", "reason"),
    [
        ("w", "0000002200ff", "range"),
        ("r", "ffffffff0001", "range"),
        ("r", "0000", "form"),
        ("w", "0000", "form"),
        ("o", "0009", "range"),
        ("q", "", "command"),
    ],
)
def test_what_the_board_refuses(
    wire: ProcessWire, letter: str, arguments: str, reason: str
) -> None:
    """No command reaches beyond the arena or the operators."""
    link = Link("mine", wire)
    link.hello()

    with pytest.raises(SerialError, match=f"the board refuses a command: {reason}"):
        link.ask(letter, arguments)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(SerialError, match="no-such-program cannot be started"):
        ProcessWire(["no-such-program"])


def test_a_port_that_is_not_there() -> None:
    with pytest.raises(SerialError, match="/dev/no-such-port: there is no such port; ports here:"):
        PortWire("/dev/no-such-port", 9600)


def test_a_port_that_is_busy(program: Path) -> None:
    with terminal(program) as port:
        first = PortWire(port, 9600)

        with pytest.raises(SerialError, match="another program uses the port; end it first"):
            PortWire(port, 9600)

        first.close()


def test_a_port_that_vanishes(program: Path) -> None:
    with terminal(program) as port:
        wire = PortWire(port, 9600)
        link = Link(port, wire)
        link.hello()

    with pytest.raises(SerialError, match="the port vanished"):
        link.ask("i")

    wire.close()


def test_frames() -> None:
    """The check value of this CRC is known: of "123456789" it is 0x29B1."""
    assert crc16(b"123456789") == 0x29B1
    assert command(0x1F, "w", "00") == b">0007%04x001fw00\n" % crc16(b"001fw00")
    assert answer(b'tinybench: {"metric": "a", "value": 1, "unit": "", "to": 1, "crc": 1}') is None
    assert answer(b"tinybench: {}") is None
