"""This computer by ssh, as a real one would be: a server of the test's own, on the loopback."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinybench.boards import BOARDS, BoardError, TimingSession
from tinybench.boards.declared import Declaration, DeclarationError
from tinybench.boards.declared.project import board as declared_board
from tinybench.boards.linux.remote import Remote, RemoteError
from tinybench.boards.linux.ssh import SshBoard
from tinybench.boards.linux.targets import ARMHF, X86_64
from tinybench.storage.store import Store

from ...components import needs
from ..programs import ADD_HALVE, SAMPLE, program, samples

pytestmark = needs("asyncssh", "elftools", "sshd", "ziglang")


class Server:
    """An sshd that lets in who has the key of its folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        for name in ("host", "user"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)],
                check=True,
            )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.know("host")
        (folder / "allowed").write_text((folder / "user.pub").read_text())
        lines = [
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {folder / 'host'}",
            f"AuthorizedKeysFile {folder / 'allowed'}",
            f"PidFile {folder / 'pid'}",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "PermitRootLogin prohibit-password",
            *options,
        ]
        (folder / "config").write_text("\n".join(lines) + "\n")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-e", "-f"]
        self.process = subprocess.Popen(
            [*command, str(folder / "config")], stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if "listening" in line:
                return
        raise AssertionError("sshd did not start")

    def know(self, key: str) -> None:
        public = (self.folder / f"{key}.pub").read_text()
        (self.folder / "known").write_text(f"[127.0.0.1]:{self.port} {public}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate()

    def board(self, **settings: str) -> SshBoard:
        table = {
            "ssh": f"{getpass.getuser()}@127.0.0.1:{self.port}",
            "key": str(self.folder / "user"),
            "known_hosts": str(self.folder / "known"),
            "folder": str(self.folder),
            **settings,
        }
        made = declared_board(Declaration("pi", table, "pyproject.toml"))
        assert isinstance(made, SshBoard)
        return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("sshd"))
    yield made
    made.stop()


def connect(board: SshBoard) -> None:
    with Remote(board.address):
        pass


def left(server: Server) -> list[Path]:
    return list(server.folder.glob("tinybench-*"))


def test_it_runs_and_is_timed_and_leaves_nothing(server: Server, store: Store) -> None:
    board = server.board()
    image = board.build(ADD_HALVE, store)

    with board.start(image, store) as session:
        during = left(server)
        halves = session.run(samples((3, 4), (250, 10)))
        assert isinstance(session, TimingSession)
        timing = session.time(SAMPLE)

    assert halves[0].ravel().tolist() == [3, 2]
    assert timing.milliseconds is not None
    assert 0 <= timing.milliseconds[0] <= timing.milliseconds[1]
    assert [part.name for part in timing.profile] == ["add", "halve"]
    assert len(during) == 1
    assert left(server) == []
    assert "127.0.0.1" in board.time_basis


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("*(volatile uint32_t *)16 = 1;", "pi: the program ended"),
        ('for (;;) __asm__ volatile("");', "did not end within its limit of time"),
    ],
    ids=["fault", "loop"],
)
def test_a_program_that_fails(server: Server, code: str, message: str, store: Store) -> None:
    board = server.board().with_timeout(1)
    image = board.build(program(bad=code), store)

    with board.start(image, store) as session, pytest.raises(BoardError, match=message):
        session.run(SAMPLE)
    assert left(server) == []


def test_another_architecture(server: Server, store: Store) -> None:
    board = server.board(processor="linux-armhf")
    assert board.target is ARMHF
    image = board.build(ADD_HALVE, store)

    with (
        pytest.raises(RemoteError, match=r"which does not run programs for linux-armhf; correct"),
        board.start(image, store),
    ):
        pass


def test_a_changed_host_key(server: Server) -> None:
    server.know("user")
    try:
        with pytest.raises(RemoteError, match="host key is not the one that is known"):
            connect(server.board())
    finally:
        server.know("host")


def test_a_key_that_is_not_let_in(server: Server) -> None:
    with pytest.raises(RemoteError, match="set `key` to a private key"):
        connect(server.board(key=str(server.folder / "host")))


@pytest.mark.parametrize("key", ["nothing", "config"])
def test_a_key_that_is_none(server: Server, key: str) -> None:
    with pytest.raises(RemoteError, match=r"127\.0\.0\.1:"):
        connect(server.board(key=str(server.folder / key)))


def test_nobody_there(server: Server) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(RemoteError, match=f"{address}: cannot be reached"):
            connect(server.board(ssh=address))


def test_no_folder(server: Server, store: Store) -> None:
    board = server.board(folder="/nowhere", processor=X86_64.name)
    image = board.build(ADD_HALVE, store)

    with (
        pytest.raises(RemoteError, match=r"no folder in /nowhere: .*No such file"),
        board.start(image, store),
    ):
        pass


def test_no_space(tmp_path: Path, store: Store) -> None:
    """A shell there that may write 512 bytes stands for a full disk."""
    limit = """ForceCommand sh -c 'trap "" XFSZ; ulimit -f 1; eval "$SSH_ORIGINAL_COMMAND"'"""
    full = Server(tmp_path, limit)
    try:
        board = full.board()
        image = board.build(ADD_HALVE, store)
        with (
            pytest.raises(RemoteError, match=r"bytes cannot be written to .*; set `folder`"),
            board.start(image, store),
        ):
            pass
        assert left(full) == []
    finally:
        full.stop()


def test_the_folder_goes_when_the_connection_does(server: Server, store: Store) -> None:
    board = server.board()
    image = board.build(ADD_HALVE, store)

    with Remote(board.address) as remote, remote.holding(image.elf, board.folder):
        assert len(left(server)) == 1
        with contextlib.suppress(RemoteError):
            remote.run("kill -9 $PPID")

    with Remote(board.address) as again:
        # The shell that held it ends on its own, soon.
        gone = again.run(
            f"for i in $(seq 100); do ls -d {server.folder}/tinybench-* || exit 0; sleep 0.05; done"
        )
    assert gone.status == 0
    assert left(server) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ssh": "pi@"}, "not an address"),
        ({"ssh": "pi@host:0"}, "not an address"),
        ({"ssh": "pi@host:99999"}, "not an address"),
        ({"ssh": "pi@host", "processor": "linux-arm"}, "did you mean"),
        ({"ssh": "pi@host", "known_host": "x"}, "did you mean 'known_hosts'"),
        ({"ssh": "pi@host", "timeout": 0}, "timeout is 0"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        declared_board(Declaration("pi", settings, "pyproject.toml"))


def test_no_built_in_board_is_reached_by_ssh() -> None:
    assert not any(isinstance(board, SshBoard) for board in BOARDS.select(()))
