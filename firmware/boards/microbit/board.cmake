# Reset and sections are those of every Cortex-M.
list(APPEND BOARD_SOURCES "${boards}/cortex-m/startup.c")
configure_file("${boards}/cortex-m/cortex-m.ld" "${CMAKE_BINARY_DIR}" COPYONLY)
