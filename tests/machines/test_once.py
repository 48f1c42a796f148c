"""A model and a program are parsed once, however many ask for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tinybench.artifacts import Artifacts
from tinybench.boards import BOARDS, DEFAULT_BOARD, elf
from tinybench.cli import main
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement import on_board
from tinybench.measurement.measure import Measurements
from tinybench.storage import hashing
from tinybench.storage.store import Store
from tinybench.tasks import TASKS
from tinybench.tflite import flat, reading

from ..components import needs
from ..conftest import link_compiler

CONV = Path(__file__).parents[1] / "tflite" / "models" / "conv-int8.tflite"
BOARD = BOARDS.get(DEFAULT_BOARD)

pytestmark = needs(DEFAULT_BOARD)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often each content was parsed: models below `tflite`, programs below `elf`."""
    from elftools.elf import elffile

    found: Counter[tuple[str, str]] = Counter()
    reading._read.cache_clear()
    elf.read.cache_clear()

    def counting(kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def count(data: Any) -> Any:
            found[kind, hashing.of_bytes(data if kind == "tflite" else data.getvalue())] += 1
            return real(data)

        return count

    monkeypatch.setattr(reading, "root", counting("tflite", flat.root))
    monkeypatch.setattr(elffile, "ELFFile", counting("elf", elffile.ELFFile))
    return found


def test_run(parsed: Counter[tuple[str, str]], warm_cache: Path, tmp_path: Path) -> None:
    """The file, the image with the model, and the one without."""
    link_compiler(warm_cache, tmp_path)
    assert main(["run", str(CONV), f"--on={BOARD.name}", f"--cache={tmp_path}"]) == 0

    assert parsed["tflite", hashing.of_bytes(CONV.read_bytes())] == 1
    assert sorted(kind for kind, _ in parsed.elements()) == ["elf", "elf", "tflite"]


def test_benchmark(parsed: Counter[tuple[str, str]], warm_cache: Path) -> None:
    """A variant that is verified, run on two runtimes and run on a board."""
    bench = Measurements(Artifacts(Store(warm_cache)))
    task, int8 = TASKS.get("sine-16x16"), VARIANTS.get("int8")
    for kept in bench.artifacts.store.root.glob(f"{task.name}-int8-{BOARD.name}-*"):
        kept.unlink()

    bench.variant(task, int8)
    on_board.measure(bench, task, int8, BOARD)

    assert parsed["tflite", bench.artifacts.artifact(task, int8).sha256] == 1
    assert [kind for kind, _ in parsed.elements()].count("elf") == 2
    assert set(parsed.values()) == {1}
