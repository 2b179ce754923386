"""A purpose or a legal basis as it is typed: one of the county's lists, or the command ends.

Knows the command line. Must never know whose records it is about.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.cli.failures import USAGE, Failed


def listed(option: str, code: str | None, codes: Mapping[str, str]) -> str:
    """The code behind an option. Raises `Failed` with those there are if it is none of them, or not given."""
    if code is None or code not in codes:
        raise Failed(f"UNKNOWN_CODE: give {option} as one of {', '.join(codes)}; nothing was sent", USAGE)
    return code
