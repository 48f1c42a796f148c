"""What a report shows beyond numbers, made in the run and written beside its document.

Each process that measures a variant makes that variant's part at once, while the models are at
hand; the controller only puts the parts together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pytest

from tinybench.pytest_plugin.options import Settings
from tinybench.pytest_plugin.properties import RECORDED
from tinybench.results.document import Document
from tinybench.results.record import Result

if TYPE_CHECKING:
    from tinybench.measurement.measure import Measurements

NAME = "tinybench-illustrations"


class Illustrations:
    """Makes the parts of what this process measures, after each test of a variant."""

    def __init__(self, bench: Callable[[], Measurements]) -> None:
        self._bench = bench

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        if recorded := [text for key, text in item.user_properties if key == RECORDED]:
            result = Result.from_json(str(recorded[-1]))
            if result.level == "variant" and result.sha256:
                self._prepare(result.task, str(result.variant))

    def _prepare(self, task: str, variant: str) -> None:
        from tinybench.conversion.variants import VARIANTS
        from tinybench.measurement import illustration
        from tinybench.tasks import TASKS

        try:
            illustration.prepare(self._bench(), TASKS.get(task), VARIANTS.get(variant))
        except Exception:
            # Of this the controller tells: numbers are worth more than their pictures.
            return


def write(
    results: Iterable[Result], document: Document, settings: Settings, bench: Measurements
) -> list[str]:
    """Write the illustrations of the tasks whose variants were measured; what failed, in lines."""
    from tinybench.measurement import illustration
    from tinybench.results.illustration import files_of, folder_of, keep
    from tinybench.tasks import TASKS

    assert settings.document is not None
    made, problems = {}, []
    for task in sorted({one.task for one in results if one.level == "variant" and one.sha256}):
        try:
            made[task] = illustration.packed(bench, TASKS.get(task), files_of(document, task))
        except Exception as error:
            problems.append(f"no figures of {task}: {error}")
    keep(folder_of(settings.document), made, only=not settings.append)
    return problems
