"""The pen's acceleration is the second derivative of its position."""

import numpy as np
import pytest

from tinybench.datasets.strokes import COLUMNS, FIGURES, Strokes, drawn, lengths, of_figures


def one_by_one(name: str) -> Strokes:
    """A figure, each stroke in half a second, a tenth of which the next one overlaps."""
    shape = of_figures([FIGURES[name]], len(FIGURES[name]))
    count = shape.shape[1]
    return Strokes(
        shape, 0.2 + 0.45 * np.arange(count, dtype=np.float64)[None], np.full((1, count), 0.5)
    )


@pytest.mark.parametrize("name", FIGURES)
def test_acceleration_is_the_second_derivative(name: str) -> None:
    """Of lines and arcs, also where strokes overlap; its slope jumps where a stroke ends."""
    times = np.arange(0, 3, 1e-4)
    position, acceleration = drawn(one_by_one(name), times)

    second = np.diff(position, 2, axis=1) / 1e-8
    np.testing.assert_allclose(acceleration[:, 1:-1], second, atol=0.05)


@pytest.mark.parametrize(
    ("name", "end"), [("wing", (1.1, 0.0)), ("slope", (0.55, -1.0)), ("V", (0.7, 0.0))]
)
def test_figure_is_drawn_once_and_ends_where_its_lines_do(
    name: str, end: tuple[float, float]
) -> None:
    position, acceleration = drawn(one_by_one(name), np.array([0.0, 0.2, 2.9, 3.0]))

    assert not position[0, :2].any()
    assert not acceleration.any()
    np.testing.assert_allclose(position[0, 2:], [end, end], atol=1e-12)


def test_circle_is_round() -> None:
    """All points of an arc are a radius away from the centre."""
    shape = of_figures([[(0, 0, 0.4, 0.4, np.pi / 2, -2 * np.pi)]], 1)
    position, _ = drawn(Strokes(shape, np.zeros((1, 1)), np.ones((1, 1))), np.linspace(0, 1, 50))

    np.testing.assert_allclose(np.linalg.norm(position - [0, -0.4], axis=-1), 0.4)
    np.testing.assert_allclose(lengths(shape), 0.8 * np.pi)


def test_padding_strokes_are_empty() -> None:
    shape = of_figures([FIGURES["slope"], []], 4)

    assert shape.shape == (2, 4, COLUMNS)
    assert lengths(shape).astype(bool).tolist() == [[True, True, False, False], [False] * 4]
