"""A file whose first subgraph is the one that a signature names: what every runtime then runs."""

from __future__ import annotations

from tinybench.tflite.cut import METADATA, SIGNATURES, put
from tinybench.tflite.flat import ModelError, root
from tinybench.tflite.reading import read
from tinybench.tflite.subgraphs import called, calls

SUBGRAPHS = 8  # of Model, see `cut`


class SignatureError(ModelError):
    """A signature that the file does not have, or that cannot be taken out of it."""

    page = "unknown-name"


def chosen(data: bytes, key: str) -> bytes:
    """Return the model that a signature of a file names; SignatureError if it names none.

    It is the same file with the signature's subgraph first, and without those that are not run
    then. Metadata and signatures go, as they do where a model is `cut`. The first subgraph's own
    signature is the file as it is.
    """
    model = read(data)
    found = {one.key: one.subgraph for one in model.signatures}
    if key not in found:
        known = f"it has {', '.join(map(repr, found))}" if found else "it has none"
        raise SignatureError(f"model: no signature {key!r}; {known}")
    index = found[key]
    if not index:
        return data
    needed = called(model.at(index), once=True)
    for number in (index, *needed):
        for operator in model.subgraphs[number].operators:
            if {0, index}.intersection(calls(operator)):
                raise SignatureError(
                    f"model: signature {key!r} is subgraph {index}, which runs itself or the first"
                )
    edited = bytearray(data)
    table = root(data)._tab
    for field in (METADATA, SIGNATURES):
        if offset := table.offset_of(field):
            put(edited, table.indirect(table.Pos + offset), 0)
    vector = table.indirect(table.Pos + table.offset_of(SUBGRAPHS))
    first, other = vector + 4, vector + 4 + 4 * index
    put(edited, first, table.indirect(other) - first)
    put(edited, vector, 1 + max(needed, default=0))
    result = bytes(edited)
    read(result)
    return result
