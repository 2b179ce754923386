"""A history in words: one sentence a fact, when it happened and was recorded, by whom, and what it changed.

Knows the folds that the caseload shows, and applies them fact by fact. Must never know where facts are kept, nor open
anything sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from services.audit.history_contacts import Told as Contacts
from services.episodes.caseload import evolve
from services.episodes.caseload_row import row
from services.episodes.fact_reading import Past
from services.episodes.handover_case import HandoverCase
from services.episodes.handover_row import handover_row
from services.episodes.handover_shown import evolve as evolve_handover
from services.episodes.shown import Case
from services.episodes.told import fact_of, said
from services.words.catalogue import EVERY_WORD
from services.words.guarding import PersonErased

_OPENS = ("model", "phase", "holder", "requested_on", "state")
"""What is told of an episode or handover when it begins; the rest was empty before."""
_CORRECTIONS = ("Corrected", "EnteredInError")


@dataclass(frozen=True, slots=True)
class Change:
    """A field of the row of an episode or handover (`of`), before and after a fact."""

    of: str
    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Line:
    """One fact. `sealed`: whether it has content that is not shown: "sealed", "[erased]", or nothing.

    `at` is where it lies: by it the fact can be proved (`sis audit prove`).
    """

    happened: str
    recorded: str
    by: str
    type: str
    sentence: str
    correction: bool
    sealed: str
    changed: tuple[Change, ...]
    at: str

    def as_json(self) -> dict[str, Any]:
        """The line for programs."""
        return asdict(self)


def of_person(person_id: str, facts: Sequence[Past], episode_id: str | None = None) -> Iterator[Line]:
    """A person's facts, or those of one episode and of the person alone; `facts` are all of the person's."""
    case, contacts = Case(), Contacts()
    erased = any(past.type == PersonErased.TYPE for past in facts)
    for past in facts:
        fact = fact_of(past.type, past.data)
        before = _rows(person_id, case, contacts, past.today)  # of the same day: days alone are no fact's doing
        case, contacts = evolve(case, fact, past.today), contacts.after(fact)
        after = _rows(person_id, case, contacts, past.today)
        if episode_id is None or _tells_of(past, episode_id, after):
            yield _line(past, _changes(before, after, episode_id), erased=erased)


def of_handover(handover_id: str, lot: str, facts: Sequence[Past]) -> Iterator[Line]:
    """A handover's facts, as its own ledger has them."""
    case: HandoverCase | None = None
    for past in facts:
        before = {handover_id: handover_row(case)} if case else {}
        shown = evolve_handover("handover", case, fact_of(past.type, past.data), lot)
        case = shown if isinstance(shown, HandoverCase) else case
        after = {handover_id: handover_row(case)} if case else {}
        yield _line(past, _changes(before, after, None), erased=False)


def _rows(person_id: str, case: Case, contacts: Contacts, today: date) -> dict[str, dict[str, object]]:
    """What the caseload would show of each episode on a day."""
    return {
        episode_id: row(person_id, case.person, episode, contacts.of(episode_id), episode.handover, today)
        for episode_id, episode in case.episodes.items()
    }


def _tells_of(past: Past, episode_id: str, rows: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a fact is of this episode, of its handover, or of the person alone."""
    named = {past.data[name] for name in ("episode_id", "sis_episode_id") if name in past.data}
    if named:
        return episode_id in named
    handover = rows.get(episode_id, {}).get("handover") or {}
    return "handover_id" not in past.data or past.data["handover_id"] == handover.get("handover_id")


def _line(past: Past, changed: Sequence[Change], *, erased: bool) -> Line:
    closed = bool(EVERY_WORD[past.type].SEALED) or "dossier" in EVERY_WORD[past.type].model_fields
    return Line(
        happened=past.happened,
        recorded=past.recorded,
        by=past.source,
        type=past.type,
        sentence=said(past.type, past.data),
        correction=past.type.endswith(_CORRECTIONS),
        sealed=("[erased]" if erased else "sealed") if closed else "",
        changed=tuple(changed),
        at=past.at,
    )


def _changes(
    before: Mapping[str, Mapping[str, object]], after: Mapping[str, Mapping[str, object]], only: str | None
) -> list[Change]:
    return [
        Change(of, name, before.get(of, {}).get(name), value)
        for of, fields in after.items()
        if only in (None, of)
        for name, value in fields.items()
        if before.get(of, {}).get(name) != value and (of in before or name in _OPENS)
    ]
