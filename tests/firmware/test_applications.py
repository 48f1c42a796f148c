"""The keyword and gesture examples, built by CMake, find in a recording what Python finds."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.boards import BOARDS, FirmwareBoard
from tinybench.codegen import Names
from tinybench.export import Subject, files
from tinybench.streaming import Application, player, simulation
from tinybench.tflite import read

from ..components import needs
from ..export.subjects import compile_
from ..streaming import models
from .commands import run

FIRMWARE = Path(__file__).parents[2] / "firmware"
M4 = BOARDS.get("cortex-m4")
pytestmark = needs("cmake", "C compiler", "make", "tflm")


MODEL = Names()
WORD, MOVE = Names("word", "pool"), Names("move", "pool")


def exported(application: Application, to: Path, names: Names = MODEL) -> Path:
    """A copy of firmware/ with this application's model."""
    ignored = shutil.ignore_patterns("build", "model")
    folder = Path(shutil.copytree(FIRMWARE, to / "firmware", ignore=ignored, dirs_exist_ok=True))
    model = read(application.data)
    ports = [
        np.zeros((1, *model.tensors[index].shape[1:]), np.int8)
        for index in (*model.inputs, *model.outputs)
    ]
    subject = Subject(
        data=application.data,
        task=application.task,
        variant=application.variant,
        inputs=ports[:1],
        outputs=ports[1:],
        tflm_arena_bytes=0,
        labels=application.labels,
        application=application,
    )
    for name, data in files(subject, names).items():
        path = folder / names.prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def build(folder: Path, preset: str, target: str, *options: str) -> Path:
    """Configure, build this target, and return the program."""
    for arguments in (
        ["--preset", preset, *options],
        ["--build", "--preset", preset, "--target", target],
    ):
        process = run(folder, "cmake", *arguments)
        assert process.returncode == 0, process.stdout + process.stderr
    suffix = "" if preset.startswith("host") else ".elf"
    return folder / "build" / preset / f"{target}{suffix}"


def wav(path: Path, sound: NDArray[np.int16]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(sound.astype("<i2").tobytes())
    return path


def table(path: Path, readings: NDArray[np.int16]) -> Path:
    lines = ["x,y,z", *(",".join(map(str, reading)) for reading in readings.tolist())]
    path.write_text("\n".join(lines), "utf-8")
    return path


def lines_of(application: Application, recording: NDArray[np.int16]) -> list[str]:
    """What the example must print."""
    answers = (
        simulation.recognize_words(application, player.hops(recording).reshape(-1))
        if application.task == "keyword"
        else simulation.recognize_gestures(application, player.held(recording))
    )
    found = answers.found(application.labels, application.nothing)
    return [f"{each.time_ms} ms: {each.label}, score {each.score}/255" for each in found]


@pytest.fixture(scope="module")
def keyword(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example for this computer, which stops at undefined behaviour."""
    folder = exported(models.keyword(), tmp_path_factory.mktemp("keyword"))
    return build(folder, "host-sanitize", "keyword")


@pytest.fixture(scope="module")
def gesture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same under other names, with memory that is not its own."""
    folder = exported(models.gesture(), tmp_path_factory.mktemp("gesture"), MOVE)
    return build(folder, "host-sanitize", "gesture", f"-DMODEL_DIR={MOVE.prefix}")


def test_words_in_a_file(keyword: Path, tmp_path: Path) -> None:
    # Not a whole number of hops.
    sound = models.sound()[:-77]
    expected = lines_of(models.keyword(), sound)
    played = run(tmp_path, str(keyword), str(wav(tmp_path / "words.wav", sound)))

    assert played.returncode == 0
    assert len(expected) > 1
    assert played.stdout.splitlines() == expected


def test_gestures_in_a_file(gesture: Path, tmp_path: Path) -> None:
    readings = models.movement()
    expected = lines_of(models.gesture(), readings)
    played = run(tmp_path, str(gesture), str(table(tmp_path / "wave.csv", readings)))

    assert played.returncode == 0
    assert len(expected) == 3
    assert played.stdout.splitlines() == expected


@needs(M4.name)
@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("keyword", "cortex-m4"),
        ("gesture", "cortex-m4"),
        pytest.param("keyword", "cortex-m4-gcc", marks=needs("arm-none-eabi-gcc")),
    ],
)
def test_a_recording_built_into_a_board(name: str, preset: str, tmp_path: Path) -> None:
    """A board has no files: -DRECORDING puts one into the program."""
    assert isinstance(M4, FirmwareBoard)
    audio = name == "keyword"
    application = models.keyword() if audio else models.gesture()
    recording = models.sound(3) if audio else models.movement()
    write = wav if audio else table
    file = write(tmp_path / "recording", recording)
    folder = exported(application, tmp_path)

    program = build(folder, preset, name, f"-DRECORDING={file}")
    ended = M4.run_firmware(program.read_bytes())

    assert ended.status == 0
    assert ended.output.splitlines() == lines_of(application, recording)


