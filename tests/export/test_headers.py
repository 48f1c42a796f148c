"""The headers are C that every compiler takes, and say exactly what the model says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import Names, settings
from tinybench.codegen.operators import LOWERINGS
from tinybench.codegen.settings import resolver_name
from tinybench.export import files, headers, of_file

from ..components import needs
from .subjects import compile_, content, subject, two_by_two, write

LABELS = ("", 'say "no" %d', "back\\slash", "Übergröße", "what??/", "a\nb\t17")

RESOLVER = (  # noqa: SIM905
    "Abs Add AddN ArgMax ArgMin AssignVariable AveragePool2D BatchMatMul BatchToSpaceNd "
    "BroadcastArgs BroadcastTo CallOnce Cast Ceil CircularBuffer Concatenation Conv2D Cos CumSum "
    "Decode Delay DepthToSpace DepthwiseConv2D Dequantize DetectionPostprocess Div "
    "DynamicUpdateSlice Elu EmbeddingLookup Energy Equal EthosU Exp ExpandDims FftAutoScale Fill "
    "FilterBank FilterBankLog FilterBankSpectralSubtraction FilterBankSquareRoot Floor FloorDiv "
    "FloorMod Framer FullyConnected Gather GatherNd Greater GreaterEqual HardSwish If Irfft "
    "L2Normalization L2Pool2D LeakyRelu Less LessEqual Log LogicalAnd LogicalNot LogicalOr "
    "Logistic LogSoftmax Maximum MaxPool2D Mean Minimum MirrorPad Mul Neg NotEqual OverlapAdd "
    "Pack Pad PadV2 PCAN Prelu Quantize ReadVariable ReduceAll ReduceMax ReduceMin Relu Relu6 "
    "Reshape ResizeBilinear ResizeNearestNeighbor ReverseV2 Rfft Round Rsqrt SelectV2 Shape Sin "
    "Slice Softmax SpaceToBatchNd SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze "
    "Stacker StridedSlice Sub Sum Svdf Tanh Transpose TransposeConv UnidirectionalSequenceLSTM "
    "Unpack VarHandle While Window ZerosLike"
).split()
"""What tensorflow/lite/micro/micro_mutable_op_resolver.h adds, without the word Add."""


def rows(source: str) -> str:
    """What stands between the braces of the array."""
    return source.split("{\n")[1].split("\n}")[0]


def test_the_array_is_written_as_xxd_writes_it() -> None:
    data = bytes([0, 1, 9, 10, 16, 99, 127, 128, 200, 254, 255, 12, 13])

    assert headers.model_data_source(Names(), data) == (
        '#include "model_data.h"\n'
        "\n"
        "alignas(16) const unsigned char g_model[] = {\n"
        "  0x00, 0x01, 0x09, 0x0a, 0x10, 0x63, 0x7f, 0x80, 0xc8, 0xfe, 0xff, 0x0c,\n"
        "  0x0d\n"
        "};\n"
        "const unsigned int g_model_len = 13;\n"
    )


@needs("xxd")
@pytest.mark.parametrize("size", [1, 11, 12, 13, 24, 2576])
def test_the_rows_are_those_of_xxd_itself(size: int) -> None:
    data = content("dense-int8")[:size]

    expected = subprocess.run(["xxd", "-i"], input=data, capture_output=True, check=True).stdout

    assert rows(headers.model_data_source(Names(), data)) + "\n" == expected.decode()


def test_the_array_is_the_file() -> None:
    data = content("conv-int8")

    numbers = re.findall(r"0x(..)", rows(headers.model_data_source(Names(), data)))

    assert bytes.fromhex("".join(numbers)) == data


PRINT_ARRAY = """
#include <stdint.h>
#include <stdio.h>
#include "model_data.h"
int main(void) {
  if ((uintptr_t)g_model % 16) return 1;
  return fwrite(g_model, 1, g_model_len, stdout) != g_model_len;
}
"""


def test_the_array_is_linked_from_c_and_aligned(tmp_path: Path) -> None:
    """It is C++, as TFLM projects have it, under a C name."""
    write(tmp_path, files(subject(content("dense-int8"))))
    (tmp_path / "main.c").write_text(PRINT_ARRAY)

    compile_("cc", tmp_path, "-std=c99", "-c", "main.c", "-o", "main.o")
    compile_("c++", tmp_path, "-std=c++11", "main.o", "model_data.cc", "-o", "main")
    process = subprocess.run([tmp_path / "main"], capture_output=True, check=True)

    assert process.stdout == content("dense-int8")


PRINT_SETTINGS = """
#include <stdio.h>
#include <string.h>
#include "test_vectors.h"
int main(void) {
  static const char *const labels[] = MODEL_LABELS;
  static const char *const names[] = MODEL_OPERATOR_NAMES;
  static const int shapes[2][2] = {MODEL_INPUT_1_SHAPE, MODEL_OUTPUT_1_SHAPE};
  MODEL_INPUT_1_TYPE codes[] = {MODEL_INPUT_1_MIN, MODEL_INPUT_1_MAX};
  int wrong = 0;
  printf("%a %a %a %a\\n", (double)MODEL_INPUT_0_SCALE, (double)MODEL_INPUT_1_SCALE,
         (double)MODEL_OUTPUT_0_SCALE, (double)MODEL_OUTPUT_1_SCALE);
  printf("%d %d %d %d\\n", MODEL_INPUT_0_ZERO_POINT, MODEL_INPUT_1_ZERO_POINT,
         MODEL_OUTPUT_0_ZERO_POINT, MODEL_OUTPUT_1_ZERO_POINT);
  printf("%dx%d %dx%d %d to %d\\n", shapes[0][0], shapes[0][1], shapes[1][0], shapes[1][1],
         codes[0], codes[1]);
  for (int i = 0; i < MODEL_OPERATORS; i++) printf("%s ", names[i]);
  for (int i = 0; i < TEST_VECTORS; i++) {
    for (int p = 0; p < MODEL_INPUTS; p++) {
      const struct test_port *port = &test_inputs[p];
      memcpy(port->arena, port->bytes + (uint32_t)i * port->size, port->size);
    }
    model_invoke();
    for (int p = 0; p < MODEL_OUTPUTS; p++) {
      const struct test_port *port = &test_outputs[p];
      wrong += memcmp(port->arena, port->bytes + (uint32_t)i * port->size, port->size) != 0;
    }
  }
  printf("%d vectors, %d wrong, %d quantizations\\n", TEST_VECTORS, wrong, TEST_QUANTIZATIONS);
  printf("%s|%s|%s\\n", MODEL_TASK, MODEL_VARIANT, MODEL_SHA256);
  for (int i = 0; i < MODEL_LABEL_COUNT; i++) fwrite(labels[i], 1, strlen(labels[i]) + 1, stdout);
  return 0;
}
"""


@needs("tflm")
def test_settings_and_vectors_of_several_inputs_and_outputs(tmp_path: Path) -> None:
    """A program that includes them prints the model's own numbers, and its vectors pass."""
    path = tmp_path / 'two by "two".tflite'
    path.write_bytes(two_by_two())
    exported = replace(of_file(path), labels=LABELS)
    write(tmp_path, made := files(exported))
    (tmp_path / "main.c").write_text(PRINT_SETTINGS)

    compile_("cc", tmp_path, "-std=c99", "-ffp-contract=off", "main.c", "model.c", "-o", "main")
    process = subprocess.run([tmp_path / "main"], capture_output=True, check=True)

    lines = process.stdout.split(b"\n", 5)
    scales = [float.fromhex(text) for text in lines[0].decode().split()]
    assert scales == [float(np.float32(scale)) for scale in (0.1, 1 / 3, 0.5, 1 / 3)]
    assert lines[1] == b"-7 5 11 5"
    assert lines[2] == b"1x6 1x3 -128 to 127"
    assert lines[3] == b"ADD SLICE 64 vectors, 0 wrong, 4 quantizations"
    assert lines[4].startswith(b'two by "two"|file|')
    assert lines[5].decode().split("\0") == [*LABELS, ""]
    # They are those of the output that has so many numbers, and of none if there is no such one.
    assert b"numbers of output 0 stand for" in made["model_settings.h"]
    assert b"LABEL" not in files(replace(exported, labels=("a", "b")))["model_settings.h"]
    assert len(np.unique(exported.outputs[0])) > 50
    assert made["model_settings.h"].isascii()


