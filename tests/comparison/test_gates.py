"""Gates: what they mean, what they refuse, and that none passes without having looked."""

from collections.abc import Callable, Iterator

import pytest

from tinybench.comparison import compare, gates
from tinybench.comparison.gates import GateError, Judgement
from tinybench.errors import TinybenchError
from tinybench.metrics import METRICS, Group, Metric
from tinybench.metrics.heads import HEADS, Head
from tinybench.results.document import Document

from ..documents import entry, make, measured, result

Add = Callable[[Metric], Metric]


@pytest.fixture
def own() -> Iterator[Add]:
    """Adds a metric for the time of a test."""
    before = {metric.name for metric in METRICS}
    yield METRICS.add
    for name in [metric.name for metric in METRICS if metric.name not in before]:
        METRICS.remove(name)


def judge(text: str, old: Document, new: Document) -> Judgement:
    return gates.judge(gates.parse(text), compare.compare(old, new))


@pytest.mark.parametrize(
    ("gate", "old", "new", "fails"),
    [
        ("mse:2%", {"mse": 1.0}, {"mse": 1.02}, False),
        ("mse:2%", {"mse": 1.0}, {"mse": 1.021}, True),
        ("mse:2%", {"mse": 1.0}, {"mse": 0.1}, False),  # better is never too much
        ("mse:5%", {"mse": 100.0}, {"mse": 105.0}, False),
        ("tflite_bytes:0", {"tflite_bytes": 100}, {"tflite_bytes": 100}, False),
        ("tflite_bytes:0", {"tflite_bytes": 100}, {"tflite_bytes": 101}, True),
        ("tflite_bytes:8", {"tflite_bytes": 100}, {"tflite_bytes": 108}, False),
        ("tflite_bytes:8", {"tflite_bytes": 100}, {"tflite_bytes": 109}, True),
        ("reduced_bytes:1%", {"reduced_bytes": 100}, {"reduced_bytes": 98}, True),
        ("mse:2%", {"mse": 0.0}, {"mse": 1e-12}, True),  # no percentage of 0 allows anything
        ("mse:0.1", {"mse": 0.0}, {"mse": 0.05}, False),
        ("mse:0", {"mse": 1.0}, {"mse": 1.0 + 1e-7}, True),
        # Float sums of another processor.
        ("mse:0", {"mse": 1.0}, {"mse": 1.0 + 1e-7, "rounding": 1e-5}, False),
        ("*_bytes:0", {"flash_bytes": 1}, {"flash_bytes": 2}, True),
        ("*:0", {"mae": 1.0}, {"mae": 2.0}, True),
        ("accuracy:0.01", {"accuracy": 0.9}, {"accuracy": 0.88}, True),
        ("accuracy:0.01", {"accuracy": 0.9}, {"accuracy": 0.895}, False),
        ("recall_yes:0", {"recall_yes": 0.9}, {"recall_yes": 0.8}, True),
        ("recall_*:0", {"recall_yes": 0.9}, {"recall_yes": 0.8}, True),
        ("recall_y*:0", {"recall_yes": 0.9}, {"recall_yes": 0.8}, True),
        ("*:0", {"recall_yes": 0.9}, {"recall_yes": 0.8}, True),
        # One of several outputs, and all of them.
        ("accuracy@kind:0.01", {"accuracy@kind": 0.9}, {"accuracy@kind": 0.88}, True),
        ("accuracy:0.01", {"accuracy@kind": 0.9}, {"accuracy@kind": 0.88}, True),
        ("accuracy:0.01", {"accuracy@kind": 0.9}, {"accuracy@kind": 0.895}, False),
        ("acc*@k*:0", {"accuracy@kind": 0.9}, {"accuracy@kind": 0.895}, True),
        ("*:0", {"mse@size": 1.0}, {"mse@size": 2.0}, True),
        ("recall_*:0", {"recall_a@kind": 0.9}, {"recall_a@kind": 0.8}, True),
        ("recall_a@kind:0", {"recall_a@kind": 0.9}, {"recall_a@kind": 0.8}, True),
        # A group.
        ("quality:2%", {"mae": 1.0}, {"mae": 1.02}, False),
        ("quality:2%", {"mae": 1.0}, {"mae": 1.021}, True),
        ("sine/int8:quality:2%", {"recall_a@kind": 0.9}, {"recall_a@kind": 0.8}, True),
        ("cost:1%", {"stack_bytes": 100}, {"stack_bytes": 102}, True),
        # The last one counts, also after the default ones.
        ("default,mse:20%", {"mse": 1.0}, {"mse": 1.1}, False),
        ("mse:20%,default", {"mse": 1.0}, {"mse": 1.1}, True),
    ],
)
def test_limits(gate: str, old: dict[str, float], new: dict[str, float], fails: bool) -> None:
    found = judge(gate, measured(**old), measured(**new))

    assert bool(found.failures) == fails
    assert found.compared == 1
    assert not found.blind


