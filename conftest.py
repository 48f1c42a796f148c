"""Settings for every test run in this repository."""

pytest_plugins = ["pytester"]
