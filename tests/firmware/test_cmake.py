"""Real builds of firmware/ around a small model written by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.tflite.quantize import dequantize, quantize

from ..components import needs
from .commands import run

FIRMWARE = Path(__file__).parents[2] / "firmware"
SCALE_IN, ZERO_IN = float(np.float32(2 * np.pi / 255)), -128
SCALE_OUT, ZERO_OUT = float(np.float32(2 / 253)), 3
EM_ARM = 40
CODES = np.arange(-128, 128, dtype=np.int8)

pytestmark = needs("cmake", "C compiler", "make")

MODEL_H = """\
#include <stdint.h>
#define MODEL_ARENA_BYTES 16
#define MODEL_INPUTS 1
#define MODEL_OUTPUTS 1
#define MODEL_OPERATORS 2
#define MODEL_INPUT_0 ((int8_t *)(model_arena + 0))
#define MODEL_INPUT_0_ELEMENTS 1
#define MODEL_OUTPUT_0 ((int8_t *)(model_arena + 0))
#define MODEL_OUTPUT_0_ELEMENTS 1
extern uint8_t model_arena[MODEL_ARENA_BYTES];
extern void (*const model_operators[MODEL_OPERATORS])(void);
void model_invoke(void);
"""

MODEL_C = """\
#include "model.h"
uint8_t model_arena[MODEL_ARENA_BYTES];
static const int8_t table[256] = {%s};
static void invert(void) { MODEL_INPUT_0[0] = (int8_t)~MODEL_INPUT_0[0]; }
static void look_up(void) { MODEL_OUTPUT_0[0] = table[127 - MODEL_INPUT_0[0]]; }
void (*const model_operators[MODEL_OPERATORS])(void) = {invert, look_up};
void model_invoke(void) {
  for (int i = 0; i < MODEL_OPERATORS; i++) model_operators[i]();
}
"""

MODEL_SETTINGS_H = f"""\
#define MODEL_TASK "sine \\"by table\\""
#define MODEL_VARIANT "int8"
#define MODEL_SHA256 "{"0" * 64}"
#define MODEL_INPUT_0_TYPE int8_t
#define MODEL_INPUT_0_SCALE {SCALE_IN.hex()}f
#define MODEL_INPUT_0_ZERO_POINT ({ZERO_IN})
#define MODEL_INPUT_0_MIN (-128)
#define MODEL_INPUT_0_MAX 127
#define MODEL_OUTPUT_0_TYPE int8_t
#define MODEL_OUTPUT_0_SCALE {SCALE_OUT.hex()}f
#define MODEL_OUTPUT_0_ZERO_POINT {ZERO_OUT}
#define MODEL_OUTPUT_0_MIN (-128)
#define MODEL_OUTPUT_0_MAX 127
#define MODEL_OPERATOR_NAMES {{"INVERT", "LOOK_UP"}}
"""

TEST_VECTORS_H = """\
#include <stdint.h>
#include "model.h"
#include "model_settings.h"
#define TEST_VECTORS 256
struct test_port { const uint8_t *bytes; void *arena; uint32_t size; };
static const uint8_t test_input_0[TEST_VECTORS][1] = {%(inputs)s};
static const uint8_t test_output_0[TEST_VECTORS][1] = {%(outputs)s};
static const struct test_port test_inputs[MODEL_INPUTS] = {{test_input_0[0], MODEL_INPUT_0, 1}};
static const struct test_port test_outputs[MODEL_OUTPUTS] = {{test_output_0[0], MODEL_OUTPUT_0, 1}};
#define TEST_QUANTIZATIONS 1
struct test_code { int32_t code; uint32_t real; };
struct test_quantization {
  float scale;
  int32_t zero_point, low, high;
  const struct test_code *quantized;
  uint32_t quantized_count;
  const struct test_code *dequantized;
  uint32_t dequantized_count;
};
static const struct test_code quantized_input_0[] = {%(quantized)s};
static const struct test_code dequantized_input_0[] = {%(dequantized)s};
static const struct test_quantization test_quantizations[TEST_QUANTIZATIONS] = {
  {MODEL_INPUT_0_SCALE, MODEL_INPUT_0_ZERO_POINT, MODEL_INPUT_0_MIN, MODEL_INPUT_0_MAX,
   quantized_input_0, sizeof quantized_input_0 / sizeof quantized_input_0[0],
   dequantized_input_0, sizeof dequantized_input_0 / sizeof dequantized_input_0[0]},
};
"""


def sine() -> NDArray[np.int8]:
    """The model's answer to each of its 256 inputs."""
    reals = np.sin(dequantize(CODES, SCALE_IN, ZERO_IN))
    return quantize(reals, SCALE_OUT, ZERO_OUT, np.int8)[0].astype(np.int8)


