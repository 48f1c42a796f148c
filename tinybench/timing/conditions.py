"""Is this computer fit to time on at this moment? Each complaint comes with what to do about it.

None of them makes a timing in turns unfair: both suffer alike. They make it long, or undecided.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

GOVERNORS = "/sys/devices/system/cpu"
MIN_SHARE = 0.9
MAX_OTHER = 0.05
MAX_SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Conditions:
    """What was seen while something was timed; None is what the system does not tell.

    `load` is the mean number of processes that wanted a core in the minute before. `share` is the
    part of the time that the timing thread had a core, and `other` the processor time of the
    process's other threads, as a part of the timing thread's. `spread` is the larger interquartile
    range of both models' samples, as a part of the median.
    """

    cores: int
    load: float | None
    governors: tuple[str, ...]
    share: float
    other: float
    spread: float

    def advice(self) -> list[str]:
        """One line for each thing that is not as it should be, and what to do."""
        return list(self._complaints())

    def _complaints(self) -> Iterable[str]:
        if self.load is not None and self.load > self.cores:
            yield (
                f"load: {self.load:.1f} processes wanted the {self.cores} cores before the start; "
                "close other programs"
            )
        if self.share < MIN_SHARE:
            yield (
                f"load: the paired timing had a core for {self.share * 100:.0f} % of the time; "
                "close other programs, or raise the limit of the container"
            )
        if slow := [name for name in self.governors if name != "performance"]:
            yield (
                f"governor: the cores' clock is governed by {', '.join(slow)}; "
                "fix it with: sudo cpupower frequency-set -g performance"
            )
        if self.other > MAX_OTHER:
            yield (
                f"threads: other threads of this process worked {self.other * 100:.0f} % as long "
                "as the timed one; time in a process that does nothing else"
            )
        if self.spread > MAX_SPREAD:
            yield (
                f"spread: half of a model's samples lie {self.spread * 100:.0f} % of the median "
                "apart; close other programs, switch off frequency boost and hyper-threading"
            )


class Watch:
    """Observes the process from its making to `conditions`."""

    def __init__(self) -> None:
        self._load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
        self._wall, self._process, self._thread = _clocks()

    def conditions(self, spread: float) -> Conditions:
        """What was seen since; `spread` comes from the samples."""
        wall, process, thread = _clocks()
        own = max(thread - self._thread, 1e-9)
        return Conditions(
            cores=_cores(),
            load=self._load,
            governors=_governors(Path(GOVERNORS)),
            share=min(1.0, own / max(wall - self._wall, 1e-9)),
            other=max(0.0, (process - self._process) / own - 1),
            spread=spread,
        )


def _clocks() -> tuple[float, float, float]:
    return time.perf_counter(), time.process_time(), time.thread_time()


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _governors(folder: Path) -> tuple[str, ...]:
    """The different frequency governors of all cores; none on virtual machines."""
    found = set()
    for path in folder.glob("cpu[0-9]*/cpufreq/scaling_governor"):
        try:
            found.add(path.read_text(encoding="ascii").strip())
        except OSError:
            continue
    return tuple(sorted(found))
