"""NHS numbers: how they are written, and which of them the county takes.

Knows form, check digit and ranges. Never knows whose number one is, and never puts one into an error.
"""

import re

from nhs_number.validate import calculate_checksum

_WRITTEN = re.compile(r"[0-9]{10}|[0-9]{3} [0-9]{3} [0-9]{4}")
_CANONICAL = re.compile(r"[0-9]{10}")

# Ten-digit numbers that other health services issue: Scotland's CHI, Northern Ireland's Health and Care numbers.
_ELSEWHERE = (("0101000000", "3112999999"), ("3200000001", "3999999999"))
_NEVER_ISSUED = "999"


def canonical(text: str) -> str | None:
    """Return the ten digits of a number written as ten digits or 3-3-4 with single spaces, else None (ruling 18)."""
    return text.replace(" ", "") if _WRITTEN.fullmatch(text) else None


def is_valid(number: str, *, synthetic: bool) -> bool:
    """Tell whether a canonical number may stand for a person.

    Its check digit must be right by modulus 11 (NHS Data Dictionary), its digits not all the same, and it must not
    belong to Scotland or Northern Ireland. Numbers from 999 are never issued: synthetic mode takes only these,
    production none of them.
    """
    return (
        _CANONICAL.fullmatch(number) is not None
        and number.startswith(_NEVER_ISSUED) == synthetic
        and number != number[0] * len(number)
        and not any(first <= number <= last for first, last in _ELSEWHERE)
        and calculate_checksum(number[:9]) == int(number[9])
    )
