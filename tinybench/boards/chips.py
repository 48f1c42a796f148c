"""Microcontrollers and modules by name: a processor of `targets` with the memory that one can buy.

Sizes are from the makers' data sheets: flash that code runs from, a module's external flash
included where it is mapped, and all RAM that a program may use for data. Where that is in several
banks, the emulator has them as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tinybench.boards.targets import KIB, TARGETS, Target

SIZES = {
    "cortex-m0plus": {
        "samd21g18": ("Microchip SAMD21G18, as on an Arduino Zero", 256, 32),
        "rp2040": ("Raspberry Pi RP2040 with a Pico's flash", 2048, 264),
    },
    "cortex-m3": {"stm32f103c8": ("ST STM32F103C8, as on a Blue Pill", 64, 20)},
    "cortex-m4": {
        "ra4m1": ("Renesas RA4M1, as on an Arduino Uno R4", 256, 32),
        "stm32l432kc": ("ST STM32L432KC", 256, 64),
        "nrf52832": ("Nordic nRF52832", 512, 64),
        "nrf52833": ("Nordic nRF52833, as on a micro:bit v2", 512, 128),
        "stm32f446re": ("ST STM32F446RE", 512, 128),
        "samd51j19": ("Microchip SAMD51J19", 512, 192),
        "stm32l476rg": ("ST STM32L476RG", 1024, 128),
        "nrf52840": ("Nordic nRF52840, as on an Arduino Nano 33 BLE", 1024, 256),
        "apollo3": ("Ambiq Apollo3 Blue, as on a SparkFun Edge", 1024, 384),
    },
    "cortex-m7": {
        "stm32f746ng": ("ST STM32F746NG", 1024, 320),
        "stm32h743zi": ("ST STM32H743ZI", 2048, 1024),
        "mimxrt1062": ("NXP i.MX RT1062 with a Teensy 4.1's flash", 8192, 1024),
        "portenta-h7": ("Arduino Portenta H7 with external flash and RAM", 16384, 8192),
        "openmv-h7-plus": ("OpenMV H7 Plus with external flash and RAM", 32768, 32768),
    },
    "cortex-m33": {
        "nrf5340": ("Nordic nRF5340, application core", 1024, 512),
        "stm32u585ai": ("ST STM32U585AI", 2048, 768),
        "rp2350": ("Raspberry Pi RP2350 with a Pico 2's flash", 4096, 520),
    },
    "rv32imc": {"esp32c3": ("Espressif ESP32-C3 with 4 MiB of flash", 4096, 400)},
}
"""By processor and name: what it is, KiB of flash, KiB of RAM."""


def chips() -> Iterator[Target]:
    """A target for each."""
    processors = {target.name: target for target in TARGETS}
    for processor, sizes in SIZES.items():
        target = processors[processor]
        for name, (summary, flash, ram) in sizes.items():
            named = replace(
                target,
                name=name,
                summary=f"{summary} ({processor}); ",
                script=target.linker_script.removesuffix(".ld"),
                qemu="",
                chip=True,
            )
            yield named.with_memory(flash * KIB, ram * KIB)
