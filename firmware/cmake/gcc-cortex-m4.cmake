set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
set(BOARD cortex-m4 CACHE STRING "What it runs on")

find_program(ARM_GCC arm-none-eabi-gcc)
if(NOT ARM_GCC)
  message(FATAL_ERROR "no arm-none-eabi-gcc on PATH: install it (Debian: gcc-arm-none-eabi), or "
                      "take the preset cortex-m4, which needs only pip install ziglang==0.17.1")
endif()
set(CMAKE_C_COMPILER "${ARM_GCC}" -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
add_link_options(-nostartfiles)
