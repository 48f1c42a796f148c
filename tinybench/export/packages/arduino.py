"""A library of the Arduino IDE: library.properties, src/, and the benchmark as a sketch."""

from __future__ import annotations

from tinybench.export.packages.contents import Contents, below

VERSION = "1.0.0"
PROPERTIES = """\
name={prefix}
version={version}
author=tinybench
maintainer=tinybench
sentence={about}
paragraph=Generated from the .tflite file in extras, with the bytes of TensorFlow Lite Micro.
category=Data Processing
url=https://pypi.org/project/pytest-tinybench/
architectures=*
includes={prefix}.h
"""
SKETCH = """\
// Is the model right on this board, and what does an inference cost? Prints at 115200 baud.
#include <{prefix}.h>

#include "board.h"

extern "C" int benchmark(void);

const char board_tick_unit[] = "us";

void board_init(void) {{
  Serial.begin(115200);
  while (!Serial) {{
  }}
}}

void board_write(const char *text) {{ Serial.print(text); }}

uint32_t board_ticks(void) {{ return micros(); }}

void board_exit(int status) {{
  (void)status;
  Serial.flush();
  for (;;) {{
  }}
}}

void setup() {{ benchmark(); }}

void loop() {{}}
"""


def layout(contents: Contents) -> dict[str, bytes]:
    """The files of the library."""
    prefix = contents.names.prefix
    stated = PROPERTIES.format(prefix=prefix, version=VERSION, about=contents.about)
    # A sketch has no main() and no flags of its own.
    program = contents.benchmark["benchmark.c"].replace(b"int main(void)", b"int benchmark(void)")
    sketch = {
        **contents.benchmark,
        "benchmark.c": b"#define REPETITIONS 15\n" + program,
        "benchmark.ino": SKETCH.format(prefix=prefix).encode(),
    }
    return {
        **below("src", contents.library),
        **below("extras", contents.extras),
        **below("examples/benchmark", sketch),
        "library.properties": stated.encode(),
    }
