"""NHS numbers: which may stand for a person (design section 6, ruling 18)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.county.nhs_number import canonical, is_valid

WEIGHTS = range(10, 1, -1)


def with_check_digit(nine: str) -> str | None:
    """Return the ten digits that modulus 11 makes of nine, or None if it has no check digit for them."""
    check = (11 - sum(int(digit) * weight for digit, weight in zip(nine, WEIGHTS, strict=True)) % 11) % 11
    return None if check == 10 else f"{nine}{check}"


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    """Draw ten digits with the right check digit whose first nine lie between low and high."""
    return st.integers(low, high).map(lambda n: with_check_digit(f"{n:09}")).filter(bool).map(str)


SYNTHETIC = numbers(999_000_000, 999_999_998)
SCOTTISH = numbers(10_100_000, 311_299_998)
NORTHERN_IRISH = numbers(320_000_000, 399_999_999)
ENGLISH = numbers(400_000_000, 499_999_999) | numbers(600_000_000, 799_999_999)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("9990000018", "9990000018"),
        ("999 000 0018", "9990000018"),
        ("999-000-0018", None),
        ("999  000 0018", None),
        ("999 0000018", None),
        ("9990 000 018", None),
        (" 9990000018", None),
        ("9990000018 ", None),
        ("9990000018\n", None),
        ("999\t000\t0018", None),
        ("999\u00a0000\u00a00018", None),
        ("999000001", None),
        ("99900000180", None),
        ("\u0669\u0669\u0669\u0660\u0660\u0660\u0660\u0660\u0661\u0668", None),
        ("999000001A", None),
        ("", None),
    ],
)
def test_a_number_is_written_in_one_of_two_ways(text: str, digits: str | None) -> None:
    """Ruling 18: ten digits, or three, three and four with single spaces; any other text is no number."""
    assert canonical(text) == digits


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_both_ways_of_writing_are_the_same_number(digits: str) -> None:
    """A number is the same with and without its spaces, and what is canonical stays so."""
    assert canonical(digits) == digits
    assert canonical(f"{digits[:3]} {digits[3:6]} {digits[6:]}") == digits


@pytest.mark.parametrize("number", ["9990000018", "9990000026", "9990000034", "9990000042", "9990000050"])
def test_synthetic_numbers_are_taken_in_synthetic_mode_only(number: str) -> None:
    """Numbers from 999 are never issued: practice takes them, production never."""
    assert is_valid(number, synthetic=True)
    assert not is_valid(number, synthetic=False)


def test_the_public_example_is_taken_in_production_only() -> None:
    """943 476 5919, the worked example of the checking rule, could be somebody's: practice never takes it."""
    assert is_valid("9434765919", synthetic=False)
    assert not is_valid("9434765919", synthetic=True)


@pytest.mark.parametrize(
    ("number", "valid"),
    [("9912003888", True), ("9912003814", False), ("9434765910", False), ("4000000000", False), ("4000000004", True)],
)
def test_the_check_digit_must_be_right(number: str, valid: bool) -> None:
    """A wrong check digit is refused, never mended, even where a well-known sample has it."""
    assert is_valid(number, synthetic=False) is valid


@pytest.mark.parametrize("digit", "0123456789")
@pytest.mark.parametrize("synthetic", [True, False])
def test_repeated_digits_are_nobody_s_number(digit: str, synthetic: bool) -> None:
    """Ten equal digits pass modulus 11, every one of them, and are refused all the same."""
    number = digit * 10

    assert with_check_digit(number[:9]) == number
    assert not is_valid(number, synthetic=synthetic)


@pytest.mark.parametrize("text", ["", "999 000 0018", "999000001", "99900000018", "999000001X", "9990000018\n"])
def test_only_canonical_numbers_can_be_valid(text: str) -> None:
    """What is not ten bare digits is not valid, whatever its digits are."""
    assert not is_valid(text, synthetic=True)
    assert not is_valid(text, synthetic=False)


@given(SCOTTISH | NORTHERN_IRISH)
def test_numbers_of_other_countries_are_refused(number: str) -> None:
    """Scotland's and Northern Ireland's numbers pass the check and are not NHS numbers."""
    assert not is_valid(number, synthetic=False)
    assert not is_valid(number, synthetic=True)


@pytest.mark.parametrize(
    ("number", "taken"),
    [
        ("0100999999", True),
        ("0101000006", False),
        ("3112999991", False),
        ("3113000009", True),
        ("3199999999", True),
        ("3200000007", False),
        ("3999999993", False),
        ("4000000004", True),
    ],
)
def test_the_ranges_of_other_countries_end_where_they_end(number: str, taken: bool) -> None:
    """The Scottish range is 010 100 0000 to 311 299 9999, the Northern Irish 320 000 0001 to 399 999 9999."""
    assert is_valid(number, synthetic=False) is taken


@given(ENGLISH)
def test_issued_numbers_are_taken_in_production_only(number: str) -> None:
    """A number that England may have issued is for production, and never for practice."""
    repeated = len(set(number)) == 1

    assert is_valid(number, synthetic=False) is not repeated
    assert not is_valid(number, synthetic=True)


@given(SYNTHETIC | ENGLISH, st.integers(0, 9), st.integers(1, 9), st.booleans())
def test_one_wrong_digit_never_passes(number: str, place: int, by: int, synthetic: bool) -> None:
    """Whoever mistypes one digit of a right number is told so, whichever digit it is."""
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]

    assert not is_valid(wrong, synthetic=synthetic)


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.booleans())
def test_no_number_without_its_check_digit_is_taken(number: str, synthetic: bool) -> None:
    """Only numbers that modulus 11 makes of their first nine digits are ever taken."""
    assert not is_valid(number, synthetic=synthetic) or with_check_digit(number[:9]) == number
