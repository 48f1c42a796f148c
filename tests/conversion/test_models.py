"""Whatever Keras made a model: LiteRT computes what it does, and ports are what the samples say."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.conversion.ports import arrays_of
from tinybench.conversion.tracing import caller
from tinybench.conversion.variants import VARIANTS, ConversionError, convert, ports_of
from tinybench.tensorflow import Keras, KerasModel, load, load_keras3
from tinybench.tflite import ports

Arrays = Mapping[str, NDArray[Any]]
RANDOM = np.random.default_rng(1)


@pytest.fixture(params=["Keras 2", "Keras 3"])
def keras(request: pytest.FixtureRequest) -> Keras:
    found = load().keras if request.param == "Keras 2" else load_keras3()
    found.utils.set_random_seed(1)
    return found


def normal(*shape: int) -> NDArray[np.float32]:
    return RANDOM.normal(size=(16, *shape)).astype(np.float32)


def chain(keras: Keras, shape: tuple[int | None, ...], *layers: Any) -> KerasModel:
    """A Sequential with biases that are not zero, as trained ones are."""
    made = keras.Sequential([keras.Input(shape), *layers])
    made.set_weights([w + 0.1 * RANDOM.normal(size=w.shape) for w in made.get_weights()])
    return made


def expected(model: KerasModel, samples: Any) -> list[NDArray[Any]]:
    """What Keras itself gives, in the model's order."""
    arrays = arrays_of(model, samples)
    found = caller(model, arrays)(*map(load().tf.constant, arrays.values()))
    values = found.values() if isinstance(found, Mapping) else found
    return [np.array(one) for one in (values if not hasattr(found, "shape") else [found])]


def litert(data: bytes, samples: Any) -> list[NDArray[np.float32]]:
    """What LiteRT gives, each sample from the initial state."""
    model = tflite.read(data)
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    columns = list(samples.values()) if isinstance(samples, Mapping) else [samples]
    found = []
    for row in zip(*columns, strict=True):
        interpreter.reset_all_variables()
        for index, x in zip(model.inputs, row, strict=True):
            interpreter.set_tensor(index, ports.codes_of(x[None], model.tensors[index])[0])
        interpreter.invoke()
        found.append([interpreter.get_tensor(index)[0] for index in model.outputs])
    return [
        ports.values_of(np.array(values), model.tensors[index])
        for values, index in zip(zip(*found, strict=True), model.outputs, strict=True)
    ]


def names_of(data: bytes) -> list[str]:
    return [operator.name for operator in tflite.read(data).operators]


def check(model: KerasModel, samples: Any, *variants: str, near: float = 0.05) -> bytes:
    """Convert, verify and compare; the last variant's file."""
    data = b""
    wanted = expected(model, samples)
    for name in ("float32", *(variants or ("int8",))):
        data = convert(model, VARIANTS.get(name), samples)
        assert tflite.problems(tflite.read(data), name) == []
        found = litert(data, samples)
        for mine, theirs in zip(found, wanted, strict=True):
            assert np.abs(mine - theirs).max() < (1e-5 if name == "float32" else near)
    return data


def test_several_inputs_and_outputs_keep_their_order(keras: Keras) -> None:
    layers = keras.layers
    late, early = keras.Input((3,), name="z"), keras.Input((4,), name="a")
    joined = layers.Concatenate()([late, early])
    outputs = {"w": layers.Dense(2)(joined), "b": layers.Dense(1)(joined)}
    model = keras.Model([late, early], outputs)
    samples = {"a": normal(4), "z": normal(3)}

    found = ports_of(model, samples)

    assert [str(port) for port in found.inputs] == ["z (3,)", "a (4,)"]
    assert [str(port) for port in found.outputs] == ["w (2,)", "b (1,)"]
    check(model, {"z": samples["z"], "a": samples["a"]}, "int8", "int16x8", near=0.1)


def test_inputs_that_do_not_fit_are_named_on_both_sides(keras: Keras) -> None:
    first, second = keras.Input((10,), name="a"), keras.Input((4,), name="b")
    model = keras.Model([first, second], keras.layers.Concatenate()([first, second]))

    message = r"the model has inputs a \(10,\), b \(4,\); the data have x \(10,\), b \(5,\)"
    with pytest.raises(ConversionError, match=message):
        ports_of(model, {"x": normal(10), "b": normal(5)})


def test_token_ids_stay_integers(keras: Keras) -> None:
    """No CAST is left, and the file is as good as the float one."""
    layers = keras.layers
    ids = RANDOM.integers(0, 200, (16, 12))
    model = chain(
        keras, (12,), layers.Embedding(200, 8), layers.GlobalAveragePooling1D(), layers.Dense(2)
    )

    data = check(model, {"ids": ids}, near=0.01)

    assert "CAST" not in names_of(data)
    found = tflite.read(data)
    assert [found.tensors[index].dtype for index in found.inputs] == ["int32"]


