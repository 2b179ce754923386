"""Refusals as rows: what was not recorded, by which code, of whom.

Knows the type, the code and the source if they are ours. Must never pass on a subject or a type as an emitter wrote it:
a refused event may say anything anywhere.
"""

from __future__ import annotations

from services.audit.export_loading import Rows
from services.audit.export_record import Told, source_shown
from services.audit.pseudonyms import Naming
from services.words.catalogue import EVERY_WORD
from services.words.topics import Flow


class RefusalsExport:
    """Takes the refusals of one partition; the subject of a refusal in the handover flow is no person."""

    def __init__(self, flow: Flow, name: Naming, add: Rows) -> None:
        self._ledger = flow.ledger.split(".")[1]
        self._name = name
        self._add = add

    def take(self, told: Told) -> None:
        """Take the next refusal."""
        refused = told.data
        of_person = self._ledger == "episodes" and told.subject
        self._add(
            "refusals",
            self._name("refusal", told.id),
            self._ledger,
            refused["type"] if refused["type"] in EVERY_WORD else "UNKNOWN",
            refused["code"],
            self._name("person", told.subject) if of_person else None,
            source_shown(refused["source"]),
            told.known_on,
        )

    def end(self) -> None:
        """There are no more refusals."""
