"""Several exported models in one program, in C and in C++, with memory of their own or shared."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from pathlib import Path

import pytest

from tinybench.boards import BOARDS, FirmwareBoard, build, toolchain
from tinybench.boards.targets import TARGETS
from tinybench.codegen import Names
from tinybench.storage.store import Store

from ..components import find, needs
from .subjects import MODELS, compile_, content, subject, write
from .two_models import arena, checks, exported, includes

SETS = [
    # Other kernels, or the same with other specializations, and memory of both kinds.
    (MODELS / "dense-int8.tflite", Names()),
    (MODELS / "conv-int8.tflite", Names("eye", "shared_arena")),
    (MODELS / "dense-int16x8.tflite", Names("motor_2", "shared_arena")),
    (MODELS / "dense-float32.tflite", Names("Hand", "shared_arena")),
    (MODELS / "two-inputs-int8.tflite", Names("pair")),
]
M4 = BOARDS.get("cortex-m4")
pytestmark = needs("tflm")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them, and a program that counts wrong bytes."""
    folder = tmp_path_factory.mktemp("several")
    exported(folder, SETS)
    text = f"{includes(SETS)}{arena('shared_arena')}{checks(SETS)}"
    (folder / "main.c").write_text(f"{text}int main(void) {{ return all_wrong() != 0; }}\n")
    sources = "".join(f'#include "{names.prefix}/{names.prefix}.c"\n' for _, names in SETS)
    (folder / "unity.c").write_text(f'#include "main.c"\n{sources}')
    return folder


def sources() -> list[str]:
    return [f"{names.prefix}/{names.prefix}.c" for _, names in SETS]


FLAGS = ("-Wpedantic", "-O1", "-ffp-contract=off", "-fsanitize=undefined,address", "-g0")


@pytest.mark.parametrize(
    ("language", "standard", "files"),
    [
        pytest.param("cc", "c99", ["main.c", *sources()], id="C99, linked"),
        pytest.param("cc", "c99", ["unity.c"], id="C99, one unit"),
        pytest.param("c++", "c++11", ["unity.c"], id="C++11, one unit"),
        pytest.param("c++", "c++14", ["unity.c"], id="C++14, one unit"),
        pytest.param("c++", "c++17", ["main.c", *sources()], id="C++17, linked"),
    ],
)
def test_all_are_right_in_one_program(
    folder: Path, language: str, standard: str, files: list[str]
) -> None:
    """Without a warning. The shared arena is as large as the largest of its models needs."""
    unused = "-Wno-unused-const-variable"
    kind = ["-x", language.replace("cc", "c")]
    compile_(language, folder, *kind, f"-std={standard}", *FLAGS, unused, *files, "-o", "program")

    assert subprocess.run([folder / "program"], check=False).returncode == 0


def test_objects_of_c_link_with_a_program_of_cpp(folder: Path) -> None:
    """As in an Arduino sketch: `extern "C"` in every header."""
    compile_("cc", folder, "-std=c99", "-ffp-contract=off", "-c", *sources())
    objects = [f"{Path(source).stem}.o" for source in sources()]
    arrays = [f"{names.prefix}/{names.prefix}_data.cc" for _, names in SETS]
    used = " + ".join(f"(int){names.array}_len" for _, names in SETS)
    main = (folder / "main.c").read_text().replace("!= 0", f"!= 0 || {used} < 5")
    (folder / "main.cc").write_text(main)

    options = ("-std=c++11", "-Wpedantic", "-Wno-unused-const-variable")
    compile_("c++", folder, *options, "main.cc", *arrays, *objects, "-o", "mixed")

    assert subprocess.run([folder / "mixed"], check=False).returncode == 0


@needs("cortex-m4")
def test_two_share_an_arena_on_a_board(store: Store, folder: Path) -> None:
    target = next(target for target in TARGETS if target.name == "cortex-m4")
    files = build._support_files(target)
    del files["src/measure.c"]
    for name in itertools.chain.from_iterable(
        folder.glob(f"{each}/**/*.[ch]") for each in ("eye", "motor_2")
    ):
        files[name.relative_to(folder).as_posix()] = name.read_bytes()
    pair = [each for each in SETS if each[1].prefix in ("eye", "motor_2")]
    main = f'#include "board.h"\n{includes(pair)}{arena("shared_arena")}{checks(pair)}'
    files["main.c"] = (
        f"{main}int main(void) {{ board_init(); return all_wrong() ? 1 : 64; }}\n".encode()
    )
    arguments = [*build.compiler_flags(target), "-Wno-unused-const-variable", "-Iinclude"]
    arguments += ["-Iboards", *(name for name in files if name.endswith(".c"))]
    arguments += ["-Wl,--gc-sections", "-Wl,-T,link.ld"]
    with tempfile.TemporaryDirectory() as work:
        elf = toolchain.compile_(files, arguments, "two.elf", Path(work), store.root / "zig")

    assert isinstance(M4, FirmwareBoard)
    assert M4.run_firmware(elf, store).status == 64


@needs("C compiler")
@pytest.mark.parametrize("header", ["model.h", "model_settings.h", "model_data.h"])
def test_two_models_of_one_prefix_are_an_error_that_says_so(header: str, tmp_path: Path) -> None:
    """Instead of a second header that is silently left out; the same model twice is none."""
    from tinybench.export import files

    for name, model in (("a", "dense-int8"), ("b", "conv-int8"), ("c", "dense-int8")):
        write(tmp_path / name, files(subject(content(model))))

    def included(one: str, other: str) -> subprocess.CompletedProcess[str]:
        text = f'#include "{one}/{header}"\n#include "{other}/{header}"\nint x;\n'
        (tmp_path / "main.c").write_text(text)
        command = [str(find("C compiler")), "-std=c99", "-fsyntax-only", "main.c"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert included("a", "c").returncode == 0
    said = included("a", "b")
    assert said.returncode != 0
    assert "two models have the prefix model: export one of them with --prefix NAME" in said.stderr
