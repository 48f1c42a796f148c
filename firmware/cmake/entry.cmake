# Run after a link: cmake -DPROGRAM=file.elf -P entry.cmake. Without an entry a linker at most warns.
file(READ "${PROGRAM}" entry OFFSET 24 LIMIT 4 HEX)
if(entry STREQUAL "00000000")
  message(FATAL_ERROR "${PROGRAM} starts nowhere: its linker script needs ENTRY(reset), and "
                      "startup.c a function of that name; see \"Add a board\" in README.md")
endif()
