"""Tests that interrupt a program, wherever they run themselves."""

import signal


def heed_interrupts() -> None:
    """Let a new process be interrupted: what runs in the background of a shell ignores that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
