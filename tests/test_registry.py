"""Registries: what a user may add, and what a wrong name says."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint

import pytest

from tinybench import registry
from tinybench.conversion.variants import VARIANTS
from tinybench.metrics import METRICS
from tinybench.registry import EntryPointError, Registry, UnknownNameError
from tinybench.runtimes import RUNTIMES
from tinybench.tasks import TASKS


@dataclass(frozen=True)
class Thing:
    name: str


@pytest.fixture
def things() -> Registry[Thing]:
    return Registry("thing", builtin=lambda: [Thing("one"), Thing("one-more"), Thing("two")])


def test_unknown_name_lists_the_valid_ones(things: Registry[Thing]) -> None:
    """The message alone is enough to correct the name."""
    with pytest.raises(UnknownNameError) as caught:
        things.get("on")

    assert str(caught.value) == (
        "unknown thing 'on' (did you mean 'one'?); valid: one, one-more, two"
    )


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], ["one", "one-more", "two"]),
        (["two", "one"], ["one", "two"]),
        (["one*"], ["one", "one-more"]),
        (["two, one-more"], ["one-more", "two"]),
    ],
)
def test_select(things: Registry[Thing], patterns: list[str], expected: list[str]) -> None:
    """Patterns select in registry order; none selects everything."""
    assert [thing.name for thing in things.select(patterns)] == expected


def test_select_refuses_a_pattern_without_match(things: Registry[Thing]) -> None:
    """A misspelt selection must not silently select nothing."""
    with pytest.raises(UnknownNameError, match="unknown thing 'three'"):
        things.select(["one,three"])


def test_add(things: Registry[Thing]) -> None:
    """A user's item comes after the built-in ones; a taken name is refused."""
    things.add(Thing("mine"))

    assert [thing.name for thing in things][-1] == "mine"
    with pytest.raises(ValueError, match="'mine' is registered twice"):
        things.add(Thing("mine"))


def test_another_process_has_what_is_installed(things: Registry[Thing]) -> None:
    """Ours and those of entry points, not what was added or put in another's place here."""
    things.add(Thing("mine"))
    things.replace(Thing("two"))
    with pytest.raises(ValueError, match="registered twice"):
        things.add(Thing("one"))

    found = {name: things.is_installed(name) for name in ("one", "two", "mine", "nothing")}

    assert found == {"one": True, "two": False, "mine": False, "nothing": False}


def test_one_of_ours_loads_no_entry_point(
    things: Registry[Thing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package may ask for it while it is imported for its own entry point."""
    monkeypatch.setattr(registry, "entry_points", lambda group: pytest.fail(group))

    assert things.get("one") == Thing("one")


def test_a_package_that_cannot_be_loaded_is_one_line(
    things: Registry[Thing], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = EntryPoint("mine", "nowhere:THING", "tinybench.things")
    monkeypatch.setattr(registry, "entry_points", lambda group: [broken])

    with pytest.raises(EntryPointError) as caught:
        list(things)

    assert str(caught.value) == (
        "the installed package ? cannot add its thing 'mine', nowhere:THING: "
        "ModuleNotFoundError: No module named 'nowhere'; repair or remove the package"
    )


def test_remove(things: Registry[Thing]) -> None:
    """The name is free again, of a built-in item, too."""
    assert things.remove("one") == Thing("one")

    assert [thing.name for thing in things] == ["one-more", "two"]
    things.add(Thing("one"))
    assert [thing.name for thing in things] == ["one-more", "two", "one"]


def test_remove_refuses_an_unknown_name(things: Registry[Thing]) -> None:
    with pytest.raises(UnknownNameError, match="unknown thing 'three'"):
        things.remove("three")


def test_our_own() -> None:
    """The names that the documentation promises."""
    assert [task.name for task in TASKS] == [
        "sine-8",
        "sine-16",
        "sine-16x16",
        "sine-16x16-e100",
        "sine-16x16-kink",
        "linear",
        "keyword",
        "keyword-dscnn",
        "gesture",
        "helmet",
    ]
    assert [variant.name for variant in VARIANTS] == [
        "float32",
        "dynamic",
        "float16",
        "int8",
        "int8-per-tensor",
        "int8-float-io",
        "int16x8",
        "qat-int8",
        "float32-control",
        "file",
        "uint8",
    ]
    assert [runtime.name for runtime in RUNTIMES] == ["keras", "litert", "litert-ref", "tflm"]
    assert {"mse", "mae", "tflite_bytes", "arena_bytes", "host_us"} <= {m.name for m in METRICS}


def test_settings_are_read_when_a_name_is_none_of_ours() -> None:
    """A project with broken settings can use what is ours."""
    asked = []

    def declared() -> list[Thing]:
        asked.append(True)
        return [Thing("mine")]

    things = Registry("thing", builtin=lambda: [Thing("one")], declared=declared)
    things.get("one")
    assert not asked
    assert things.get("mine").name == "mine"
    assert not things.is_builtin("mine")
    assert things.is_installed("mine")