def test_pictures_of_uint8(keras: Keras) -> None:
    """They stay that in float files, and are quantized from 0 to 255 in integer ones."""
    layers = keras.layers
    images = RANDOM.integers(0, 256, (16, 6, 6, 1)).astype(np.uint8)
    model = chain(
        keras, (6, 6, 1), layers.Rescaling(1 / 255), layers.Conv2D(3, 3), layers.Flatten()
    )

    for name, dtype in (("int8-float-io", "uint8"), ("int8", "int8"), ("uint8", "uint8")):
        found = tflite.read(check(model, images, name))
        assert [found.tensors[index].dtype for index in found.inputs] == [dtype]


def test_an_lstm_is_one_operator(keras: Keras) -> None:
    layers = keras.layers
    model = chain(keras, (14, 14), layers.LSTM(20), layers.Dense(10, activation="softmax"))

    data = check(model, normal(14, 14))

    assert names_of(data)[0] == "UNIDIRECTIONAL_SEQUENCE_LSTM"
    assert len(data) < 8000
    assert "UNPACK" in names_of(convert(model, VARIANTS.get("int16x8"), normal(14, 14)))


@pytest.mark.parametrize("kind", ["GRU", "SimpleRNN", "Bidirectional", "masked"])
def test_other_recurrent_layers(keras: Keras, kind: str) -> None:
    layers = keras.layers
    made = {
        "GRU": lambda: [keras.Sequential([keras.Input((5, 3)), layers.GRU(4)])],
        "SimpleRNN": lambda: [layers.SimpleRNN(4)],
        "Bidirectional": lambda: [layers.Bidirectional(layers.LSTM(4))],
        "masked": lambda: [layers.Masking(), layers.LSTM(4)],
    }[kind]()
    model = chain(keras, (5, 3), *made, layers.Dense(2, activation="softmax"))

    # What a mask asks of the input is asked in float.
    check(model, normal(5, 3), *(["float32"] if kind == "masked" else []), near=0.02)

    assert not any(getattr(layer, "unroll", False) for layer in model.layers)


def test_a_subclassed_model_of_two_inputs(keras: Keras) -> None:
    class Two(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = keras.layers.Dense(2), keras.layers.Dense(3)

        def call(self, x: Any) -> Any:
            return {"sum": self.first(x["q"]) + self.first(x["q"]), "other": self.second(x["p"])}

    samples = {"q": normal(5), "p": normal(3)}
    model = Two()
    model({name: x[:1] for name, x in samples.items()})

    assert [port.name for port in ports_of(model, samples).outputs] == ["sum", "other"]
    check(model, samples, near=0.1)


def test_batch_norm_of_either_keras_in_a_nested_model(keras: Keras) -> None:
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((6, 6, 2)), layers.Conv2D(3, 3), layers.BatchNormalization(), layers.ReLU()]
    )

    check(chain(keras, (None, None, 2), inner, layers.GlobalAveragePooling2D()), normal(6, 6, 2))


def test_the_bytes_do_not_count_what_was_built_before(keras: Keras) -> None:
    if keras is load().keras:
        keras.backend.reset_uids()

    def made() -> KerasModel:
        keras.utils.set_random_seed(1)
        if keras is load().keras:
            keras.backend.reset_uids()
        layers = [keras.layers.Embedding(9, 4), keras.layers.Flatten(), keras.layers.Dense(2)]
        return keras.Sequential([keras.Input((3,)), *layers])

    ids = RANDOM.integers(0, 9, (16, 3))

    assert len({convert(made(), VARIANTS.get("int8"), {"ids": ids}) for _ in range(2)}) == 1


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_a_stateful_layer_keeps_its_state_in_the_file(keras: Keras, kind: str) -> None:
    """A call is a step: LiteRT goes on where it was, and Keras too, from no state at all."""
    layer = getattr(keras.layers, kind)(4, stateful=True)
    model = keras.Sequential([keras.Input(batch_shape=(1, 1, 3)), layer, keras.layers.Dense(2)])
    steps = normal(1, 3)
    model(steps[:1])

    data = convert(model, VARIANTS.get("float32"), steps)

    wanted = np.concatenate([model(step[None]) for step in steps])
    assert np.abs(litert(data, steps)[0] - wanted).max() < 1e-5
    assert "ASSIGN_VARIABLE" in names_of(data)


def test_what_is_zero_throughout_has_a_scale(keras: Keras) -> None:
    """The state before the first step is 0, and without a bias so is all that comes of it."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((3, 2)), layers.GRU(4), layers.Dense(2)])
    x = normal(3, 2)

    data = convert(model, VARIANTS.get("int8"), x)

    assert np.abs(litert(data, x)[0] - expected(model, x)[0]).max() < 0.1
