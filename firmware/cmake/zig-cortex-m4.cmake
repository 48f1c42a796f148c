set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
set(BOARD cortex-m4 CACHE STRING "What it runs on")
set(ZIG_TARGET thumb-freestanding-eabihf)
# "cortex_m4" alone has no floating-point unit.
set(ZIG_CPU cortex_m4+vfp4d16sp)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