def test_a_gate_on_one_output_leaves_the_others_alone() -> None:
    old = measured(**{"accuracy@kind": 0.9, "accuracy@size": 0.9})

    found = judge("accuracy@kind:0", old, measured(**{"accuracy@kind": 0.9, "accuracy@size": 0.1}))

    assert not found.failures
    assert found.compared == 1


def test_a_gate_on_one_recall_leaves_the_others_alone() -> None:
    old = measured(recall_yes=0.9, recall_no=0.9)

    found = judge("recall_no:0", old, measured(recall_yes=0.1, recall_no=0.9))

    assert not found.failures
    assert found.compared == 1


@pytest.mark.parametrize(
    ("gate", "failing"),
    [
        ("mse:0", {"sine-float32", "sine-int8", "sine-int8-m4", "linear-int8"}),
        ("sine:mse:0", {"sine-float32", "sine-int8", "sine-int8-m4"}),
        ("s*:mse:0", {"sine-float32", "sine-int8", "sine-int8-m4"}),
        ("*/int8:mse:0", {"sine-int8", "sine-int8-m4", "linear-int8"}),
        ("*/*/m4:mse:0", {"sine-int8-m4"}),
        ("linear/int8:mse:0", {"linear-int8"}),
        ("mse:0,linear:mse:1000%", {"sine-float32", "sine-int8", "sine-int8-m4"}),  # last one
        ("linear:mse:1000%,mse:0", {"sine-float32", "sine-int8", "sine-int8-m4", "linear-int8"}),
    ],
)
def test_patterns(gate: str, failing: set[str]) -> None:
    def document(mse: float) -> Document:
        plain, there = result({"mse": mse}, "float32"), result({"mse": mse}, "int8", "m4")
        int8 = (result({"mse": mse}, task=task) for task in ("sine", "linear"))
        return make(plain, there, *int8)

    assert set(judge(gate, document(1), document(2)).failures) == failing


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no gate in ''"),
        (" , ", "no gate in"),
        ("\n", "no gate in .*, which would judge nothing; write .*, or default; none to"),
        ("quality", r"gate 'quality' is not \[TASK"),
        ("mse", r"gate 'mse' is not \[TASK"),
        ("mse:", "is not"),
        ("a:b:mse:2%", "is not"),
        ("a/b/c/d:mse:2%", "'a/b/c/d' is not TASK, TASK/VARIANT or TASK/VARIANT/PLACE"),
        ("a//c:mse:2%", "'a//c' is not TASK"),
        ("mse:two", "'two' is not a limit; write 2%, 0 or another number"),
        ("mse:-1", "'-1' is not a limit"),
        ("mse:nan", "'nan' is not a limit"),
        ("mse:inf%", "'inf%' is not a limit"),
        ("mze:1%", r"unknown metric 'mze' \(did you mean 'mse'\?\); valid: mse, mae"),
        ("x_*:1%", "unknown metric 'x_"),
        ("host_us:10%", "host_us is noisy; .* never gated. .* tinybench time"),
        ("*_us:10%", "host_us is noisy"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(TinybenchError, match=message):
        gates.parse(text)


MUCH_WORSE = {"higher": 0.5, "lower": 2.0}
QUALITY = [
    metric.name.replace("*", "yes")
    for metric in METRICS
    if metric.exact and metric.direction != "none"
    if metric.group in ("", "errors", "classes", "fidelity", "values")
]


@pytest.mark.parametrize("output", ["", "@kind"])
@pytest.mark.parametrize("name", QUALITY)
def test_default_covers_quality_of_every_kind(name: str, output: str) -> None:
    """Of every head's metrics each one alone, also of one of several outputs."""
    old, worse = 0.8, 0.8 * MUCH_WORSE[METRICS.get(name).direction]

    def of(value: float) -> Document:
        return measured(**{f"{name}{output}": value, "tflite_bytes": 100})

    assert judge("default", of(old), of(worse)).failures
    assert not judge("default", of(worse), of(old)).failures  # it got better
    same = judge("default", of(old), of(old))
    assert not same.failures
    assert not same.blind


@pytest.mark.parametrize("head", list(HEADS), ids=lambda head: head.name)
def test_default_holds_each_head(head: Head) -> None:
    """What variants of a head are held against is quality."""
    names = list(head.held_by)
    for name in names:
        value = 0.8 * MUCH_WORSE[METRICS.get(name).direction]

        assert judge("default", measured(**{name: 0.8}), measured(**{name: value})).failures


@pytest.mark.parametrize("group", ["", "errors", "classes", "fidelity", "values"])
def test_default_covers_a_metric_of_your_own(own: Add, group: Group) -> None:
    """Whatever group it is shown in, though it was added after the gates were read."""
    found = gates.parse("default")
    own(Metric("top2", "", direction="higher", group=group))

    changes = compare.compare(measured(top2=0.8), measured(top2=0.7))

    assert gates.judge(found, changes).failures


def test_default_covers_a_cost_of_your_own(own: Add) -> None:
    own(Metric("first_ms", "", "ms", group="board", headline=True))

    assert judge("default", measured(first_ms=10.0), measured(first_ms=11.0)).failures


def test_default_does_not_call_judged_what_nobody_knows() -> None:
    """Another program's own metric: no direction is the better one."""
    found = judge("default", measured(mse=1, theirs=0.8), measured(mse=1, theirs=0.4))

    assert not found.failures
    assert found.blind == ["theirs is not comparable: theirs is unknown to this version"]
    assert not judge("default", measured(mse=1, theirs=1), measured(mse=1, theirs=1)).blind


@pytest.mark.parametrize("name", ["tflite_bytes", "arena_bytes", "ram_bytes", "instructions"])
def test_default_covers_costs(name: str) -> None:
    assert judge("default", measured(**{name: 1000}), measured(**{name: 1011})).failures


def test_default_leaves_parts_of_a_sum_alone() -> None:
    old = measured(arena_bytes=100, arena_head_bytes=50, arena_tail_bytes=50)
    new = measured(arena_bytes=100, arena_head_bytes=90, arena_tail_bytes=10)

    assert not judge("default", old, new).failures


def test_default_is_not_blind_where_there_are_no_boards() -> None:
    found = judge("default", measured(accuracy=0.9), measured(accuracy=0.9))

    assert found.compared == 1
    assert not found.blind
    assert judge("default", measured(host_us=1), measured(host_us=1)).blind == [
        "default: nothing was compared"
    ]


def test_none_is_no_gate_on_purpose() -> None:
    assert gates.parse(" none ") == ()
    with pytest.raises(GateError, match="'none' is not"):
        gates.parse("mse:0,none")


def test_failure_is_one_readable_line() -> None:
    found = judge("mse:2%", measured(mse=0.0102), measured(mse=0.0108))

    expected = "sine-int8: mse regressed from 0.0102 to 0.0108, +5.88 %; the gate is mse:2%"
    assert found.lines == [expected]


def test_close_values_are_told_apart() -> None:
    found = judge("mse:0", measured(mse=0.01), measured(mse=0.0100001))

    assert "from 0.01 to 0.0100001" in found.lines[0]


def test_missing_metric_fails_if_it_is_gated() -> None:
    old, new = measured(mse=1, mae=1, macs=1), measured(macs=1)

    lines = judge("mse:2%,macs:0", old, new).lines

    assert lines == ["sine-int8: mse is missing; the baseline has 1"]


def test_missing_benchmark_fails_whatever_is_gated() -> None:
    old = make(result({"mse": 1}), result({"mae": 1}, "float32"))

    found = judge("mse:2%", old, measured(mse=1))

    assert found.lines == ["sine-float32: missing; the baseline has its mae"]
    assert not found.blind


def test_missing_benchmark_names_a_few_of_its_metrics() -> None:
    old = make(result(dict.fromkeys(["mse", "mae", "macs", "max_error", "instructions"], 1)))

    (line,) = judge("mse:2%", old, make()).lines

    assert line.endswith("the baseline has its mse, mae, macs, max_error and 1 more")


def test_all_benchmarks_missing_is_a_failure_and_not_blindness() -> None:
    found = judge("mse:2%", measured(mse=1), make())

    assert found.lines
    assert not found.blind


def test_not_comparable_is_blind() -> None:
    other = make(result({"mse": 2}), sine=entry(data={"sha256": "0" * 64}))

    found = judge("mse:2%", measured(mse=1), other)

    assert not found.failures
    (line,) = found.blind
    assert line.startswith("mse is not comparable: task sine has another data set")


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ("instructions:0", "instructions:0: nothing was compared"),
        ("mse:2%,instructions:0", "instructions:0: nothing was compared"),
        ("other/*:mse:0", "other/*:mse:0: nothing was compared"),
        ("macs:0", "macs:0: nothing was compared; 1 values are new, the baseline has none"),
    ],
)
def test_gate_that_compared_nothing_is_blind(gate: str, message: str) -> None:
    """Passing it would say more than is known."""
    found = judge(gate, measured(mse=1), measured(mse=1, macs=1))

    assert not found.failures
    (line,) = found.blind
    assert line.startswith(message)


def test_gate_whose_values_later_gates_take_is_not_blind() -> None:
    assert not judge("mse:0,sine:mse:2%", measured(mse=1), measured(mse=1.01)).blind


def test_new_benchmark_passes() -> None:
    new = make(result({"mse": 1}), result({"mse": 9}, "float32"))
    found = judge("mse:2%", measured(mse=1), new)

    assert not found.failures
    assert not found.blind
