"""The differences that a release means to make: inputs of before that it would decide otherwise.

Knows types of inputs and of what came of them. An undeclared difference is a finding of `sis audit recompute`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Declared(NamedTuple):
    """Inputs of this type that had `recorded` as their outcome have `decided` under this program's rules.

    An outcome is the types of its facts and the codes of its refusals, in order; empty: a repeat.
    """

    input_type: str
    recorded: tuple[str, ...]
    decided: tuple[str, ...]


DECLARED: Sequence[Declared] = ()
"""Release 1 is the first: it means to differ from nothing."""
