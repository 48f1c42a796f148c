"""Every metric by name: what it means, its unit, which way is better, and how exact it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from tinybench.errors import TinybenchError
from tinybench.registry import Registry

Direction = Literal["lower", "higher", "none"]
Level = Literal["task", "variant", "runtime"]
Condition = Literal["", "converter", "compiler", "basis", "machine"]
"""What must have been the same so that two values can be compared. The compiler's input is what the
converter wrote: a metric that depends on that one depends on the converter, too. The basis is what
a board's cycles stand on, rules and memory profile, and depends on the compiler likewise."""
Dependence = Literal["", "error", "square", "count"]
"""How the float sums of a model, and so the processor, enter a metric: not at all; as an error of
outputs; as a mean of squared errors; as a number of outputs that are not equal."""

Group = Literal[
    "",
    "errors",
    "classes",
    "fidelity",
    "file",
    "arena",
    "values",
    "board",
    "time",
    "pair",
    "training",
    "bound",
]
"""Where a metric is shown: with the errors of a task of numbers, the classes of a classifier, both
(`fidelity`: against float32 and Keras), a variant's file, TFLM's arena, the values of a runtime,
what a board costs, host time, a paired timing, the training; a `bound` for comparisons in no
table, and what has no group under the others."""


class MetricError(TinybenchError, ValueError):
    """A number that says nothing and is not recorded."""

    page = "not-a-metric"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that a benchmark reports.

    `direction` says which way is better. An exact metric gives the same value for the same inputs,
    bit for bit, on every processor, unless it `depends` on one: then it moves by no more than the
    outputs do, whose bound a result states as its `rounding` (see `moves`). `against` names the
    variant that outputs are compared with, whose outputs may move as well. `tolerance` is the
    relative change that means nothing: of a noisy metric, or of an exact one that also moves with
    what it is not about, as cycles do with addresses. Values from two runs can be compared if
    these had the same `condition`, beside the same task. `group` says where reports show it, in the
    registry's order; `headline` that variants are chosen by it, so that it is in the overview, too.

    A metric of your own has the function `of(truth, prediction)`, which is called with the targets
    and the outputs (N, ...) of each task that names it: `Task(..., metrics=("top2",))`.
    """

    name: str
    summary: str
    unit: str = ""
    direction: Direction = "lower"
    exact: bool = True
    tolerance: float = 0.0
    condition: Condition = ""
    depends: Dependence = ""
    against: str = ""
    group: Group = ""
    headline: bool = False
    of: Callable[[Any, Any], float] | None = None

    def __post_init__(self) -> None:
        if not self.tolerance >= 0:
            raise ValueError(f"metric {self.name}: tolerance {self.tolerance} is not 0 or more")

    def check(self, value: float) -> float:
        """The value if it can be recorded; NaN and infinity raise MetricError."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"metric {self.name}: {value!r} is not a plain int or float")
        if not math.isfinite(value):
            raise MetricError(f"metric {self.name} is {value}; it must be finite")
        return value

    def meets(self, value: float, bound: float) -> bool:
        """Whether a value is at least as good as a bound; NaN never is."""
        return value >= bound if self.direction == "higher" else value <= bound

    def moves(self, old: float, new: float, rounding: float) -> bool:
        """Whether a change may be nothing but outputs that moved by `rounding` on a processor.

        Errors and roots of mean squares are norms of a difference of outputs: by the triangle
        inequality neither moves by more than the outputs. A count of unequal floats has no bound.
        """
        if not self.depends or not rounding:
            return False
        if self.depends == "square":
            old, new = math.sqrt(abs(old)), math.sqrt(abs(new))
        return self.depends == "count" or abs(new - old) <= rounding

    def format(self, value: float) -> str:
        """The value for a table, without its unit; integers whole, others to four digits."""
        return f"{value:d}" if isinstance(value, int) else f"{value:.4g}"


FLOAT_ROUNDING = 1e-5
"""How far float sums may move an output on another processor, as a part of the largest label. With
and without FMA, AVX2 and AVX-512, the largest of 30,000 moved by 1.4e-6, means by 1.4e-7."""
HYBRID_ROUNDING = 1e-2
"""The same where activations are rounded to 8 bits on the way: a last bit may tip a code, which
moved outputs by 1.3e-3. Runtimes differ by more (`measurement.predictions.HYBRID_LIMIT`)."""
RECALLS = "recall_*"
"""Registered in place of the recalls of single classes."""
FLOAT = "float32"
"""The variant that others are compared with."""
LAYOUT_NOISE = 0.03
"""Cycles depend on where the linker puts code: they move when code that has nothing to do with a
model does."""
HOST_NOISE = 0.25
"""Between processes the median of a microsecond call moves by 15 to 21 % on a quiet machine."""


