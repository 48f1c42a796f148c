"""Tables become data sets: header or none, names or numbers to predict, and bad cells by place."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.datasets.own import Own, Ports, read, table
from tinybench.tasks import DataError


def write(path: Path, text: str, rows: str = "", times: int = 1) -> Path:
    path.write_text(text + rows * times)
    return path


def port(*shape: int, dtype: str = "float32") -> Ports:
    return {"in": (shape, dtype)}


def rows_of(own: Own) -> list[tuple[Any, ...]]:
    """Inputs and targets of all samples, sorted."""
    return sorted(
        (*x.reshape(-1).tolist(), *([] if split.y is None else split.y[row].tolist()))
        for split in own.dataset.splits().values()
        for row, x in enumerate(split.x)
    )


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("a.csv", "a,b,y\n", "1,2.5,0\n1,2.5,1\n"),
        ("a.csv", "", "1,2.5,0\n1,2.5,1\n"),
        ("a.csv", "\ufeffa,b,y\r\n", "1,2.5,0\r\n1,2.5,1\r\n"),
        ("a.csv", "a;b;y\n", "1;2.5;0\n1;2.5;1\n"),
        ("a.tsv", "a\tb\ty\n", "1\t2.5\t0\n1\t2.5\t1\n"),
        ("a.CSV", '"a","b","y"\n', '"1", 2.5, 0\n"1", 2.5, 1\n\n'),
        ("a.csv", "0,1,y\n", "1,2.5,0\n1,2.5,1\n"),
        ("a.csv", ",a,b,y\n", "0,1,2.5,0\n1,1,2.5,1\n"),
        ("a.csv", "Label,a,b\n", "0,1,2.5\n1,1,2.5\n"),
        ("a.csv", "\n\na,b,y\n", "1,2.5,0\n1,2.5,1\n"),
    ],
)
def test_ways_to_write_a_table(tmp_path: Path, name: str, text: str, rows: str) -> None:
    """A first column without a name is what pandas numbers rows with."""
    own = read(write(tmp_path / name, text, rows, 6))

    assert rows_of(own) == [(1, 2.5, 0)] * 6 + [(1, 2.5, 1)] * 6
    assert own.dataset.test.y.dtype == np.int32
    assert own.labels == ()


def test_names_to_predict(tmp_path: Path) -> None:
    """Without a header, though the first row has a text; NA is a name like any other."""
    own = read(write(tmp_path / "iris.csv", "", "5.1,3.5,setosa\n4,3,NA\n4,3,virginica\n", 5))

    assert own.labels == ("NA", "setosa", "virginica")
    assert {row[2] for row in rows_of(own)} == {0, 1, 2}


@pytest.mark.parametrize(
    ("target", "shape", "outputs", "expected"),
    [
        (None, None, None, (1, 2, 3, 4)),
        ("a", None, None, (2, 3, 4, 1)),
        (("d", "a"), None, None, (2, 3, 4, 1)),
        (None, (3,), None, (1, 2, 3, 4)),
        (None, (4,), None, (1, 2, 3, 4)),
        (None, (2,), (2,), (1, 2, 3, 4)),
        (None, (3, 1), None, (1, 2, 3, 4)),
        (None, (2, 2), None, (1, 2, 3, 4)),
    ],
)
def test_columns_to_predict(
    tmp_path: Path, target: Any, shape: Any, outputs: Any, expected: tuple[int, ...]
) -> None:
    """The last, or as many as the model leaves; a row takes the shape of the model's input."""
    own = read(
        write(tmp_path / "a.csv", "a,b,c,d\n", "1,2,3,4\n", 5),
        expected=shape and port(*shape),
        outputs=outputs and port(*outputs),
        target=target,
    )

    assert rows_of(own) == [expected] * 5
    assert own.dataset.test.x.shape == (1, *(shape or own.dataset.test.x.shape[1:]))


