# What BOARD stands for: BOARD_SOURCES, and the options with which everything is compiled. A board
# is a folder of boards/, with a linker script of the board's name unless it has a system to link.
set(boards "${CMAKE_CURRENT_SOURCE_DIR}/boards")
set(board_dir "${boards}/${BOARD}")
file(GLOB linker_script "${boards}/*/${BOARD}.ld")
if(linker_script)
  get_filename_component(board_dir "${linker_script}" DIRECTORY)
  # Linkers look for an INCLUDE in the folder they run in; not all of them where -L says.
  file(GLOB scripts "${board_dir}/*.ld")
  foreach(script ${scripts})
    configure_file("${script}" "${CMAKE_BINARY_DIR}" COPYONLY)
    # Zig does not take the entry from a script: to it, it would be _start.
    file(READ "${script}" text)
    if(text MATCHES "ENTRY *\\( *([A-Za-z0-9_]+) *\\)")
      add_link_options(-Wl,-e,${CMAKE_MATCH_1})
    endif()
  endforeach()
  set(BOARD_LINKER_SCRIPTS ${scripts})
  add_link_options(-Wl,-T,${BOARD}.ld)
elseif(NOT IS_DIRECTORY "${board_dir}")
  message(FATAL_ERROR "no board ${BOARD} in firmware/boards: see \"Add a board\" in README.md")
endif()
file(GLOB BOARD_SOURCES CONFIGURE_DEPENDS "${board_dir}/*.c" "${board_dir}/*.S")

set(CMAKE_C_STANDARD 99)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
include_directories(include src boards)
add_compile_options(-Wall -Wextra -Wconversion -Wpedantic -Werror
                    # A fused multiply-add rounds once less than the reference does.
                    -ffp-contract=off)
if(CMAKE_CROSSCOMPILING)
  # The options of tinybench.boards, so that the same model costs the same in both.
  add_compile_options(-ffreestanding -ffunction-sections -fdata-sections -fomit-frame-pointer
                      -fno-unwind-tables -fno-asynchronous-unwind-tables)
  add_link_options(-Wl,--gc-sections)
endif()
if(SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -g)
  add_link_options(-fsanitize=address,undefined)
endif()

# What else the board needs: options, more sources, its emulator.
include("${board_dir}/board.cmake" OPTIONAL)
