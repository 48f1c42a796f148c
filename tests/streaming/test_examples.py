"""The recordings of the examples, played into the committed models on a board."""

import json
from pathlib import Path

import pytest

from tinybench.boards.sources import firmware_root
from tinybench.cli import play

from ..components import needs

pytestmark = needs("cortex-m4", "tflm")


@pytest.mark.parametrize(
    ("task", "file", "expected"),
    [
        ("keyword", "recording.wav", ["yes", "no"]),
        ("gesture", "recording.csv", ["wing", "ring", "slope"]),
    ],
)
def test_all_is_found_and_the_same_in_python(
    task: str,
    file: str,
    expected: list[str],
    warm_cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recording = firmware_root() / "examples" / task / file

    status = play.run(play.Request(task, recording, "int8", "cortex-m4", warm_cache, as_json=True))

    told = json.loads(capsys.readouterr().out)
    assert status == 0
    assert [found["label"] for found in told["found"]] == expected