def header(**changed: int) -> bytes:
    """A WAV file with one hop of sound, and other values in its format."""
    values = {"format": 1, "channels": 1, "rate": 16000, "bits": 16, "data": 640} | changed
    fields = [
        *(b"RIFF", (36 + 640).to_bytes(4, "little"), b"WAVEfmt ", (16).to_bytes(4, "little")),
        *(values["format"].to_bytes(2, "little"), values["channels"].to_bytes(2, "little")),
        *(values["rate"].to_bytes(4, "little"), bytes(4), bytes(2)),
        *(values["bits"].to_bytes(2, "little"), b"data", values["data"].to_bytes(4, "little")),
    ]
    return b"".join(fields) + bytes(640)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(header()[:40], id="cut in the header"),
        pytest.param(header()[:-1], id="cut in the sound"),
        pytest.param(header(channels=2), id="stereo"),
        pytest.param(header(rate=44100), id="another rate"),
        pytest.param(header(bits=8), id="8 bits"),
        pytest.param(header(format=3), id="floats"),
        pytest.param(header(data=0xFFFFFFFF), id="more than there is"),
        pytest.param(header(data=0), id="no samples"),
        pytest.param(b"x,y,z\n1,2,3\n", id="text"),
    ],
)
def test_a_file_that_is_no_such_sound(keyword: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.wav").write_bytes(content)
    played = run(tmp_path, str(keyword), "bad.wav")

    assert (played.returncode, played.stdout) == (
        2,
        "bad.wav is no 16-bit mono WAV file at 16 kHz\n",
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("x,y,z\n", id="header alone"),
        pytest.param("1,2\n", id="two columns"),
        pytest.param("1,2,3,4\n", id="four columns"),
        pytest.param("1,2,3\n1,2,nan\n", id="NaN"),
        pytest.param("1,2,32768\n", id="too large"),
        pytest.param("1,2,99999999999999999999\n", id="far too large"),
        pytest.param("1,,3\n", id="nothing between commas"),
        pytest.param("1,2,3\n4,5", id="cut"),
    ],
)
def test_a_file_without_readings(gesture: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.csv").write_text(content, "utf-8")
    played = run(tmp_path, str(gesture), "bad.csv")

    assert played.returncode == 2
    assert played.stdout.endswith("bad.csv is no CSV file of x,y,z in milli-g, whole numbers\n")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\n\n"])
def test_line_ends_do_not_matter(gesture: Path, tmp_path: Path, ends: str) -> None:
    readings = models.movement(120)
    rows = [" , ".join(map(str, reading)) for reading in readings.tolist()]
    (tmp_path / "wave.csv").write_bytes((ends.join(rows) + ends).encode())
    played = run(tmp_path, str(gesture), "wave.csv")

    assert played.stdout.splitlines() == lines_of(models.gesture(), readings)


BOTH = """
#include <cstdio>
#include "gesture.h"
#include "keyword.h"
uint8_t pool[POOL_BYTES] __attribute__((aligned(16)));
static tb_keyword keyword;
static tb_gesture gesture;
static void tell(const char *const *labels, const tb_decision &found) {
  std::printf("%u ms: %s, score %d/255\\n", static_cast<unsigned>(found.time_ms),
              labels[found.label], static_cast<int>(found.score));
}
int main(int, char **names) {
  static const char *const words[] = TB_KEYWORD_LABELS;
  static const char *const gestures[] = TB_GESTURE_LABELS;
  std::FILE *sound = std::fopen(names[1], "rb"), *motion = std::fopen(names[2], "rb");
  int16_t hop[TB_AUDIO_HOP], reading[3];
  bool more = sound != NULL && motion != NULL;
  tb_keyword_reset(&keyword);
  tb_gesture_reset(&gesture);
  while (more) {
    more = false;
    if (std::fread(hop, sizeof hop, 1, sound) == 1) {
      more = true;
      if (tb_keyword_update(&keyword, hop) && keyword.decision.found &&
          keyword.decision.label != TB_KEYWORD_SILENCE) {
        tell(words, keyword.decision);
      }
    }
    if (std::fread(reading, sizeof reading, 1, motion) == 1) {
      more = true;
      if (tb_gesture_update(&gesture, reading) && gesture.decision.found) {
        tell(gestures, gesture.decision);
      }
    }
  }
  return 0;
}
"""


def test_words_and_gestures_in_one_program(tmp_path: Path) -> None:
    """Two pipelines whose nets share their memory, in C99 and C++11 alike."""
    folder = exported(models.keyword(), tmp_path, WORD)
    exported(models.gesture(), tmp_path, MOVE)
    (folder / "main.cc").write_text(BOTH)
    sound, readings = models.sound(), models.movement()
    player.hops(sound).astype("<i2").tofile(tmp_path / "sound")
    player.held(readings).astype("<i2").tofile(tmp_path / "motion")
    parts = ("audio", "fft", "recognizer", "keyword", "debounce", "gesture")
    sources = [*(f"pipeline/{part}.c" for part in parts), "word/word.c", "move/move.c"]
    objects = [f"{Path(source).stem}.o" for source in sources]
    places = [f"-I{each}" for each in ("include", "pipeline", "word", "move")]
    options = ["-Wpedantic", *places]
    compile_("cc", folder, "-std=c99", "-ffp-contract=off", *options, "-c", *sources)
    compile_("c++", folder, "-std=c++11", *options, "-fsyntax-only", "-x", "c++", *sources)
    compile_("c++", folder, "-std=c++11", *options, "main.cc", *objects, "-o", "both")

    played = run(folder, "./both", str(tmp_path / "sound"), str(tmp_path / "motion"))

    expected = {*lines_of(models.keyword(), sound), *lines_of(models.gesture(), readings)}
    assert len(expected) > 3
    assert set(played.stdout.splitlines()) == expected


def test_a_file_that_is_not_there(keyword: Path, tmp_path: Path) -> None:
    played = run(tmp_path, str(keyword), "absent.wav")

    assert (played.returncode, played.stdout) == (2, "absent.wav cannot be read\n")


def test_a_recording_without_a_word(keyword: Path, tmp_path: Path) -> None:
    played = run(tmp_path, str(keyword), str(wav(tmp_path / "a.wav", np.zeros(16000, np.int16))))

    assert (played.returncode, played.stdout) == (0, "no word found\n")


def test_readings_without_a_gesture(gesture: Path, tmp_path: Path) -> None:
    still = np.tile(np.array([0, 0, -1000], np.int16), (50, 1))
    played = run(tmp_path, str(gesture), str(table(tmp_path / "a.csv", still)))

    assert (played.returncode, played.stdout) == (0, "no gesture found\n")
