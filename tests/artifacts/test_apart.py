"""What TensorFlow does apart may crash, and fails once."""

import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tinybench.artifacts import Artifacts, apart
from tinybench.artifacts.apart import WorkError
from tinybench.console import worker
from tinybench.conversion.variants import VARIANTS, Variant
from tinybench.tasks import Dataset, Task
from tinybench.tensorflow import Keras, KerasModel
from tinybench.training.unfinished import StageMemory


def kill(converter: Any, samples: Any) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def test_a_converter_that_crashes_is_one_line(artifacts: Artifacts, small: Task) -> None:
    """The next conversion works, from the model of another process."""
    crashing = Variant("mine", "Ends the process", kill)

    with pytest.raises(WorkError, match=r"^task 'small', mine: the converter ended with SIGSEGV$"):
        artifacts.artifact(small, crashing)

    assert artifacts.artifact(small, VARIANTS.get("int8")).data[4:8] == b"TFL3"


def test_one_model_for_all_variants(artifacts: Artifacts, small: Task) -> None:
    """It is made once, in the other process."""

    def told(counted: Path) -> Callable[[Keras], KerasModel]:
        def build(keras: Keras) -> KerasModel:
            with counted.open("a") as file:
                file.write(f"{os.getpid()}\n")
            return small.build(keras)

        return build

    counted = artifacts.store.root.parent / "counted"
    task = replace(small, name="counted", build=told(counted))
    artifacts.checkpoint(task, "float32")
    counted.write_text("")
    for name in ("float32", "int8", "int16x8"):
        artifacts.artifact(task, VARIANTS.get(name))
    artifacts.summary(task)

    assert counted.read_text() == f"{worker.call(os.getpid)}\n"


def broken(keras: Keras) -> KerasModel:
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense("eight")])


def test_an_error_of_the_users_is_one_line(artifacts: Artifacts, small: Task) -> None:
    """With its place in their file."""
    line = broken.__code__.co_firstlineno + 1

    with pytest.raises(WorkError) as caught:
        artifacts.checkpoint(replace(small, build=broken), "float32")

    assert re.fullmatch(
        rf"task 'small', stage float32: \w+: .*eight.* \(.*test_apart\.py:{line}\)",
        str(caught.value),
    )


def test_an_error_of_the_users_data_is_one_line(artifacts: Artifacts, small: Task) -> None:
    def read(seed: int) -> Dataset:
        raise KeyError("column")

    line = read.__code__.co_firstlineno + 1
    with pytest.raises(WorkError, match=rf"^task 'small': KeyError: 'column' \(.*:{line}\)$"):
        artifacts.evaluation(replace(small, data=read))


def test_what_failed_is_not_tried_again(artifacts: Artifacts, small: Task) -> None:
    """Every variant of a task that cannot be trained fails at once, with the same line."""
    tried = artifacts.store.root.parent / "tried"

    def build(keras: Keras) -> KerasModel:
        with tried.open("a") as file:
            file.write("once\n")
        raise ValueError("no such layer")

    task, said = replace(small, build=build), set()
    for name in ("float32", "int8", "qat-int8"):
        with pytest.raises(WorkError) as caught:
            artifacts.artifact(task, VARIANTS.get(name))
        said.add(str(caught.value))

    assert tried.read_text() == "once\n"
    assert len(said) == 1


def recurrent(keras: Keras) -> KerasModel:
    layers = keras.layers
    return keras.Sequential([keras.Input((14, 14)), layers.LSTM(20), layers.Dense(10, "softmax")])


def crash(source: apart.Source) -> bytes:
    """As a converter that is given no trackable object does."""
    import numpy as np

    from tinybench.tensorflow import load, quiet

    tf, model = load().tf, source.model()
    function = tf.function(lambda x: model(x, training=False))
    traced = function.get_concrete_function(tf.TensorSpec((1, 14, 14), tf.float32))
    with quiet():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([traced])
    samples = np.random.default_rng(1).random((20, 1, 14, 14), np.float32)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return bytes(converter.convert())


def untrained() -> KerasModel:
    from tinybench.tensorflow import load

    return recurrent(load().keras)


@pytest.mark.slow
def test_a_recurrent_net_that_crashes_the_calibrator(artifacts: Artifacts, small: Task) -> None:
    """TensorFlow's own crash: SIGSEGV of its process, a line of ours."""
    with pytest.raises(WorkError, match=r"^an LSTM: the converter ended with SIG[A-Z]+"):
        apart.ask("an LSTM", "the converter", crash, apart.Source("an LSTM", untrained))

    assert artifacts.artifact(small, VARIANTS.get("float32")).data


@pytest.mark.slow
def test_training_goes_on_where_its_process_was_killed(small: Task, tmp_path: Path) -> None:
    """To the same weights."""
    data, process = small.dataset(), worker.call(os.getpid)
    seen: list[int] = []

    def train(progress: Callable[[int, int], None], path: Path) -> Any:
        memory = StageMemory(path, seconds=0)
        return apart.train(
            small, "float32", start=None, data=data, memory=memory, progress=progress
        )

    def kill_it(done: int, total: int) -> None:
        if done == 2:
            os.kill(process, signal.SIGKILL)

    with pytest.raises(WorkError, match=r"^task 'small', stage float32: training ended with SIGK"):
        train(kill_it, tmp_path / "epochs.npz")
    found = train(lambda done, total: seen.append(done), tmp_path / "epochs.npz")

    assert seen[0] >= 2
    assert found.sha256 == train(lambda done, total: None, tmp_path / "other.npz").sha256