def reals_to_quantize() -> NDArray[np.float32]:
    """Every code's value, the borders between codes and their neighbours, and far too much."""
    scale = np.float32(SCALE_IN)
    borders = ((np.arange(-260, 260) + 0.5).astype(np.float32) * scale).astype(np.float32)
    up, down = (np.nextafter(borders, np.float32(to)) for to in (np.inf, -np.inf))
    far = np.array([-1e30, 1e30, -0.0, 1e-45], np.float32)
    return np.concatenate([dequantize(CODES, SCALE_IN, ZERO_IN), borders, up, down, far])


def listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


def pairs(codes: NDArray[np.int8], reals: NDArray[np.float32]) -> str:
    """Initializers of `struct test_code`."""
    bits = reals.astype(np.float32).view(np.uint32)
    return listed(f"{{{code}, {real}u}}" for code, real in zip(codes, bits, strict=True))


def write_model(folder: Path, *, wrong_vector: int | None = None, wrong_code: bool = False) -> None:
    """Write what `tinybench export` would for a sine by table, deliberately wrong if asked."""
    folder.mkdir()
    outputs = sine().view(np.uint8).copy()
    if wrong_vector is not None:
        outputs[wrong_vector] ^= 1
    reals = reals_to_quantize()
    codes = quantize(reals, SCALE_IN, ZERO_IN, np.int8)[0].astype(np.int8)
    if wrong_code:
        codes[0] += 1
    tables = {
        "inputs": listed(f"{{{byte}}}" for byte in CODES.view(np.uint8)),
        "outputs": listed(f"{{{byte}}}" for byte in outputs),
        "quantized": pairs(codes, reals),
        "dequantized": pairs(CODES, dequantize(CODES, SCALE_IN, ZERO_IN)),
    }
    (folder / "model.h").write_text(MODEL_H)
    (folder / "model.c").write_text(MODEL_C % listed(sine()))
    (folder / "model_settings.h").write_text(MODEL_SETTINGS_H)
    (folder / "test_vectors.h").write_text(TEST_VECTORS_H % tables)


def measurements(output: str) -> list[dict[str, object]]:
    prefix = "tinybench: "
    lines = [line for line in output.splitlines() if line.startswith(prefix)]
    return [json.loads(line.removeprefix(prefix)) for line in lines]


def copied(to: Path) -> Path:
    """A copy of firmware/ without a model and without earlier builds."""
    return Path(
        shutil.copytree(FIRMWARE, to / "firmware", ignore=shutil.ignore_patterns("build", "model"))
    )


