"""Options: what is selected, and what a wrong value says."""

import pytest

from tinybench.results import document

from ..documents import make, result
from . import inner

pytestmark = pytest.mark.slow

TASK_LIST = "sine-8, sine-16, sine-16x16, sine-16x16-e100, sine-16x16-kink, linear"

MATRIX = """
import pytest

@pytest.mark.tinybench("task")
def test_task(tinybench): pass

@pytest.mark.tinybench("variant")
def test_variant(tinybench): pass

@pytest.mark.tinybench("runtime")
def test_runtime(tinybench): pass

@pytest.mark.tinybench("board")
def test_board(tinybench): pass
"""


def collected(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    pytester.makepyfile(test_matrix=MATRIX)
    return names_of(inner.run(pytester, "--collect-only", "-q", *arguments))


def names_of(found: pytest.RunResult) -> list[str]:
    return [line.split("::")[1] for line in found.outlines if "::" in line]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        (
            "task",
            "sine-17",
            f"unknown task 'sine-17' (did you mean 'sine-16'?); valid: {TASK_LIST}",
        ),
        (
            "variant",
            "int4",
            "unknown variant 'int4' (did you mean 'int8'?); valid: float32, dynamic",
        ),
        ("runtime", "cpu", "unknown runtime 'cpu'; valid: keras, litert, litert-ref, tflm"),
        (
            "board",
            "cortex-m5",
            "unknown board 'cortex-m5' (did you mean 'cortex-m7'?); valid: cortex-m0plus, ",
        ),
    ],
)
def test_unknown_name(pytester: pytest.Pytester, option: str, value: str, message: str) -> None:
    """A usage error with the valid names."""
    found = inner.run(pytester, f"--tinybench-{option}={value}")

    assert found.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {message}" in found.stderr.str()


def test_unknown_name_under_xdist(pytester: pytest.Pytester) -> None:
    found = inner.run(pytester, "--tinybench-task=sine-17", "-n", "1")

    assert found.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: unknown task 'sine-17'" in found.stderr.str()


def test_ids(pytester: pytest.Pytester) -> None:
    """Short readable ids; Keras runs the float model only, and one board is the default."""
    names = collected(pytester, "--tinybench-task=sine-8", "--tinybench-variant=float32,int8")

    assert names == [
        "test_task[sine-8]",
        "test_variant[sine-8-float32]",
        "test_variant[sine-8-int8]",
        "test_runtime[sine-8-float32-keras]",
        "test_runtime[sine-8-float32-litert]",
        "test_runtime[sine-8-float32-litert-ref]",
        "test_runtime[sine-8-float32-tflm]",
        "test_runtime[sine-8-int8-litert]",
        "test_runtime[sine-8-int8-litert-ref]",
        "test_runtime[sine-8-int8-tflm]",
        "test_board[sine-8-float32-cortex-m4]",
        "test_board[sine-8-int8-cortex-m4]",
    ]


def test_selection(pytester: pytest.Pytester) -> None:
    """Wildcards, repeated options and -k combine."""
    names = collected(
        pytester,
        "--tinybench-task=sine-16x16*",
        "--tinybench-variant=int8",
        "--tinybench-variant=qat-*",
        "-k",
        "test_variant and not e100",
    )

    assert names == [
        f"test_variant[{task}-{variant}]"
        for task in ("sine-16x16", "sine-16x16-kink")
        for variant in ("int8", "qat-int8")
    ]


