"""A folder that `find_package` and `add_subdirectory` take, compiled by the user's toolchain."""

from __future__ import annotations

from tinybench.boards.sources import firmware_root
from tinybench.export.packages.contents import Contents, below

CONFIG = """\
# find_package({prefix} CONFIG): the target {prefix}::{prefix}, a static library that is compiled in
# the project that asks, with its toolchain and flags.
include_guard(GLOBAL)
add_library({prefix} STATIC "${{CMAKE_CURRENT_LIST_DIR}}/src/{prefix}.c")
add_library({prefix}::{prefix} ALIAS {prefix})
target_include_directories({prefix} PUBLIC "${{CMAKE_CURRENT_LIST_DIR}}/src")
set_target_properties({prefix} PROPERTIES C_STANDARD 99)
"""
LISTS = """\
# add_subdirectory() or FetchContent: the same target as find_package({prefix} CONFIG) gives.
cmake_minimum_required(VERSION 3.15)
project({prefix}_package LANGUAGES C)
include("${{CMAKE_CURRENT_SOURCE_DIR}}/{prefix}Config.cmake")
"""
EXAMPLE = """\
# Is the model right, and what does an inference cost? For a board, replace board.c.
cmake_minimum_required(VERSION 3.15)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
project({prefix}_benchmark LANGUAGES C)

list(APPEND CMAKE_PREFIX_PATH "${{CMAKE_CURRENT_SOURCE_DIR}}/../..")
find_package({prefix} CONFIG REQUIRED)

add_executable(benchmark {sources})
target_compile_definitions(benchmark PRIVATE REPETITIONS=15)
target_link_libraries(benchmark PRIVATE {prefix}::{prefix})
"""


def layout(contents: Contents) -> dict[str, bytes]:
    """The files of the package."""
    prefix = contents.names.prefix
    board = firmware_root() / "boards" / "host" / "board.c"
    benchmark = {**contents.benchmark, "board.c": board.read_bytes()}
    sources = " ".join(sorted(name for name in benchmark if name.endswith(".c")))
    lists = EXAMPLE.format(prefix=prefix, sources=sources)
    return {
        **below("src", contents.library),
        **below("extras", contents.extras),
        **below("examples/benchmark", {**benchmark, "CMakeLists.txt": lists.encode()}),
        "CMakeLists.txt": LISTS.format(prefix=prefix).encode(),
        f"{prefix}Config.cmake": CONFIG.format(prefix=prefix).encode(),
    }
