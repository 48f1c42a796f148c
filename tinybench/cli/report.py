"""`tinybench report`: tables and figures from one document."""

from __future__ import annotations

from pathlib import Path

from tinybench import document, progress
from tinybench.measure import Bench
from tinybench.pipeline import Pipeline
from tinybench.report import publish, walkthrough
from tinybench.store import Store


def run(path: Path, folder: Path | None, cache: Path, with_figures: bool) -> int:
    """Write everything below `folder` and name what was written."""
    found = document.read(path)
    target = folder or path.parent
    bench = Bench(Pipeline(Store(cache), progress.bar))
    figures: dict[str, Path] = {}
    if with_figures:
        from tinybench.report import figures as drawing

        figures = drawing.draw(found, bench, target)
    pages = walkthrough.pages(found, bench)
    written = publish.publish(found, target, figures, pages)
    print(f"written: {target / 'README.md'}, and {len(written) + len(figures) - 1} more files")
    return 0
