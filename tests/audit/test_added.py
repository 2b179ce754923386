"""What a verification reads of the headers that a host added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.audit.added import Added, added
from services.log.writing import Origin, Pages, Partition
from services.words.envelope import INBOX_OFFSET, PREVIOUS_HASH, SEQUENCE, Envelope
from services.words.topics import EPISODES_LEDGER

_ORIGIN = Origin(7, "2012-10-01T09:00:00.000Z", "cause", b"d" * 32, b"h" * 32)


def _written() -> tuple[tuple[str, bytes], ...]:
    pages = Pages(Partition(EPISODES_LEDGER, 0, b"p" * 32))
    pages.add("key", Envelope("id", "type", "/source", "key", "2012-10-01T09:00:00Z"), "episode", b"value", _ORIGIN)
    return tuple(pages.drafts[0].headers)


def test_what_a_host_wrote_is_found() -> None:
    """Given a fact as a host writes it, then offset, number, cause and hashes are those that it wrote."""
    assert added(_written()) == Added(b"7", b"1", b"cause", b"h" * 32, b"p" * 32)


@given(st.permutations(_written()), st.integers(0, len(_written())))
def test_by_whatever_place_each_is_found_by_its_name(headers: list[tuple[str, bytes]], left: int) -> None:
    """Given headers that somebody moved or took away, then each that is left is found, and a missing one is empty."""
    found, names = added(headers[:left]), dict(headers[:left])

    assert found.inbox_offset == names.get(INBOX_OFFSET, b"")
    assert found.sequence == names.get(SEQUENCE, b"")
    assert found.previous_hash == names.get(PREVIOUS_HASH, b"")
