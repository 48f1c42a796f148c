"""Projects of people who quantize a model of theirs for the first time, and runs of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLAIN = "-p no:randomly -p no:rerunfailures -p no:hypothesispytest -p no:cacheprovider"

HEAD = '''
import os
import signal
from pathlib import Path

import numpy as np

from tinybench import METRICS, RULES, TASKS, VARIANTS, Dataset, Metric, Recipe, Rule, Split, Task
from tinybench import Variant
from tinybench.tensorflow import load


def normal(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def split(x, y):
    """Three splits, each in the order of the samples."""
    def taken(at):
        inputs = {name: one[at] for name, one in x.items()} if isinstance(x, dict) else x[at]
        return Split(inputs, y[at])

    fifth = np.arange(len(y)) % 5
    return Dataset(taken(fifth < 3), taken(fifth == 3), taken(fifth == 4), source="made up")


def one_hot(y, count):
    return np.eye(count, dtype="float32")[y]


def waves(seed):
    x = normal(400, 8, 1)
    return split(x, x.sum(axis=1))


def conv1d(keras):
    return keras.Sequential(
        [
            keras.layers.Input((8, 1)),
            keras.layers.Conv1D(4, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )

'''

TABLE = (
    HEAD
    + '''
HERE = Path(__file__).parent


def stripes(seed):
    """Which of ten columns of a picture is bright."""
    y = np.random.default_rng(1).integers(0, 10, 1000)
    x = normal(1000, 14, 14) * 0.1
    x[np.arange(1000), :, y] += 1
    return split(x, one_hot(y, 10))


def lstm(keras):
    return keras.Sequential(
        [
            keras.layers.Input((14, 14)),
            keras.layers.LSTM(20),
            keras.layers.Dense(10, "softmax"),
        ]
    )


def sentences(seed):
    """Twelve of 200 words: the larger half are bad ones, and what there is more of decides."""
    ids = np.random.default_rng(1).integers(0, 200, (3000, 12)).astype("int32")
    return split(ids, one_hot(((ids >= 100).mean(axis=1) > 0.5).astype(int), 2))


def embedding(keras):
    return keras.Sequential(
        [
            keras.layers.Input((12,), dtype="int32"),
            keras.layers.Embedding(200, 8),
            keras.layers.Dense(8, "relu"),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(2, "softmax"),
        ]
    )


def in_order(seed):
    """Three classes of 700 samples, one behind the other, each larger than the one before."""
    y = np.repeat(np.arange(3), 700)
    x = normal(2100, 8) * 0.2 + np.array([0.5, 2.0, 6.0], "float32")[y][:, None]
    return split(x, one_hot(y, 3))


def smoke(seed):
    x = normal(1500, 12)
    y = x[:, :4].sum(axis=1) + 0.3 * normal(1500, seed=2) > 1
    return split(x, y[:, None].astype("float32"))


def dense(shape, *layers):
    def build(keras):
        made = [keras.layers.Dense(units, how) for units, how in layers]
        return keras.Sequential([keras.layers.Input(shape), *made])

    return build


def ten(seed):
    x = normal(2000, 16)
    return split(x, one_hot((x @ normal(16, 10, seed=3)).argmax(axis=1), 10))


def pairs(seed):
    x = {"left": normal(500, 10), "right": normal(500, 10, seed=2)}
    return split(x, (x["left"] + x["right"]).sum(axis=1, keepdims=True) / 10)


def two_inputs(keras):
    left, right = keras.Input((10,), name="left"), keras.Input((10,), name="right")
    both = keras.layers.Dense(8, "relu")(keras.layers.concatenate([left, right]))
    return keras.Model([left, right], keras.layers.Dense(1)(both))


def loaded(keras):
    return keras.models.load_model(HERE / "trained.h5")


def task(name, data, build, *recipe, labels="", **more):
    TASKS.add(Task(name, name, data, build, Recipe(*recipe, **more), labels=tuple(labels)))


classes = {"loss": "CategoricalCrossentropy", "metric": "categorical_accuracy"}
logits = {**classes, "loss": ("CategoricalCrossentropy", {"from_logits": True})}
task("conv1d", waves, conv1d, 5, 32, 0.01, fine_tune_epochs=1)
task("lstm", stripes, lstm, 3, 32, 0.01, labels="0123456789", **classes)
task("tokens", sentences, embedding, 4, 32, 0.01, labels=("good", "bad"), **classes)
small = dense((8,), (16, "relu"), (3, "softmax"))
task("ordered", in_order, small, 12, 32, 0.01, labels="sml", **classes)
fire = dense((12,), (8, "relu"), (4, "relu"), (1, "sigmoid"))
task("fire", smoke, fire, 20, 32, 0.01, "BinaryCrossentropy", labels=("no", "fire"))
task("logits", ten, dense((16,), (10, None)), 10, 32, 0.01, labels="0123456789", **logits)
deep = dense((16,), (8, "relu"), (10, None))
task("diverges", ten, deep, 3, 32, 1e30, labels="0123456789", **logits)
task("two", pairs, two_inputs, 20, 32, 0.01)
TASKS.add(Task("h5", "It loads", waves, loaded))
task("h5-zero", waves, loaded, 0, 32)
TASKS.add(Task.of(HERE / "waves.keras", waves, name="ready"))


def bytes_outside(converter, samples):
    lite = load().tf.lite
    converter.optimizations = [lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.inference_input_type = converter.inference_output_type = load().tf.uint8


def only_bytes(model):
    for index in (*model.inputs, *model.outputs):
        if model.tensors[index].dtype != "uint8":
            yield f"{model.tensors[index].name} is {model.tensors[index].dtype}"


RULES.add(Rule("bytes", only_bytes))
VARIANTS.add(Variant("my-uint8", "By a rule of mine", bytes_outside, rule="bytes", default=False))
VARIANTS.add(Variant("unruled", "By none", bytes_outside, default=False))
'''
)

MODELS = (
    HEAD
    + """
