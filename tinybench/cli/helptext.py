"""How `--help` is laid out: paragraphs fill the line, examples and tables stay as they are."""

from __future__ import annotations

import argparse
import re


class Help(argparse.HelpFormatter):
    """Fills each paragraph but those with an indented line."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = re.split(r"\n\s*\n", text.strip("\n"))
        return "\n\n".join(
            part if "\n  " in part else super(Help, self)._fill_text(part, width, indent)
            for part in paragraphs
        )


def add_help(parser: argparse.ArgumentParser) -> None:
    """`--help`, described as the other options are."""
    parser.add_argument("-h", "--help", action="help", help="Show this")


def examples(*lines: str, status: str = "") -> str:
    """An epilog: what the exit status means, and command lines to copy."""
    shown = "\n".join(["examples:", *(f"  tinybench {line}" for line in lines)])
    return f"exit status: {status}\n\n{shown}" if status else shown