@pytest.mark.parametrize(
    "name",
    ["dense-int8", "dense-float32", "dense-int16x8", "conv-int8-float-io", "two-inputs-int8"],
)
def test_headers_compile_for_every_type_of_port(name: str, tmp_path: Path) -> None:
    write(tmp_path, files(subject(content(name))))
    main = '#include "test_vectors.h"\nint main(void) { return test_inputs[0].size == 0; }\n'
    for name in ("main.c", "main.cc"):
        (tmp_path / name).write_text(main)

    compile_("cc", tmp_path, "-std=c99", "-pedantic", "-fsyntax-only", "main.c")
    unused = ("-Wno-unused-variable", "-Wno-unused-const-variable")
    compile_("c++", tmp_path, "-std=c++11", "-pedantic", *unused, "-fsyntax-only", "main.cc")


def test_ports_of_real_numbers_have_no_scale() -> None:
    text = files(subject(content("dense-float32")))["model_settings.h"].decode()

    assert "#define MODEL_INPUT_0_TYPE float\n" in text
    assert "_SCALE" not in text
    assert "_ZERO_POINT" not in text


def test_scales_are_exactly_the_models() -> None:
    """Nine digits name one float; C++ before C++17 has no hexadecimal ones."""
    data = content("dense-int8")
    model = tflite.read(data)
    text = files(subject(data))["model_settings.h"].decode()

    found = re.findall(r"_SCALE (\d\S+)f\n", text)

    ports = [model.tensors[index] for index in (*model.inputs, *model.outputs)]
    expected = [np.float32(port.quantization.scales[0]) for port in ports if port.quantization]
    assert [np.float32(each) for each in found] == expected