from tinybench.tensorflow import load_keras3

load().keras.utils.set_random_seed(1)
conv1d(load().keras).save("trained.h5")
conv1d(load_keras3()).save("waves.keras")
"""
)


@dataclass(frozen=True)
class Run:
    """What a command printed, how it ended, and its document."""

    status: int
    text: str
    path: Path

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """The document's results by id."""
        return {one["id"]: one for one in json.loads(self.path.read_text("utf-8"))["results"]}

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def metrics(self, name: str) -> dict[str, float]:
        found: dict[str, float] = self.results[name]["metrics"]
        return found

    def row(self, task: str, variant: str) -> str:
        """A variant's row in the table of a task."""
        after = self.lines[self.lines.index(task) + 2 :]
        return next(line for line in after if line.split()[:1] == [variant])


class Project:
    """A folder with a conftest.py and a cache of its own."""

    def __init__(self, folder: Path, conftest: str) -> None:
        self.folder, self.cache = folder, folder / "cache"
        (folder / "conftest.py").write_text(conftest, "utf-8")

    @property
    def environment(self) -> dict[str, str]:
        # Or pytest-benchmark takes the inner run for a worker of the outer one.
        kept = {key: value for key, value in os.environ.items() if key != "PYTEST_XDIST_WORKER"}
        return {**kept, "PYTEST_ADDOPTS": PLAIN, "TINYBENCH_CACHE": str(self.cache)}

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )

    def suite(self, tasks: str, variants: str, *more: str, name: str = "out") -> Run:
        """Run the whole suite, on TFLM and on the default board, without timing."""
        done = self.python(
            *("-m", "pytest", "--pyargs", "tinybench.bench", "--benchmark-disable"),
            *(f"--tinybench-task={tasks}", f"--tinybench-variant={variants}"),
            *("--tinybench-runtime=tflm", f"--tinybench-json={name}.json", *more),
        )
        return Run(done.returncode, done.stdout, self.folder / f"{name}.json")

    def cached(self, pattern: str) -> list[str]:
        """Names of the entries that are like this."""
        return sorted(path.name for path in self.cache.glob(pattern))