def _builtin() -> Iterable[Metric]:
    def error(
        name: str,
        summary: str,
        group: Group = "errors",
        against: str = "",
        headline: bool = False,
        depends: Dependence = "error",
    ) -> Metric:
        return Metric(
            name, summary, depends=depends, against=against, group=group, headline=headline
        )

    def square(
        name: str, summary: str, group: Group = "errors", against: str = "", headline: bool = False
    ) -> Metric:
        return error(name, summary, group, against, headline, "square")

    def share(name: str, summary: str) -> Metric:
        return Metric(name, summary, direction="higher", group="classes", headline=True)

    def detection(name: str, summary: str) -> Metric:
        return Metric(name, summary, direction="higher", group="classes")

    def exact(name: str, summary: str, unit: str, group: Group) -> Metric:
        return Metric(name, summary, unit, group=group)

    def of_file(
        name: str, summary: str, group: Group, unit: str = "B", headline: bool = False
    ) -> Metric:
        return Metric(name, summary, unit, condition="converter", group=group, headline=headline)

    def on_board(name: str, summary: str, unit: str = "B", headline: bool = False) -> Metric:
        return replace(of_file(name, summary, "board", unit, headline), condition="compiler")

    def priced(name: str, summary: str, unit: str, headline: bool = False) -> Metric:
        found = on_board(name, summary, unit, headline)
        return replace(found, tolerance=LAYOUT_NOISE, condition="basis")

    def in_pair(name: str, summary: str, unit: str = "") -> Metric:
        # Each timing has a baseline of its own: ratios of two runs say nothing of one another.
        direction: Direction = "none" if unit else "lower"
        return Metric(name, summary, unit, direction, False, math.inf, group="pair")

    return [
        square("mse", "Mean squared error against the labels of the test split", headline=True),
        error("mae", "Mean absolute error against the labels"),
        error("max_error", "Largest absolute error against the labels"),
        square("mse_true", "Mean squared error against the noise-free function", headline=True),
        error("mae_true", "Mean absolute error against the noise-free function"),
        error("max_error_true", "Largest absolute error against the noise-free function"),
        share("accuracy", "Share of the test samples whose class is found"),
        share("accuracy_low", "Lower end of its 95 % interval (Wilson)"),
        share("accuracy_high", "Upper end of its 95 % interval (Wilson)"),
        share(RECALLS, "Share of the test samples of that class that are found"),
        # Pairs of samples change places where scores move: as many as there are so close together.
        Metric(
            "auc",
            "Area under the ROC curve, of two classes",
            direction="higher",
            depends="error",
            group="classes",
        ),
        Metric(
            "precision", "Share of what is found that is there", direction="higher", group="classes"
        ),
        Metric(
            "recall", "Share of what is there that is found", direction="higher", group="classes"
        ),
        Metric("f1", "Harmonic mean of precision and recall", direction="higher", group="classes"),
        share("agreement", "Share of the test samples with the float32 variant's class"),
        square(
            "mse_vs_float32",
            "Mean squared difference from the float32 variant's outputs",
            "fidelity",
            FLOAT,
            headline=True,
        ),
        error(
            "max_vs_float32",
            "Largest absolute difference from the float32 variant's outputs",
            "fidelity",
            FLOAT,
        ),
        square(
            "mse_vs_keras",
            "Mean squared difference from the Keras model's outputs",
            "fidelity",
            FLOAT,
        ),
        error(
            "relative_error",
            "Root mean square of that difference, as a part of float32's standard deviation",
            "fidelity",
            FLOAT,
        ),
        of_file(
            "saved_model_bytes", "All files of the SavedModel folder but fingerprint.pb", "file"
        ),
        of_file("tflite_bytes", "The .tflite file", "file", headline=True),
        replace(
            of_file("reduced_bytes", "Saved against the SavedModel", "file"), direction="higher"
        ),
        of_file("weight_bytes", "Constants that operators read", "file"),
        of_file("macs", "Multiply-accumulate operations of one inference", "file", "MAC"),
        exact(
            "saturated_inputs",
            "Test inputs outside the input's quantized range",
            "values",
            "fidelity",
        ),
        of_file(
            "arena_bytes", "TFLM arena on this computer (64-bit pointers)", "arena", headline=True
        ),
        of_file("arena_head_bytes", "Its part for activations", "arena"),
        of_file("arena_tail_bytes", "Its part that lives as long as the interpreter", "arena"),
        Metric(
            "differing_outputs",
            "Outputs that differ from LiteRT's default kernels",
            "values",
            depends="count",
            group="values",
        ),
        exact("max_difference_lsb", "Largest such difference", "LSB", "values"),
        error("max_difference", "Largest difference from LiteRT's default kernels", "values"),
        Metric(
            "rounding",
            "How far float sums may move an output on another processor; 0: all is integers",
            direction="none",
            group="bound",
        ),
        Metric(
            "threshold",
            "What a score must exceed to mean yes",
            direction="none",
            group="bound",
        ),
        on_board("instructions", "Instructions of one inference on the board", "instr", True),
        priced("cycles", "Cycles of that, by rules, with memory that never waits", "", True),
        priced("device_ms_low", "Time of one inference at the board's clock, at least", "ms"),
        priced("device_ms_high", "The same at most, by the board's memory profile", "ms"),
        on_board("memory_reads", "Its data reads from memory", "accesses"),
        on_board("memory_writes", "Its data writes to memory", "accesses"),
        on_board("flash_bytes", "What the model adds to an empty program's flash", headline=True),
        on_board("flash_code_bytes", "Its part for machine code"),
        on_board("flash_weight_bytes", "Its part for constants"),
        on_board(
            "ram_bytes", "What the model adds to an empty program's RAM, stack apart", headline=True
        ),
        on_board("stack_bytes", "Stack of one inference, measured", headline=True),
        Metric(
            "board_samples",
            "Test samples run on the board: all, or as many as 250 M instructions allow",
            "samples",
            "none",
            group="board",
        ),
        exact(
            "tflm_mismatches",
            "Of these, samples that TFLM answers with other bytes",
            "samples",
            "board",
        ),
        Metric(
            "host_us",
            "Median time of one inference on this computer",
            "µs",
            exact=False,
            tolerance=HOST_NOISE,
            condition="machine",
            group="time",
        ),
        Metric(
            "noop_us",
            "The same for a call that does nothing: the floor",
            "µs",
            "none",
            exact=False,
            tolerance=HOST_NOISE,
            condition="machine",
            group="time",
        ),
        in_pair(
            "time_ratio",
            "Time of one inference divided by the stored baseline's, in a paired timing",
        ),
        in_pair("time_ratio_low", "Lower end of its confidence interval"),
        in_pair("time_ratio_high", "Upper end of its confidence interval"),
        in_pair(
            "time_rounds",
            "Rounds of the paired timing, each with both models loaded anew twice",
            "rounds",
        ),
        in_pair("time_outliers", "Samples of the paired timing outside Tukey's fences", "samples"),
        Metric(
            "retrained_difference",
            "Largest difference on the validation split between the committed and the retrained",
            exact=False,
            tolerance=math.inf,
            group="training",
        ),
    ]


def family(name: str) -> str:
    """The registered name: `recall_*` for the recall of any class, for others their own.

    One of several outputs has its name behind an @: `mse@age` is a `mse`.
    """
    name = name.partition("@")[0]
    return RECALLS if name.startswith(RECALLS[:-1]) else name


class Metrics(Registry[Metric]):
    """The registry. One entry stands for all classes' recalls and for all outputs of a task."""

    def get(self, name: str) -> Metric:
        """The metric of that name; otherwise UnknownNameError."""
        return replace(super().get(family(name)), name=name)

    def __contains__(self, name: str) -> bool:
        return super().__contains__(family(name))

    def of(self, *groups: Group, headline: bool = False) -> tuple[str, ...]:
        """The names of the metrics in these groups (or all), or of the headlines of them."""
        return tuple(
            one.name
            for one in self
            if (not groups or one.group in groups) and (one.headline or not headline)
        )

    def select(self, patterns: Iterable[str]) -> list[Metric]:
        """Metrics whose name matches; a pattern for some recalls selects the entry for all."""
        return super().select(family(pattern) for pattern in patterns)


METRICS = Metrics("metric", builtin=_builtin)
