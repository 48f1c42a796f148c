"""Splits by group: every person in one split, and every class in every split."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Set

from tinybench.datasets.data import DataError
from tinybench.storage import hashing

SHARES = {"train": 0.65, "validation": 0.13, "test": 0.22}
"""Of the groups, about."""


def assign(classes: Mapping[str, Set[str]], kind: str = "person") -> dict[str, str]:
    """The split of each group, given the classes that it has samples of.

    The order in which groups are taken is that of a hash of their names, so that it has nothing
    to do with what was recorded. DataError if a class has fewer than three groups, or if no way
    was found to have every class in every split; `kind` is the word for a group.
    """
    order = sorted(classes, key=_hash)
    for name in sorted(set().union(*classes.values())):
        having = sorted(group for group in order if name in classes[group])
        if len(having) < len(SHARES):
            raise DataError(
                f"class {name!r} has samples of {len(having)} {kind}s ({', '.join(having)}); "
                f"train, validation and test need a {kind} each, so at least {len(SHARES)}"
            )
    found: dict[str, str] = {}
    for split in ("test", "validation", "train"):
        missing = set().union(*classes.values())
        while missing:
            able = [group for group in order if group not in found and missing & classes[group]]
            if not able:
                raise DataError(
                    f"the {split} split has no {kind} left for {', '.join(sorted(missing))}; "
                    f"record each class with more {kind}s"
                )
            # Whoever has most of the missing classes; of equal ones, the first in the order.
            chosen = max(able, key=lambda group: len(missing & classes[group]))
            found[chosen] = split
            missing -= classes[chosen]
    # What each split has less than its share.
    lacking = {split: share * len(order) for split, share in SHARES.items()}
    for split in found.values():
        lacking[split] -= 1
    for group in order:
        if group not in found:
            found[group] = max(lacking, key=lambda split: lacking[split])
            lacking[found[group]] -= 1
    return found


def _hash(group: str) -> str:
    return hashing.of_bytes(one_spelling(group).encode())


def one_spelling(name: str) -> str:
    """File systems disagree whether an accent or a Hangul syllable is one character or several."""
    return unicodedata.normalize("NFC", name)