def build(folder: Path, preset: str, *targets: str) -> None:
    """Configure and build (everything, or these targets)."""
    wanted = ["--target", *targets] if targets else []
    for arguments in (["--preset", preset], ["--build", "--preset", preset, *wanted]):
        process = run(folder, "cmake", *arguments)
        assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    return copied(tmp_path)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Firmware with a right model, built for this computer."""
    folder = copied(tmp_path_factory.mktemp("right"))
    write_model(folder / "model")
    build(folder, "host")
    return folder


def test_a_right_model_passes_and_reports_each_measurement(right: Path) -> None:
    tests = run(right, "ctest", "--preset", "host")
    lines = measurements(run(right, "build/host/benchmark").stdout)

    assert tests.returncode == 0, tests.stdout
    assert tests.stdout.count(" Passed ") == 3
    assert [line["metric"] for line in lines] == [
        *("model", "arena", "vectors", "quantize", "overhead", "ticks", "ticks", "ticks", "status")
    ]
    assert lines[0]["task"] == 'sine "by table"'
    assert lines[1] == {"metric": "arena", "value": 16, "unit": "bytes"}
    assert lines[2] == {"metric": "vectors", "value": 0, "unit": "mismatches", "count": 256}
    assert lines[3]["value"] == 0
    assert [line.get("operator") for line in lines[5:8]] == [None, "INVERT", "LOOK_UP"]
    assert lines[8] == {"metric": "status", "value": 0, "unit": "exit"}


def test_the_lamp_follows_the_sine(right: Path) -> None:
    lamp = run(right, "build/host/sine_led")
    duties = [int(row.split()[1]) for row in lamp.stdout.splitlines()]

    assert lamp.returncode == 0
    assert len(duties) == 33
    expected = np.sin(np.linspace(0, 2 * np.pi, 33)) * 127.5 + 127.5
    np.testing.assert_allclose(duties, expected, atol=5)


def test_no_undefined_behaviour_and_no_bad_address(firmware: Path) -> None:
    write_model(firmware / "model")
    build(firmware, "host-sanitize")

    tests = run(firmware, "ctest", "--preset", "host-sanitize")

    assert tests.returncode == 0, tests.stdout


def test_one_wrong_vector_fails(firmware: Path) -> None:
    write_model(firmware / "model", wrong_vector=200)
    build(firmware, "host", "benchmark")

    tests = run(firmware, "ctest", "--preset", "host", "-R", "benchmark")
    benchmark = run(firmware, "build/host/benchmark")

    assert tests.returncode != 0
    assert "1 tests failed" in tests.stdout
    assert benchmark.returncode == 1
    assert "vector 200, output 0, byte 0:" in benchmark.stdout
    assert measurements(benchmark.stdout)[2]["value"] == 1


def test_one_wrong_code_of_the_quantize_helper_fails(firmware: Path) -> None:
    write_model(firmware / "model", wrong_code=True)
    build(firmware, "host", "benchmark")

    benchmark = run(firmware, "build/host/benchmark")

    assert benchmark.returncode == 1
    assert measurements(benchmark.stdout)[3]["value"] == 1
    assert measurements(benchmark.stdout)[-1]["value"] == 1


@pytest.mark.parametrize(
    "preset",
    [
        pytest.param("cortex-m4", marks=needs("ziglang")),
        # QEMU has no board with this processor: `tinybench emulate` runs the programs.
        pytest.param("cortex-m0plus", marks=needs("ziglang", "unicorn")),
        pytest.param("cortex-m4-gcc", marks=needs("arm-none-eabi-gcc")),
    ],
)
def test_board_programs_build_and_pass_where_there_is_an_emulator(
    firmware: Path, preset: str
) -> None:
    write_model(firmware / "model")
    build(firmware, preset)

    tests = run(firmware, "ctest", "--preset", preset)

    assert tests.returncode == 0, tests.stdout
    for name in ("benchmark", "quantize", "sine_led"):
        header = (firmware / "build" / preset / f"{name}.elf").read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert int.from_bytes(header[18:20], "little") == EM_ARM


WITHOUT_CODE = {
    "prefix": "talk",
    "files": {},
    "left_out": {"C code": "operator 0 (SIN): no kernel"},
}
FIRST = 'run "tinybench export TASK" first, or name its folder with -DMODEL_DIR='


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("model", f"no model in {{firmware}}/model, which does not exist: {FIRST}"),
        ("/nowhere", f"no model in /nowhere, which does not exist: {FIRST}"),
        ("../elsewhere", f"no model in {{above}}/elsewhere, which does not exist: {FIRST}"),
        ("src", f"no model in {{firmware}}/src: {FIRST}"),
        ("README.md", "{firmware}/README.md is a file: -DMODEL_DIR= is the folder that"),
        (
            "talk",
            'no C code in {firmware}/talk: its export left out { "C code" : "operator 0 (SIN)',
        ),
    ],
)
def test_without_a_model_the_message_says_where_and_what_to_run(
    firmware: Path, given: str, message: str
) -> None:
    (firmware / "talk").mkdir()
    (firmware / "talk" / "manifest.json").write_text(json.dumps(WITHOUT_CODE))

    process = run(firmware, "cmake", "--preset", "host", f"-DMODEL_DIR={given}")

    assert process.returncode != 0
    expected = message.replace("{firmware}", str(firmware)).replace("{above}", str(firmware.parent))
    assert expected in " ".join(process.stderr.split())


def test_a_new_board_is_a_new_folder(firmware: Path) -> None:
    write_model(firmware / "model")
    shutil.copytree(firmware / "boards" / "host", firmware / "boards" / "mine")
    board = firmware / "boards" / "mine" / "board.c"
    board.write_text(board.read_text().replace('"ns"', '"nanoseconds"'))

    run(firmware, "cmake", "--preset", "host", "-DBOARD=mine")
    build(firmware, "host", "benchmark")
    lines = measurements(run(firmware, "build/host/benchmark").stdout)

    assert lines[4]["unit"] == "nanoseconds"


def test_an_unknown_board_is_named(firmware: Path) -> None:
    write_model(firmware / "model")

    process = run(firmware, "cmake", "--preset", "host", "-DBOARD=toaster")

    assert process.returncode != 0
    assert "no board toaster in firmware/boards" in " ".join(process.stderr.split())
