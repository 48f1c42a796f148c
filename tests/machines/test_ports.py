"""Samples from and to NumPy files: what fits a model, and what is said of the rest."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.machines import InputError, load_inputs, packed, random_inputs

from ..codegen.builder import Op, Tensor, build

MODELS = Path(__file__).parents[1] / "tflite" / "models"


def model(name: str) -> tflite.Model:
    return tflite.read((MODELS / f"{name}.tflite").read_bytes())


def input_names(net: tflite.Model) -> list[str]:
    return [net.tensors[index].name for index in net.inputs]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_one_array(tmp_path: Path, order: Any, byte_order: str) -> None:
    """Memory order and byte order are the file's affair."""
    values = np.arange(2 * 64, dtype="int16").reshape(2, 8, 8, 1)
    np.save(tmp_path / "x.npy", np.asarray(values, f"{byte_order}i2", order=order))

    (found,) = load_inputs(tmp_path / "x.npy", model("conv-int16x8"))

    assert found.dtype == np.dtype("int16")
    np.testing.assert_array_equal(found, values)


def test_keys_are_names_or_numbers(tmp_path: Path) -> None:
    net = model("two-inputs-int8")
    a, b = np.zeros((3, 4), np.int8), np.ones((3, 4), np.int8)
    names = input_names(net)
    named: dict[str, Any] = dict(zip(names, (a, b), strict=True))
    mixed: dict[str, Any] = {names[1]: b, "input_0": a}
    np.savez(tmp_path / "names.npz", **named)
    np.savez(tmp_path / "numbers.npz", input_1=b, input_0=a)
    np.savez(tmp_path / "both.npz", **mixed)

    for file in ("names", "numbers", "both"):
        found = load_inputs(tmp_path / f"{file}.npz", net)
        assert [array.max() for array in found] == [0, 1]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((2, 8, 8, 1), np.float32)}, "float32 values for .* takes raw int8 "),
        ({"x": np.zeros((2, 8, 8), np.int8)}, r"shape \(2, 8, 8\) for .* not \(N, 8, 8, 1\)"),
        ({"x": np.zeros((0, 8, 8, 1), np.int8)}, "no samples"),
        ({"x": np.array([None])}, "not a sound NumPy file of numbers; write it with numpy.save"),
    ],
)
def test_array_that_does_not_fit(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    """Named by file, and by key in an archive."""
    np.save(tmp_path / "x.npy", arrays["x"])
    np.savez(tmp_path / "x.npz", input_0=arrays["x"])

    for name in ("x.npy", "x.npz"):
        with pytest.raises(InputError, match=message) as caught:
            load_inputs(tmp_path / name, model("conv-int8"))
        assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"input_0": np.zeros((2, 4), np.int8)}, "no key '.*' or 'input_1' .* it has 'input_0'"),
        (
            {"input_0": np.zeros((2, 4), np.int8), "input_1": np.zeros((3, 4), np.int8)},
            "different numbers of samples: 2, 3",
        ),
        (np.zeros((2, 4), np.int8), "one array for a model with 2 inputs; give an .npz file"),
    ],
)
def test_several_inputs_that_do_not_fit(tmp_path: Path, arrays: Any, message: str) -> None:
    path = tmp_path / "x.npz"
    with path.open("wb") as file:
        np.savez(file, **arrays) if isinstance(arrays, dict) else np.save(file, arrays)

    with pytest.raises(InputError, match=message):
        load_inputs(path, model("two-inputs-int8"))


def test_one_sample_goes_with_all(tmp_path: Path) -> None:
    """A shape is given once, and without a number of samples."""
    shape, x = Tensor((2,), "int32"), Tensor((1, 6), "float32")
    out = Tensor((3, 2), "float32")
    net = tflite.read(build([shape, x], [Op("RESHAPE", [x, shape], [out])], [out]))
    values = np.zeros((5, 6), np.float32)
    for given in (np.array([3, 2], np.int32), np.array([[3, 2]], np.int32)):
        np.savez(tmp_path / "x.npz", input_0=given, input_1=values)

        found = load_inputs(tmp_path / "x.npz", net)

        assert [array.shape for array in found] == [(5, 2), (5, 6)]
        assert (found[0] == [3, 2]).all()

    np.savez(tmp_path / "one.npz", input_0=np.array([3, 2], np.int32), input_1=values[0])
    assert [array.shape for array in load_inputs(tmp_path / "one.npz", net)] == [(1, 2), (1, 6)]


