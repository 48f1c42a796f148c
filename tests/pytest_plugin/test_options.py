"""Options: what is selected, and what a wrong value says."""

import pytest

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
    result = pytester.runpytest_subprocess("--collect-only", "-q", *arguments)
    return [line.split("::")[1] for line in result.outlines if "::" in line]


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
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["serial", "xdist"])
def test_unknown_name(
    pytester: pytest.Pytester, option: str, value: str, message: str, workers: tuple[str, ...]
) -> None:
    """A usage error with the valid names, under xdist too."""
    result = pytester.runpytest_subprocess(f"--tinybench-{option}={value}", *workers)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {message}" in result.stderr.str()


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


@pytest.mark.parametrize("level", ['"bord"', ""])
def test_unknown_level(pytester: pytest.Pytester, level: str) -> None:
    """The mark says which levels there are."""
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.tinybench({level})\ndef test_x(tinybench): pass"
    )
    result = pytester.runpytest_subprocess()

    assert result.ret != 0
    levels = "('task', 'variant', 'runtime', 'board')"
    result.stdout.fnmatch_lines([f"*mark it tinybench(level) with one of {levels}*"])


def test_fixture_without_mark(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x(tinybench): pass")
    result = pytester.runpytest_subprocess()

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
    result = pytester.runpytest_subprocess("--tinybench-task=linear")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["unknown metric 'mean_square'*; valid: mse, mae, *"])


def test_help(pytester: pytest.Pytester) -> None:
    """Every option is explained in its own group."""
    text = pytester.runpytest_subprocess("--help").stdout.str()

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
