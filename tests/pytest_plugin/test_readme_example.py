"""The README's "your own model", run as it stands there."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

README = Path(__file__).parents[2] / "README.md"


def test_your_own_model(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its two files and its command make, verify and measure all variants."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(pytester.path / "cache"))
    for block in re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL):
        name = block.splitlines()[0].removeprefix("# ").strip()
        (pytester.path / name).write_text(block, "utf-8")

    result = pytester.runpytest_subprocess("--tinybench-task=product", "--tinybench-json=out.json")

    result.assert_outcomes(passed=9)
    results = json.loads((pytester.path / "out.json").read_text("utf-8"))["results"]
    assert {each["variant"] for each in results} >= {"float32", "int8", "qat-int8"}
