# CMAKE_CROSSCOMPILING_EMULATOR, if there is one for the board: QEMU, or else tinybench's own.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  return()
endif()

# QEMU's boards with these processors, and with their memory where the linker scripts have it.
set(qemu_cortex-m3 mps2-an385)
set(qemu_cortex-m4 mps2-an386)
set(qemu_cortex-m7 mps2-an500)
set(qemu_cortex-m33 mps2-an505)
find_program(QEMU_ARM qemu-system-arm)
if(QEMU_ARM AND qemu_${BOARD})
  set(CMAKE_CROSSCOMPILING_EMULATOR
      "${QEMU_ARM}" -machine ${qemu_${BOARD}} -display none -monitor none -serial none
      # One instruction takes a fixed time, so that the board's timer counts instructions.
      -icount shift=6
      -chardev stdio,id=out -semihosting-config enable=on,target=native,chardev=out -kernel)
  message(STATUS "Tests run in ${QEMU_ARM}")
  return()
endif()

find_program(PYTHON NAMES python3 python)
set(why "no tinybench in Python: pip install 'pytest-tinybench[boards]'")
if(PYTHON)
  execute_process(
    COMMAND "${PYTHON}" -c "import sys; from tinybench.boards import BOARDS
board = {board.name: board for board in BOARDS}.get(sys.argv[1])
print(board.unavailable() or 'ready' if board else 'tinybench does not know it')" ${BOARD}
    OUTPUT_VARIABLE answer ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(answer STREQUAL ready)
    set(CMAKE_CROSSCOMPILING_EMULATOR "${PYTHON}" -m tinybench emulate --on ${BOARD})
    message(STATUS "Tests run in ${PYTHON} -m tinybench emulate")
    return()
  elseif(answer)
    set(why "${answer}")
  endif()
endif()
message(STATUS "No tests are added, for no emulator of ${BOARD} was found: no QEMU board; ${why}")
