"""What the site has beside this folder's pages: pages that stand elsewhere, what programs say.

Links are written as they work in the repository. On the site a link to a file of the repository
that is a page there leads to the page, to any other file, to the source.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath
from unittest import mock

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tinybench.cli import main
from tinybench.cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "firmware/README.md": "how-to/firmware.md",
}
"""Files of the repository that are pages of the site."""
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
FENCED = re.compile(r"^(```.*?^```)", re.M | re.S)
WIDTH = "96"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A pattern in a section of the navigation stands for the pages that no entry names."""
    sections = [pages for entry in config.nav or [] for pages in entry.values()]
    named = {page for pages in sections if isinstance(pages, list) for page in map(_page, pages)}
    for pages in sections:
        if isinstance(pages, list) and "*" in (pattern := _page(pages[-1])):
            found = sorted(Path(config.docs_dir).glob(pattern))
            names = [path.relative_to(config.docs_dir).as_posix() for path in found]
            pages[-1:] = [name for name in names if name not in named]
    return config


def _page(entry: str | dict[str, str]) -> str:
    return entry if isinstance(entry, str) else next(iter(entry.values()))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Bring in the pages that stand elsewhere."""
    for source, page in ELSEWHERE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Add what programs say, and let links lead where they do in the repository."""
    name = page.file.src_uri
    if name == "reference/options.md":
        markdown += options()
    parts = FENCED.split(markdown)
    source = f"{config.extra['source']}/blob/main/"
    return "".join(
        part if part.startswith("```") else LINK.sub(lambda link: _target(link, name, source), part)
        for part in parts
    )


def options() -> str:
    """What each command and pytest say of their options."""
    sections = [f"\n## pytest\n\n```text\n{_pytest_help()}```\n"]
    for name in COMMANDS:
        sections.append(f"\n## tinybench {name}\n\n```text\n{_help(name)}```\n")
    return "".join(sections)


def _help(command: str) -> str:
    said = io.StringIO()
    with (
        mock.patch.dict(os.environ, COLUMNS=WIDTH),
        contextlib.redirect_stdout(said),
        contextlib.suppress(SystemExit),
    ):
        main([command, "--help"])
    return said.getvalue()


def _pytest_help() -> str:
    """The plugin's part of `pytest --help`: its group, and its lines of the ini file's."""
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"],
        env={**os.environ, "COLUMNS": WIDTH},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (group,) = re.findall(r"^benchmark quantized variants.*?(?=^\S)", said, re.M | re.S)
    settings = re.findall(r"^  tinybench_.*?(?=^  \w|^\S|\n\n)", said, re.M | re.S)
    return "".join([group, "ini file:\n", *settings])


def _target(link: re.Match[str], page: str, source: str) -> str:
    """Where a link leads on the site; one to nothing stays, and mkdocs warns of it."""
    origins = {there: here for here, there in ELSEWHERE.items()}
    origin = PurePosixPath(origins.get(page, f"docs/{page}"))
    path = PurePosixPath(os.path.normpath(origin.parent / link[1])).as_posix()
    anchor = link[2] or ""
    if path in ELSEWHERE:
        return _relative(ELSEWHERE[path], page) + anchor
    if path.startswith("docs/") and path.endswith(".md"):
        return _relative(path.removeprefix("docs/"), page) + anchor
    return source + path + anchor if (ROOT / path).exists() else link[0]


def _relative(target: str, page: str) -> str:
    return os.path.relpath(target, PurePosixPath(page).parent).replace(os.sep, "/")