def test_steps_of_a_sequence(tmp_path: Path) -> None:
    """A model that keeps a state takes samples as the steps of one sequence."""
    a, b, kept, out = (Tensor((1, 4), "float32") for _ in range(4))
    ops = [Op("CUSTOM:SignalDelay", [a], [kept]), Op("ADD", [kept, b], [out])]
    net = tflite.read(build([a, b], ops, [out]))
    steps = np.zeros((7, 4), np.float32)
    np.savez(tmp_path / "x.npz", input_0=steps, input_1=steps[:1])
    np.savez(tmp_path / "y.npz", input_0=steps, input_1=steps[:3])

    assert [len(array) for array in load_inputs(tmp_path / "x.npz", net)] == [7, 7]
    with pytest.raises(InputError, match="different numbers of steps: 7, 3"):
        load_inputs(tmp_path / "y.npz", net)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\x93NUMPY\x01\x00"])
def test_damaged_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npy").write_bytes(content)

    with pytest.raises(InputError, match=r"x\.npy: not a sound NumPy file"):
        load_inputs(tmp_path / "x.npy", model("conv-int8"))


def test_random_integers_reach_both_ends() -> None:
    (found,) = random_inputs(model("conv-int8"), 100, seed=0)

    assert found.shape == (100, 8, 8, 1)
    assert found.dtype == np.int8
    assert (found.min(), found.max()) == (-128, 127)


def test_random_samples_depend_on_the_seed_alone() -> None:
    first, again, other = (random_inputs(model("conv-int8"), 4, seed)[0] for seed in (7, 7, 8))

    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_random_floats_are_normal() -> None:
    (found,) = random_inputs(model("conv-float32"), 100, seed=0)

    assert found.dtype == np.float32
    assert abs(float(found.mean())) < 0.05
    assert abs(float(found.std()) - 1) < 0.05


def test_random_samples_have_a_limit() -> None:
    """A damaged file may say that its input is huge."""
    with pytest.raises(InputError, match="use fewer --samples"):
        random_inputs(model("conv-int8"), 10**9, seed=0)


def test_archive_is_repeatable() -> None:
    """By tensor name; no time of day in it."""
    net = model("two-inputs-int8")
    outputs = [np.zeros((5, 2), np.int8), np.ones((5, 3), np.int8)]

    data = packed(Path("y.npz"), net, outputs)

    assert data == packed(Path("y.npz"), net, outputs)
    found = np.load(io.BytesIO(data))
    assert found.files == [net.tensors[index].name for index in net.outputs]
    assert [found[key].shape for key in found.files] == [(5, 2), (5, 3)]


@pytest.mark.parametrize("name", ["../../up", "/root", "", "a\nb", "same"])
def test_unfit_names_become_numbers(name: str) -> None:
    """A file name inside an archive is not to leave the folder that somebody unpacks it in."""
    net = model("two-inputs-int8")
    renamed = [replace(tensor, name=name) for tensor in net.tensors]
    net = replace(net, tensors=tuple(renamed))

    data = packed(Path("y.npz"), net, [np.zeros((1, 2), np.int8), np.zeros((1, 3), np.int8)])

    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["output_0.npy", "output_1.npy"]


@pytest.mark.parametrize(
    ("path", "message"),
    [("y.txt", "to .npy or .npz files, not '.txt'"), ("y.npy", "has 2 outputs: name an .npz file")],
)
def test_output_names_are_checked(path: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        packed(Path(path), model("two-inputs-int8"), [])
