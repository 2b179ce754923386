"""The wall clock, for what needs an instant of its own when somebody types a command."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """This instant in UTC, RFC 3339 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
