"""What came of an input in short, and in which part two outcomes differ.

Knows records of ledgers. Must never show a value: it may be about somebody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from services.audit.outcomes import Outcome, Written
from services.log.codec import Undecodable, decode
from services.log.record import Record
from services.words import envelope as named
from services.words.keeping import Refused

_THEIRS = ("handover_id", "offer_id")


class Deed(NamedTuple):
    """A fact by its type, or a refusal by its code."""

    name: str
    is_refusal: bool


def deeds_of(outcome: Outcome) -> list[Deed]:
    """An outcome in short."""
    return [_deed(written) for written in outcome]


def differs_in(recorded: Outcome, decided: Outcome) -> str:
    """The first part that is not the same, without its value."""
    for number, (one, other) in enumerate(zip(recorded, decided, strict=False)):
        if _deed(one) != _deed(other):
            return f"record {number + 1} is another"
        for part in _parts(one, other):
            return f"{_deed(one).name}: {part}"
    return f"{len(recorded)} records became {len(decided)}"


def first_other(recorded: Outcome, decided: Outcome) -> Deed | None:
    """The first deed of two outcomes with the same deeds that is not the same in all its parts."""
    pairs = zip(recorded, decided, strict=False)
    return next((_deed(one) for one, other in pairs if next(_parts(one, other), None)), None)


def ids_in(record: Record, recorded: Outcome) -> Iterator[str]:
    """Every subject, person, handover and offer that an input or its outcome names."""
    for headers, value in ((record.headers, record.value), *((one.headers, one.value) for one in recorded)):
        subject = dict(headers).get(named.SUBJECT)
        if subject:
            yield subject.decode(errors="replace")
        data = data_of(value)
        yield from (str(data[name]) for name in ("person_id", *_THEIRS) if data.get(name))


def whose(record: Record, people: dict[str, str]) -> None:
    """Note whose a handover is, and an offer of that handover; facts come in the order of the ledger."""
    data = data_of(record.value)
    known = [data["person_id"]] if data.get("person_id") else []
    known += [people[data[name]] for name in _THEIRS if data.get(name) in people]
    if known:
        people.update(dict.fromkeys((data[name] for name in _THEIRS if data.get(name)), known[0]))


def _parts(one: Written, other: Written) -> Iterator[str]:
    if (one.topic, one.key) != (other.topic, other.key):
        yield "its topic or key"
    before, after = data_of(one.value), data_of(other.value)
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            yield f"field {name}"
    heads, others = dict(one.headers), dict(other.headers)
    for name in [*heads, *(name for name in others if name not in heads)]:
        if heads.get(name) != others.get(name):
            yield f"header {name}"
    if one.value != other.value:
        yield "its bytes"


def _deed(written: Written) -> Deed:
    name, data = _decoded(written.value)
    return Deed(str(data["code"]), True) if name == Refused.TYPE else Deed(name.rpartition(".")[2], False)


def data_of(value: bytes | None) -> dict[str, Any]:
    """The fields of a value; none if it cannot be read."""
    return _decoded(value)[1]


def _decoded(value: bytes | None) -> tuple[str, dict[str, Any]]:
    try:
        return decode(value)
    except Undecodable:
        return "", {}
