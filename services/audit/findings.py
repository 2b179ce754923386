"""What an auditor is told: findings in plain words, counts, and where proof ends.

Knows texts. Must never hold an identifier of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.log.errors import LogDamaged

MOST = 20
"""Findings told of one partition; the rest of a large damage is only counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where, what was done, and what it means; `offset` is None if no single record is concerned."""

    where: str
    offset: int | None
    what: str
    means: str

    def sentence(self) -> str:
        """The finding as a line."""
        at = "" if self.offset is None else f" offset {self.offset}"
        return f"{self.where}{at}: {self.what}. {self.means}."


@dataclass(slots=True)
class Report:
    """The outcome of a verification."""

    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)
    _told: dict[str, int] = field(default_factory=dict)

    def find(self, where: str, offset: int | None, what: str, means: str) -> None:
        """Add a finding."""
        self._told[where] = self._told.get(where, 0) + 1
        if self._told[where] <= MOST:
            self.findings.append(Finding(where, offset, what, means))
        else:
            self.more += 1

    def damaged(self, fault: LogDamaged, meaning: str) -> None:
        """Add that a partition cannot be read on; `meaning`: what is not verified because of it."""
        means = f"Its files were damaged, or altered or cut by somebody who can write to them; {meaning}"
        self.find(f"{fault.place[0]}/{fault.place[1]}", None, fault.what, means)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count."""
        self.counts[name] = self.counts.get(name, 0) + number

    def add(self, part: Report) -> None:
        """Take up what was found in one part of the whole."""
        self.findings += part.findings
        self.more += part.more
        self.limits += part.limits
        for name, number in part.counts.items():
            self.count(name, number)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        findings = [
            {"where": one.where, "offset": one.offset, "what": one.what, "means": one.means} for one in self.findings
        ]
        return {"findings": findings, "more": self.more, "counts": self.counts, "limits": self.limits}
