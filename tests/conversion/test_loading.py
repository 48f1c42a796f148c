"""Every kind of file is read by the Keras that wrote it; a bad one is one clear line."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.conversion import model_file
from tinybench.conversion.declared import declared_ports
from tinybench.conversion.formats import ModelFileError, format_of
from tinybench.conversion.loading import load_model
from tinybench.conversion.variants import VARIANTS, convert
from tinybench.tensorflow import Keras, KerasModel, load, load_keras3

X = np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32)


@pytest.fixture(params=["Keras 2", "Keras 3"])
def keras(request: pytest.FixtureRequest) -> Keras:
    return load().keras if request.param == "Keras 2" else load_keras3()


def net(keras: Keras) -> KerasModel:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_a_file_gives_the_model_that_was_saved(keras: Keras, tmp_path: Path, name: str) -> None:
    model = net(keras)
    model.save(tmp_path / name)

    found = load_model(tmp_path / name)

    assert isinstance(found, keras.Model)
    assert np.array_equal(found(X), model(X))


def test_a_served_folder_converts(keras: Keras, tmp_path: Path) -> None:
    model = net(keras)
    model.export(str(tmp_path / "served"))

    found = load_model(tmp_path / "served")

    assert format_of(tmp_path / "served") == "saved-model"
    assert tflite.problems(tflite.read(convert(found, VARIANTS.get("int8"), X)), "int8") == []


def test_the_types_of_inputs_are_those_of_the_model(keras: Keras, tmp_path: Path) -> None:
    """An Input of token ids says float32 where nobody said int32."""
    layers = keras.layers
    ids, picture = keras.Input((5,), name="ids"), keras.Input((5,), dtype="uint8", name="picture")
    read = layers.Flatten()(layers.Embedding(9, 2)(ids))
    joined = layers.Concatenate()([read, layers.Rescaling(1 / 255)(picture)])
    models = [
        keras.Model([ids, picture], joined),
        keras.Sequential([keras.Input((5,)), layers.Embedding(9, 2)]),
    ]

    found = []
    for number, model in enumerate(models):
        model.save(tmp_path / f"{number}.keras")
        found.append([*declared_ports(model_file.find(tmp_path / f"{number}.keras"))[0].values()])

    assert found == [[((5,), "int32"), ((5,), "uint8")], [((5,), "int32")]]


def test_a_missing_class_is_named(keras: Keras, tmp_path: Path) -> None:
    class Mine(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

    path = tmp_path / "m.keras"
    keras.Sequential([keras.Input((3,)), Mine()]).save(path)

    with pytest.raises(ModelFileError, match=r"m.keras: it needs Mine, .*custom_objects=\{'Mine'"):
        load_model(path)
    assert load_model(path, {"Mine": Mine}).count_params() == 0


def test_weights_that_are_no_numbers_are_counted(keras: Keras, tmp_path: Path) -> None:
    model = net(keras)
    kernel, bias = model.get_weights()
    kernel[0] = np.nan
    model.set_weights([kernel, bias])
    model.save(tmp_path / "m.keras")

    with pytest.raises(ModelFileError, match=r"NaN or infinite: \S*kernel \(2 of 6\)"):
        load_model(tmp_path / "m.keras")


def test_weights_alone_are_no_model(keras: Keras, tmp_path: Path) -> None:
    net(keras).save_weights(tmp_path / "m.weights.h5")

    with pytest.raises(ModelFileError, match="holds weights, and no model"):
        load_model(tmp_path / "m.weights.h5")


def _cut(path: Path) -> None:
    load_keras3()
    net(load_keras3()).save(path)
    path.write_bytes(path.read_bytes()[:2000])


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", b"")


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("m.keras", _cut, "it is not whole"),
        ("m.pt", _zip, "a model of PyTorch, not of Keras; convert the model first"),
        ("m.onnx", lambda path: path.write_bytes(b"\x08\x07"), "a model of ONNX.*onnx2tf"),
        ("m.keras", lambda path: path.write_bytes(b""), "the file is empty"),
        ("m.tflite", lambda path: path.write_text("TFL3"), "expected b'TFL3'"),
        (
            "m.tflite",
            lambda path: path.write_text("version https://git-lfs.github.com/spec/v1"),
            "a pointer of git-lfs, not the file itself; fetch that: git lfs pull",
        ),
        ("m.h5", lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n"), None),
        ("m.txt", lambda path: path.write_text("hello"), "not a model: it starts with"),
        ("m.keras", lambda path: None, "there is no such file"),
        ("m", lambda path: path.mkdir(), "a folder without saved_model.pb"),
    ],
)
def test_a_bad_file_is_refused(
    tmp_path: Path, name: str, write: Callable[[Path], object], message: str | None
) -> None:
    write(tmp_path / name)

    with pytest.raises(ModelFileError, match=message):
        load_model(tmp_path / name)


def test_the_hash_of_a_folder_is_of_all_that_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"graph")
    before = model_file.find(tmp_path).sha256

    (tmp_path / "variables").mkdir()
    (tmp_path / "variables" / "variables.index").write_bytes(b"x")

    assert model_file.find(tmp_path).sha256 != before
