"""The public names are importable, and importing the package is free."""

import subprocess
import sys

import tinybench


def test_all_names_exist() -> None:
    for name in tinybench.__all__:
        assert getattr(tinybench, name) is not None


def test_every_public_name_is_listed() -> None:
    """What can be imported lazily is what `__all__` promises."""
    assert sorted(tinybench.__all__) == sorted({*tinybench._MODULE_OF, *tinybench._MODULES})


def test_import_is_free() -> None:
    script = "import sys, tinybench, tinybench.pytest_plugin.plugin; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"