def test_columns_named_as_outputs(tmp_path: Path) -> None:
    own = read(
        write(tmp_path / "a.csv", "a,b,c\n", "1,2,0.5\n", 5),
        target=("b", "c"),
        outputs={"b": ((3,), "float32"), "c": ((1,), "float32")},
    )

    assert {name: each.tolist() for name, each in own.dataset.test.targets.items()} == {
        "b": [[2]],
        "c": [[0.5]],
    }


def test_large_numbers_to_predict(tmp_path: Path) -> None:
    """They are real numbers: no class has such a number."""
    own = read(write(tmp_path / "a.csv", "1,3000000000\n", "1,2\n", 5))

    for split in own.dataset.splits().values():
        assert split.y.dtype == np.float32


def test_token_ids(tmp_path: Path) -> None:
    own = read(write(tmp_path / "a.csv", "", "1,200,0\n", 5), expected=port(2, dtype="int32"))

    assert own.dataset.test.x.dtype == np.int32


def test_tables_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", "a,y\n", "1,b\n", 10)
    write(tmp_path / "test.csv", "a,y\n", "2,a\n", 3)
    own = read(tmp_path)

    assert own.labels == ("a", "b")
    assert [len(split) for split in own.dataset.splits().values()] == [8, 2, 3]
    assert own.dataset.test.y.tolist() == [[0]] * 3


def test_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same samples as at once; rows are numbered through, and little memory is taken."""
    text = "".join(f"{row},{row % 7 / 2},{row % 3}\n" for row in range(30_000))
    path = write(tmp_path / "a.csv", "a,b,y\n", text)
    whole = read(path, most=30).dataset
    monkeypatch.setattr(table, "CELLS", 3000)
    tracemalloc.start()
    pieces = read(path, most=30).dataset
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert pieces.sha256 == whole.sha256
    assert len(pieces.train) == 18
    assert peak < 4e6
    write(path, text, "1,none,2\n")
    with pytest.raises(DataError, match=r"column '1' has 'none' in row 30001 of the data"):
        read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,b,y\n", "no rows of data"),
        ("a,b,y\n1,2,0\n3,x,1\n", "column 'b' has 'x' in row 2 of the data, which is no number"),
        ("a,b,y\n1,2,0\n3,,1\n", "column 'b' has no value in row 2"),
        ("a,b,y\n1,2,0\n3,NaN,1\n", "column 'b' has no value in row 2"),
        ("a,b,y\n1,2,0\n3,4,\n", "column 'y' has no value in row 2"),
        ("a,b,y\n1,2,0\n3,4\n", "column 'y' has no value in row 2"),
        ("a,b,y\n1,2,0\n3,4,5,6\n", "is no table .*line 3"),
        ("a,b,y\n1,2,0\n3,4,1\n5,6,n/a\n", "column 'y' has 'n/a' in row 3 of the data among"),
        ("a,b,y\n" + "1,inf,0\n" * 3, "x has 1 of 2 values NaN, infinite"),
        ("a,a,y\n1,2,0\n", "two columns 'a'"),
        ("y\n1\n", "no columns but those to predict"),
        ("a,b\n1,2\n3,4\n", "a.csv has 2 samples; .* at least 3"),
    ],
)
def test_bad_tables(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"a\.csv.*{message}|{message}"):
        read(write(tmp_path / "a.csv", text))


def test_a_table_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("größe,y\n1,2\n".encode("latin-1"))

    with pytest.raises(DataError, match="not UTF-8"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"target": "z"}, "no column 'z'; choose from: a, b, c, y"),
        ({"expected": port(8)}, r"has 4 columns, but the model takes \(8,\), which are 8"),
        ({"expected": {**port(1), "b": ((2,), "int32")}}, "the model has 2 .in, b.; save"),
        ({"expected": port(3, dtype="int32")}, "not whole, such as 2.5"),
        ({"outputs": port(3)}, r"y has classes 4\.\.4, but the model has 3 outputs"),
    ],
)
def test_tables_that_do_not_fit(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(write(tmp_path / "a.csv", "a,b,c,y\n", "1,2.5,3,4\n", 5), **given)
