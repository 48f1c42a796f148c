# Zig as a C cross-compiler: the pip package ziglang, or else a zig on PATH. It needs no root, and
# gives the same bytes on every computer.
set(ZIG_VERSION 0.17.1)

if(NOT ZIG)
  foreach(name python3 python)
    find_program(zig_${name} ${name})
    mark_as_advanced(zig_${name})
    if(zig_${name} AND NOT ZIG)
      execute_process(
        COMMAND "${zig_${name}}" -c
                "import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), 'zig'))"
        OUTPUT_VARIABLE zig_path ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
      if(zig_path)
        find_program(ZIG NAMES "${zig_path}" "${zig_path}.exe" NO_DEFAULT_PATH)
      endif()
    endif()
  endforeach()
  find_program(ZIG zig)
  if(NOT ZIG)
    message(FATAL_ERROR "no Zig compiler: pip install ziglang==${ZIG_VERSION}, or put zig on PATH, "
                        "or name it: cmake -DZIG=/path/to/zig")
  endif()
  execute_process(COMMAND "${ZIG}" version OUTPUT_VARIABLE zig_version
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT zig_version STREQUAL ZIG_VERSION)
    message(WARNING "${ZIG} is ${zig_version}, not ${ZIG_VERSION}: counts will differ from the "
                    "published ones")
  endif()
endif()

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER "${ZIG}" cc -target ${ZIG_TARGET} -mcpu=${ZIG_CPU})
# CMake's test programs need an operating system or an archiver; the real build tells as much.
set(CMAKE_C_COMPILER_FORCED ON)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
