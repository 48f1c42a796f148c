"""What ships of a data set is exactly what was measured with."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinybench.datasets import evaluation
from tinybench.tasks import DataError, Dataset, Grid, Split

GRID = Grid("uint8", 1 / 255)
LABELS = ("no", "yes")


def split(seed: int, count: int) -> Split:
    random = np.random.default_rng(seed)
    x = GRID.values(random.integers(0, 256, (count, 4, 3), np.uint8))
    return Split(x, np.eye(2, dtype=np.float32)[random.integers(0, 2, count)])


@pytest.fixture
def data() -> Dataset:
    return Dataset(split(1, 20), split(2, 6), split(3, 9), "random pixels", "CC0", "seeds: 1, 2, 3")


def test_calibration_is_the_first_training_samples(data: Dataset) -> None:
    found = evaluation.of_dataset(data, 5, LABELS)

    assert found.calibration.tobytes() == data.train.x[:5].tobytes()
    assert found.test is data.test


def test_card_counts_classes(data: Dataset) -> None:
    card = evaluation.of_dataset(data, 5, LABELS).card

    assert (card.sha256, card.licence, card.groups) == (data.sha256, "CC0", "seeds: 1, 2, 3")
    assert {name: sum(counts.values()) for name, counts in card.counts.items()} == {
        "train": 20,
        "validation": 6,
        "test": 9,
    }
    assert card.counts["test"]["yes"] == int(data.test.y[:, 1].sum())


def test_a_shipped_file_gives_the_same_bytes(data: Dataset, tmp_path: Path) -> None:
    made = evaluation.of_dataset(data, 5, LABELS)

    evaluation.save(tmp_path / "shipped.npz", made, GRID)
    found = evaluation.load(tmp_path / "shipped.npz")

    assert found.card == made.card
    assert found.calibration.tobytes() == made.calibration.tobytes()
    assert found.test.x.tobytes() == made.test.x.tobytes()
    assert found.test.y.tobytes() == made.test.y.tobytes()


def test_a_packed_data_set_has_the_same_hash(data: Dataset) -> None:
    assert evaluation.unpack(evaluation.pack(data, GRID), GRID).sha256 == data.sha256


def test_inputs_between_codes_are_not_shipped(data: Dataset, tmp_path: Path) -> None:
    wrong = replace(data, test=replace(data.test, x=data.test.x + np.float32(1e-3)))

    with pytest.raises(DataError, match="inputs are not on the grid"):
        evaluation.save(tmp_path / "no.npz", evaluation.of_dataset(wrong, 5, LABELS), GRID)

    assert list(tmp_path.iterdir()) == []


def test_targets_must_fit_the_labels(data: Dataset) -> None:
    with pytest.raises(DataError, match="there are 3 labels; a classifier's targets are one-hot"):
        evaluation.of_dataset(data, 5, ("a", "b", "c"))


@pytest.mark.parametrize("content", [None, b"", b"PK\3\4 cut short"])
def test_a_missing_or_damaged_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "shipped.npz"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DataError, match=r"shipped\.npz holds no test and .* tinybench train"):
        evaluation.load(path)
