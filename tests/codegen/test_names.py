"""What a model's C may be called: whatever compiles beside all else that is there."""

from __future__ import annotations

import pytest

from tinybench.codegen import Names, UnsupportedError
from tinybench.codegen.names import SHARED, check

FORM = ": use letters, digits and _, a letter first, no tb_ in front"


@pytest.mark.parametrize("name", ["model", "word", "Hand", "m0", "motor_2", "person_detect", "X"])
def test_a_plain_name_is_taken(name: str) -> None:
    assert Names(name).arena == f"{name}_arena"


@pytest.mark.parametrize(
    "name",
    ["", "2nd", "a-b", "../up", "a b", "tb_walk", "TB_X", "Tb_x", "é", "a\n", "a/b", "_Word", "_"],
)
def test_what_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedError) as error:
        Names(name)

    assert str(error.value) == f"prefix {name!r}{FORM}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("int", "a word of C or C++"),
        ("restrict", "a word of C or C++"),
        ("class", "a word of C or C++"),
        ("constexpr", "a word of C or C++"),
        ("co_await", "a word of C or C++"),
        ("Float", "a word of C or C++"),
        ("main", "library has that name"),
        ("memcpy", "library has that name"),
        ("string", "library has that name"),
        ("Math", "library has that name"),
        ("std", "library has that name"),
        ("board", "firmware project has that name"),
        ("keyword", "firmware project has that name"),
        ("test", "firmware project has that name"),
        ("test_it", "firmware project has that name"),
        ("a__b", "two _ in a row"),
        ("a_", "two _ in a row"),
        ("sensor_data", "'sensor' would have a file or macro of that name"),
        ("sensor_tflm", "'sensor' would have a file or macro of that name"),
    ],
)
def test_a_name_that_is_taken_is_refused_with_another(name: str, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=f"^prefix '{name}': .*{reason}.*; choose another"):
        Names(name)


def test_what_is_offered_instead_is_taken() -> None:
    with pytest.raises(UnsupportedError) as error:
        check("prefix", "keyword")

    assert Names(str(error.value).rpartition(" ")[2]).prefix == "keyword_net"


@pytest.mark.parametrize("arena", ["word_pool", "Word_pool", "int", "tb_arena", "", "memset"])
def test_an_arena_has_a_name_of_its_own(arena: str) -> None:
    with pytest.raises(UnsupportedError, match=f"^arena '{arena}'"):
        Names("word", arena)


def test_code_that_all_have_is_renamed_except_the_default() -> None:
    code = '#include "tb_types.h"\nTB_ALIGN(4) tb_i32 x; TEST_VECTORS test_port latest_port\n'

    assert Names().own(code) == code
    assert Names("word").own(code) == (
        '#include "word_tb_types.h"\n'
        "WORD_TB_ALIGN(4) word_tb_i32 x; WORD_TEST_VECTORS word_test_port latest_port\n"
    )
    assert SHARED == ("tb_", "test_")
