"""NumPy's files become data sets: by their keys, in pieces, and never wrong in silence."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tinybench.datasets.own import Own, arrays, read
from tinybench.tasks import DataError

IMAGES = {"image": ((28, 28, 1), "float32")}
TEN = {"class": ((10,), "float32")}


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def counts(own: Own) -> tuple[int, ...]:
    return tuple(map(len, own.dataset.splits().values()))


def everything(own: Own) -> np.ndarray[Any, Any]:
    return np.concatenate([split.x for split in own.dataset.splits().values()])


def test_one_part_is_split_by_class(tmp_path: Path) -> None:
    """Data in class order, and of unequal classes: each split has its share of each."""
    y = np.repeat([0, 1, 2], [20, 50, 130])
    own = read(save(tmp_path / "a.npz", x=np.arange(200.0)[:, None], y=y))

    shares = [np.bincount(split.y[:, 0]).tolist() for split in own.dataset.splits().values()]
    assert shares == [[12, 30, 78], [4, 10, 26], [4, 10, 26]]
    assert sorted(everything(own)[:, 0]) == list(range(200))
    for split in own.dataset.splits().values():
        assert (split.y[:, 0] == y[split.x[:, 0].astype(int)]).all()


def test_the_draw_is_of_its_seed(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", x=np.arange(90.0)[:, None])
    one, again, other = (read(path, seed=seed).dataset for seed in (1, 1, 2))

    assert one.sha256 == again.sha256 != other.sha256


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("x_train", "y_train", "x_val", "y_val", "x_test", "y_test"), (30, 20, 10)),
        (("train_images", "train_labels", "v", "w", "test_images", "test_labels"), (22, 8, 10)),
        (("x_train", "y_train", "x_validation", "y_validation", "t", "u"), (22, 20, 8)),
        (("X_Train", "Y_Train", "v", "w", "t", "u"), (18, 6, 6)),
    ],
)
def test_splits_of_the_file_stay(
    tmp_path: Path, keys: tuple[str, ...], expected: tuple[int, ...]
) -> None:
    """A split that the file lacks is drawn from its largest part."""
    found: dict[str, Any] = {}
    for place, count in enumerate((30, 20, 10)):
        if len(keys[2 * place]) > 1:
            found[keys[2 * place]] = np.full((count, 2), place, np.float32)
            found[keys[2 * place + 1]] = np.arange(count) % 2
    own = read(save(tmp_path / "a.npz", **found))

    assert counts(own) == expected
    for place, split in enumerate(own.dataset.splits().values()):
        if len(keys[2 * place]) > 1:
            assert (split.x == place).all()


@pytest.mark.parametrize("names", [("x", "y"), ("inputs", "labels"), ("data", "targets")])
def test_names_of_inputs_and_targets(tmp_path: Path, names: tuple[str, str]) -> None:
    arrays = {names[0]: np.ones((9, 2)), names[1]: np.zeros(9, int)}
    own = read(save(tmp_path / "a.npz", **arrays))

    assert own.dataset.test.x.shape == (2, 2)
    assert own.dataset.test.y.tolist() == [[0], [0]]


@pytest.mark.parametrize("keys", [("x.left", "x.right", "y"), ("x/left", "x/right", "y.out")])
def test_several_inputs(tmp_path: Path, keys: tuple[str, ...]) -> None:
    arrays = dict(zip(keys, (np.ones((9, 3)), np.arange(9), np.arange(9.0)), strict=True))
    ports = {"left": ((3,), "float32"), "right": ((1,), "int32")}
    own = read(
        save(tmp_path / "a.npz", **arrays), expected=ports, outputs={"out": ((1,), "float32")}
    )

    test = own.dataset.test
    assert {name: (each.shape, each.dtype.name) for name, each in test.x.items()} == {
        "left": ((2, 3), "float32"),
        "right": ((2, 1), "int32"),
    }
    assert (test.y == test.x["right"]).all()


def test_keys_named_as_the_model_names_them(tmp_path: Path) -> None:
    ports = {"tokens": ((4,), "int32"), "length": ((1,), "float32")}
    outputs = {"mood": ((2,), "float32"), "stars": ((1,), "float32")}
    arrays = {
        f"{name}_{part}": np.zeros((count, 4) if name == "tokens" else count, int)
        for part, count in (("train", 20), ("test", 5))
        for name in (*ports, *outputs)
    }
    own = read(save(tmp_path / "a.npz", **arrays), expected=ports, outputs=outputs)

    assert counts(own) == (15, 5, 5)
    assert set(own.dataset.test.targets) == {"mood", "stars"}


def test_names_of_classes_become_numbers(tmp_path: Path) -> None:
    y = np.array(["no", "fire", "no"] * 5)
    own = read(save(tmp_path / "a.npz", x=np.arange(15.0), y=y))

    assert own.labels == ("fire", "no")
    for split in own.dataset.splits().values():
        assert (split.y == (split.x % 3 != 1)).all()


def test_weights_go_with_their_samples(tmp_path: Path) -> None:
    x = np.arange(20.0)[:, None]
    own = read(save(tmp_path / "a.npz", x=x, y=x, sample_weight=np.arange(20) / 2))

    for split in own.dataset.splits().values():
        assert split.weights is not None
        assert (split.weights == split.x[:, 0] / 2).all()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("float64", "float32"),
        ("float16", "float32"),
        (">f4", "float32"),
        ("int64", "int32"),
        ("uint16", "int32"),
        ("uint8", "uint8"),
        ("int8", "int8"),
        ("bool", "bool"),
    ],
)
def test_types_of_inputs(tmp_path: Path, given: str, expected: str) -> None:
    own = read(save(tmp_path / "a.npz", x=(np.arange(18) % 2).reshape(9, 2).astype(given)))

    assert everything(own).dtype == expected
    assert everything(own).dtype.isnative
    assert everything(own).sum() == 9


@pytest.mark.parametrize(
    ("scaling", "expected"), [(None, 255), ("0..255", 255), ("0..1", 1), ("-1..1", 1)]
)
def test_bytes_as_real_numbers(tmp_path: Path, scaling: Any, expected: float) -> None:
    """A missing channel is added."""
    x = np.zeros((9, 28, 28), np.uint8)
    x[:, 1] = 255
    own = read(
        save(tmp_path / "a.npz", x=x, y=np.arange(9)),
        expected=IMAGES,
        outputs=TEN,
        scaling=scaling,
    )

    test = own.dataset.test
    assert test.x.shape == (2, 28, 28, 1)
    assert test.x.dtype == np.float32
    assert test.x.max() == expected
    assert test.x.min() == (-1 if scaling == "-1..1" else 0)


def test_without_targets_there_are_no_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((10, 4)))

    assert read(tmp_path / "a.npy").dataset.test.targets == {}


def test_a_folder_of_arrays(tmp_path: Path) -> None:
    for name in ("x_train", "x_test"):
        np.save(tmp_path / f"{name}.npy", np.ones((10, 4)))

    assert counts(read(tmp_path)) == (8, 2, 10)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.ones((700, 2)), "y": np.ones(699)}, "x has 700 samples, y has 699"),
        ({"x": np.ones((2, 2))}, "2 samples; train and validation and test need one each, .* 3"),
        ({"x": np.ones((0, 2))}, "x has no samples"),
        ({"x": np.array([1, np.nan, np.inf] * 3)}, r"x has .* NaN, infinite .* first at \(1,\)"),
        ({"x": np.array([2**40] * 9)}, "values from 1099511627776 .* int32 holds"),
        ({"x": np.array(["a"] * 9)}, "x is <U1, which is no number"),
        ({"x": np.array([{}] * 9)}, "x holds Python objects"),
        ({"x": np.zeros(9, [("a", int), ("b", int)])}, "structured array with the fields a, b"),
        ({"x": np.float32(1)}, "x is one number"),
        ({"x": np.ones(9) * 1j}, "x is complex128"),
        ({"pixels": np.ones(9)}, "no inputs: its keys are pixels; call inputs x"),
        ({"x": np.ones(9), "lables": np.ones(9)}, r"no targets, but keys .* \(lables\)"),
        ({"x": np.ones(9), "data": np.ones(9)}, "has x twice"),
        ({"x": np.ones(9), "x_test": np.ones(9)}, "data of the parts test and data of no part"),
        ({"x_test": np.ones(9), "y_train": np.ones(9)}, "no inputs for train"),
        ({"x": np.ones(9), "weights": -np.ones(9)}, "weights is negative"),
        ({}, "no inputs: its keys are none"),
    ],
)
def test_bad_arrays(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=rf"a\.npz.*{message}"):
        read(save(tmp_path / "a.npz", **arrays))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.ones((9, 32, 32))}, r"the model takes \(28, 28, 1\), the data have \(32, 32\)"),
        ({"x": np.ones((9, 1, 28, 28))}, "move the channels last"),
        ({"x": np.ones((9, 784))}, "reshape"),
        ({"x.a": np.ones(9), "x.b": np.ones(9)}, "the inputs image, the data have x.a, x.b"),
        (
            {"x": np.ones((9, 28, 28)), "y": np.arange(2, 11)},
            r"y has classes \d..10, but the model has 10 outputs",
        ),
        ({"x": np.ones((9, 28, 28)), "y": np.arange(9) / 2}, "one real number .* gives 10"),
        ({"x": np.ones((9, 28, 28)), "y": np.ones((9, 4))}, r"gives \(10,\), the data have \(4,\)"),
        ({"x": np.ones((9, 28, 28)), "y": ["a", "b", "c"] * 3}, r"3 classes \(a, b, c\), .* 10"),
    ],
)
def test_data_that_do_not_fit_the_model(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=rf"a\.npz.*{message}"):
        read(save(tmp_path / "a.npz", **arrays), expected=IMAGES, outputs=TEN)


@pytest.mark.parametrize(
    ("labels", "y", "message"),
    [
        (("a", "b", "c"), range(10), r"y has classes 0\.\.9, but there are 3 labels"),
        (("a", "b"), ["a", "c"] * 5, "class 'c', but the labels are a, b"),
        (("a", "a"), [0, 1] * 5, "one twice"),
    ],
)
def test_labels_that_do_not_fit(
    tmp_path: Path, labels: tuple[str, ...], y: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(save(tmp_path / "a.npz", x=np.ones(10), y=np.array(list(y))), labels=labels)


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\3\4", b"\x93NUMPY\1\0"])
def test_damaged_files(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError, match=rf"{name} is no \.np. file .*save it again"):
        read(tmp_path / name)


@pytest.mark.parametrize("old", [b"(10, 4)", b"'<f8'", b"{'", b"False"])
@pytest.mark.parametrize("new", [b"(", b"\0", b"{[", b"99999999999999999999"])
def test_headers_that_are_no_python(tmp_path: Path, old: bytes, new: bytes) -> None:
    np.save(tmp_path / "a.npy", np.ones((10, 4)))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content.replace(old, new.ljust(len(old))[: len(old)], 1))

    with pytest.raises(DataError, match=r"a\.npy is no \.npy file"):
        read(tmp_path / "a.npy")


def test_cut_files(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones(1000))
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:-8])

    with pytest.raises(DataError, match=r"a\.npy is no \.npy file"):
        read(tmp_path / "a.npy")


@pytest.mark.parametrize("name", ["a.npz", "a.txt", "none.npz"])
def test_what_is_no_file_of_data(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.npz").mkdir()
    (tmp_path / "a.txt").write_text("1")

    with pytest.raises(DataError, match=f"{name} .*has no classes|{name} .*give .npz"):
        read(tmp_path / name)


def test_an_archive_that_declares_more_than_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((9, 1 << 20), np.float32))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1 << 20))

    with pytest.raises(DataError, match=r"x declares 0\.0 GB in a file .* TMPDIR"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("order", ["C", "F"])
def test_large_members_are_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: bool, order: Any
) -> None:
    monkeypatch.setattr(arrays, "SMALL", 1 << 20)
    x = np.asarray(np.arange(2 << 20, dtype=np.float32).reshape(-1, 128), order=order)
    (np.savez_compressed if compress else np.savez)(tmp_path / "a.npz", x=x, y=x[:, 0])
    tracemalloc.start()
    own = read(tmp_path / "a.npz", most=30)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert counts(own) == (18, 6, 6)
    assert peak < 6e6
    for split in own.dataset.splits().values():
        assert (split.x[:, :1] == split.y).all()
        assert (np.diff(split.x) == 1).all()


def test_a_file_larger_than_memory(tmp_path: Path) -> None:
    """Two gigabytes, of which 2,000 samples are wanted: in a process that has little memory."""
    path = tmp_path / "a.npy"
    np.lib.format.open_memmap(path, "w+", np.float32, (500_000, 1024)).flush()
    code = (
        "import resource, sys; from tinybench.datasets.own import read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "own = read(sys.argv[1], most=2000)\n"
        "print(*map(len, own.dataset.splits().values()))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)

    assert path.stat().st_size > 2e9
    counted, kilobytes = run.stdout.splitlines()
    assert counted == "1200 400 400"
    assert int(kilobytes) < 300_000


def test_the_source_names_the_file_and_its_hash(tmp_path: Path) -> None:
    own = read(save(tmp_path / "a.npz", x=np.ones(9)))

    assert own.dataset.source.startswith("a.npz, SHA-256 ")
    assert own.dataset.groups == "samples: 5 train, 2 validation, 2 test, drawn with seed 1"


def test_an_archive_with_other_files(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", x=np.ones(9))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("readme.txt", "hello")

    assert counts(read(path)) == (5, 2, 2)
