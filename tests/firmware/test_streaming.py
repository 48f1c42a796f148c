"""The benchmark of a model that keeps something: its vectors are played from a reset."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinybench.codegen import Names, generate
from tinybench.export import files, of_file

from ..codegen.strategies import sample
from ..components import needs
from ..export.subjects import write
from .commands import run
from .test_cmake import copied, measurements

pytestmark = needs("cmake", "C compiler", "make")


@pytest.mark.parametrize("prefix", ["model", "wake"])
def test_vectors_are_a_sequence(prefix: str, tmp_path: Path) -> None:
    data = sample("graph_streaming", 1, seed=3)[0].data
    (tmp_path / "s.tflite").write_bytes(data)
    folder = copied(tmp_path)
    write(folder / prefix, files(of_file(tmp_path / "s.tflite"), Names(prefix)))

    for command in (
        ["--preset", "host", f"-DMODEL_DIR={prefix}"],
        ["--build", "--preset", "host", "--target", "benchmark"],
    ):
        done = run(folder, "cmake", *command)
        assert done.returncode == 0, done.stdout + done.stderr
    printed = run(folder, "build/host/benchmark").stdout
    lines = {line["metric"]: line for line in measurements(printed)}

    assert lines["state"]["value"] == generate(data).program.state_bytes
    assert (lines["vectors"]["value"], lines["vectors"]["count"]) == (0, 64)
    assert lines["status"]["value"] == 0
