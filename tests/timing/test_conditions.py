"""What is complained about on which computer, and the advice."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tinybench.timing import conditions
from tinybench.timing.conditions import Conditions, Watch

QUIET = Conditions(cores=4, load=0.5, governors=("performance",), share=0.99, other=0, spread=0.01)


def test_quiet_computer() -> None:
    assert QUIET.advice() == []


def test_unknown_is_no_complaint() -> None:
    """Virtual machines have no governor, and some systems no load."""
    assert replace(QUIET, load=None, governors=()).advice() == []


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"load": 4.5}, "load: 4.5 processes wanted the 4 cores .* close other programs"),
        (
            {"share": 0.4},
            "load: the paired timing had a core for 40 % of the time; close other programs",
        ),
        ({"governors": ("performance", "powersave")}, "governor: .* by powersave; .* cpupower"),
        ({"other": 0.5}, "threads: other threads of this process worked 50 % as long .* process"),
        ({"spread": 0.3}, "spread: half of a model's samples lie 30 % of the median apart; .*"),
    ],
)
def test_advice(changes: dict[str, object], advice: str) -> None:
    """One line for what is wrong, and no other."""
    (line,) = replace(QUIET, **changes).advice()  # type: ignore[arg-type]

    assert re.fullmatch(f"{advice}.*", line)


def test_watch() -> None:
    """Shares are parts; what the system does not tell is None or empty."""
    found = Watch().conditions(spread=0.25)

    assert found.cores >= 1
    assert found.load is None or found.load >= 0
    assert 0 <= found.share <= 1
    assert found.other >= 0
    assert found.spread == 0.25


def test_governors_of_all_cores(tmp_path: Path) -> None:
    """Each once, sorted; files beside the cores' are left alone."""
    for name, governor in (("cpu0", "powersave"), ("cpu1", "performance"), ("cpu10", "powersave")):
        folder = tmp_path / name / "cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_governor").write_text(f"{governor}\n", "ascii")
    (tmp_path / "cpufreq").mkdir()

    assert conditions._governors(tmp_path) == ("performance", "powersave")