def test_without_labels_there_are_none() -> None:
    assert b"LABEL" not in files(subject(content("dense-int8")))["model_settings.h"]


def test_the_resolver_gets_each_operator_once() -> None:
    """Also those that the generated code does not call, such as RESHAPE: TFLM wants them."""
    text = files(subject(content("conv-int8")))["model_settings.h"].decode()

    added = re.findall(r"\(resolver\)\.Add(\w+)\(\);", text)

    names = {operator.name for operator in tflite.read(content("conv-int8")).operators}
    assert len(added) == len(set(added)) == len(names)
    assert set(added) == {resolver_name(name) for name in names} <= set(RESOLVER)
    assert f"#define MODEL_TFLM_OPERATORS {len(names)}\n" in text
    assert "#define MODEL_TFLM_ARENA_BYTES 1234\n" in text


def test_the_resolver_gets_the_operators_of_every_subgraph() -> None:
    """A loop's body and what is called once are in others; a custom operator is the user's."""
    model = tflite.read(content("conv-int8"))
    used = {operator.name for operator in model.operators}
    [main] = model.subgraphs
    more = [replace(main.operators[0], name=name) for name in ("CALL_ONCE", "CUSTOM:Fancy*/op")]
    several = replace(model, subgraphs=(main, replace(main, operators=tuple(more))))

    text = settings.model_settings(
        Names(), several, {}, "0" * 64, (), operators=None, tflm_arena_bytes=1
    )

    assert "    (resolver).AddCallOnce(); \\\n" in text
    assert '    /* yours: AddCustom("Fancy__op", its registration) */ \\\n' in text
    assert f"#define MODEL_TFLM_OPERATORS {len(used) + 2}\n" in text


@pytest.mark.parametrize("operator", sorted(LOWERINGS))
def test_every_operator_has_its_name_in_the_resolver(operator: str) -> None:
    assert resolver_name(operator) in RESOLVER


@pytest.mark.parametrize(
    ("operator", "name"),
    [
        ("CONV_2D", "Conv2D"),
        ("PADV2", "PadV2"),
        ("SPLIT_V", "SplitV"),
        ("RELU6", "Relu6"),
        ("L2_POOL_2D", "L2Pool2D"),
        ("GATHER_ND", "GatherNd"),
        ("ADD_N", "AddN"),
        ("BATCH_MATMUL", "BatchMatMul"),
        ("CUMSUM", "CumSum"),
        ("SVDF", "Svdf"),
        ("UNIDIRECTIONAL_SEQUENCE_LSTM", "UnidirectionalSequenceLSTM"),
        ("CUSTOM:SignalPCAN", "PCAN"),
        ("CUSTOM:TFLite_Detection_PostProcess", "DetectionPostprocess"),
        ("CUSTOM:ethos-u", "EthosU"),
    ],
)
def test_resolver_names(operator: str, name: str) -> None:
    assert resolver_name(operator) == name
    assert name in RESOLVER


def test_codes_are_checked_both_ways() -> None:
    """Every int8 code is in the tables, and numbers half way between two codes."""
    text = files(subject(content("dense-int8")))["test_vectors.h"].decode()

    tables = dict(re.findall(r"test_code (\w+)\[\] = \{(.*?)\};", text, re.DOTALL))

    pairs = {name: re.findall(r"\{(-?\d+),\s+(\d+)u\}", body) for name, body in tables.items()}
    codes = {name: [int(code) for code, _ in found] for name, found in pairs.items()}
    bits = {name: [int(real) for _, real in found] for name, found in pairs.items()}
    every = list(range(-128, 128))
    assert codes["test_input_0_dequantized"] == every
    assert codes["test_input_0_quantized"][:256] == every
    assert bits["test_input_0_quantized"][:256] == bits["test_input_0_dequantized"]
    reals = np.array(bits["test_input_0_quantized"], np.uint32).view(np.float32)
    tensor = tflite.read(content("dense-int8")).tensors[0]
    assert tensor.quantization is not None
    halves = reals[256:] - reals[:256]
    np.testing.assert_allclose(halves, tensor.quantization.scales[0] / 2, rtol=1e-4)