OWN = """
from pathlib import Path
from tinybench import TASKS, Task

TASKS.add(Task.of(lambda keras: None, lambda seed: None, name="mine"))
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["mine"]),
        (["--tinybench-task=sine-8,mine"], ["sine-8", "mine"]),
        # What is gone of the project is missed by default, what is gone of ours is not.
        (["--tinybench-baseline=old.json"], ["mine", "gone"]),
    ],
    ids=" ".join,
)
def test_a_project_is_about_its_own_tasks(
    pytester: pytest.Pytester, arguments: list[str], expected: list[str]
) -> None:
    """Ours are for whoever names them, and '*' is all."""
    pytester.makeconftest(OWN)
    pytester.makepyfile(test_matrix=MATRIX)
    gone = [result({"mse": 1.0}, None, task=name) for name in ("gone", "mine", "sine-8")]
    document.write(make(*gone), pytester.path / "old.json")

    def names(*more: str) -> list[str]:
        found = pytester.runpytest_subprocess("--collect-only", "-q", "-k", "test_task", *more)
        return [name.split("[")[1].rstrip("]") for name in names_of(found)]

    assert names(*arguments) == expected
    if not arguments:
        assert {"mine", "sine-8", "keyword"} < set(names("--tinybench-task=*"))


def test_without_tasks_of_its_own_a_project_is_about_ours(pytester: pytest.Pytester) -> None:
    names = collected(pytester, "-k", "test_task")

    assert len(names) == 10
    assert {"test_task[sine-8]", "test_task[keyword]"} <= set(names)


@pytest.mark.parametrize("level", ['"bord"', ""])
def test_unknown_level(pytester: pytest.Pytester, level: str) -> None:
    """The mark says which levels there are."""
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.tinybench({level})\ndef test_x(tinybench): pass"
    )
    result = inner.run(pytester)

    assert result.ret != 0
    levels = "('task', 'variant', 'runtime', 'board')"
    result.stdout.fnmatch_lines([f"*mark it tinybench(level) with one of {levels}*"])


ASKS = """
import pytest

@pytest.mark.tinybench({level!r})
def test_x(tinybench):
    {body}
"""


@pytest.mark.parametrize(
    ("level", "body", "line"),
    [
        ("task", "tinybench.record(tinybench.measure())", "*'task'), and what is measured is a *"),
        ("task", "tinybench.variant", "*'task'), where there is no variant: mark it 'variant', *"),
        (
            "variant",
            "tinybench.call()",
            "*'variant'), where there is no runtime: mark it 'runtime'",
        ),
        ("runtime", "tinybench.board", "*'runtime'), where there is no board: mark it 'board'"),
    ],
)
def test_what_a_level_lacks_is_a_sentence(
    pytester: pytest.Pytester, level: str, body: str, line: str
) -> None:
    pytester.makepyfile(ASKS.format(level=level, body=body))
    options = ("--tinybench-task=linear", "--tinybench-variant=float32", "--tinybench-runtime=tflm")
    found = inner.run(pytester, *options)

    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines([f"this test is marked tinybench({line} [[]wrong-level]"])
    found.stdout.no_fnmatch_line("*AssertionError*")


def test_fixture_without_mark(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x(tinybench): pass")
    result = inner.run(pytester)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*needs the mark tinybench(level)*"])


def test_unknown_metric(pytester: pytest.Pytester) -> None:
    """Recording a metric that nobody defined lists those that are."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.tinybench("task")
        def test_x(tinybench):
            tinybench.record(mean_square=1.0)
        """
    )
    result = inner.run(pytester, "--tinybench-task=linear")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["unknown metric 'mean_square'*; valid: mse, mae, *"])


def test_help(pytester: pytest.Pytester) -> None:
    """Every option is explained in its own group."""
    text = inner.run(pytester, "--help").stdout.str()

    assert "benchmark quantized variants of Keras models" in text
    for option in ("task", "variant", "runtime", "board", "json", "append", "cache"):
        assert f"--tinybench-{option}" in text


UNRELATED = """
import sys

def test_nothing_heavy():
    heavy = {"tensorflow", "numpy", "pandas", "tf_keras", "ai_edge_litert", "matplotlib"}
    assert not heavy & set(sys.modules)
"""


def test_unrelated_project_pays_nothing(pytester: pytest.Pytester) -> None:
    """Where nobody uses the plugin, it imports nothing heavy and writes nothing."""
    pytester.makepyfile(UNRELATED)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*tinybench*written*")
    assert not [path for path in pytester.path.rglob("*tinybench*") if path.is_dir()]
