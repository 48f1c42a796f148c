"""`tinybench explain`: what a name in a message means, with an example and the remedy.

Each name has a page in docs/help; an installed package has them inside.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.errors import TinybenchError
from tinybench.registry import UnknownNameError

PACKAGE = Path(__file__).parents[1]
INDEX = "index"


class NoPagesError(TinybenchError):
    """The pages are missing from the installation."""

    page = "broken-package"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Print the page of a name: what stands in brackets at the end of an error, a label of a "
        "table, or an advice. Without a name, list all with a line each."
    )
    parser.epilog = examples("explain no-c-code", "explain partly float")
    parser.add_argument("page", nargs="*", metavar="NAME", help="Such as no-c-code")
    options.add_json(parser)
    parser.set_defaults(run=lambda given: run("-".join(given.page), given.json))


def run(name: str, as_json: bool) -> int:
    """Print one page, or the line of each; UnknownNameError for a name that has none."""
    found = pages()
    if not name:
        lines = {key: summary(text) for key, text in found.items()}
        width = max(map(len, lines))
        print(
            json.dumps(lines, indent=1, ensure_ascii=False)
            if as_json
            else "\n".join(f"{key.ljust(width)}  {line}" for key, line in lines.items())
        )
        return Exit.OK
    # As it stands in a message, or as a table says it.
    key = name.strip("[]").lower().replace(" ", "-")
    if key not in found:
        raise UnknownNameError("name", name, found)
    print(json.dumps({"name": key, "text": found[key]}) if as_json else found[key], end="")
    return Exit.OK


def pages() -> dict[str, str]:
    """The text of each page by its name; NoPagesError if they are not there."""
    for folder in (PACKAGE / "_help", PACKAGE.parent / "docs" / "help"):
        if (folder / f"{INDEX}.md").is_file():
            paths = sorted(folder.glob("*.md"))
            return {path.stem: path.read_text("utf-8") for path in paths if path.stem != INDEX}
    raise NoPagesError(f"the pages are missing beside {PACKAGE}: install pytest-tinybench again")


def summary(text: str) -> str:
    """What a page says first, below its title."""
    return " ".join(text.split("\n\n")[1].split())
