"""A pseudonym stands for one id, within one engagement, and tells nothing of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.pseudonyms import KEY_BYTES, LETTERS, pseudonyms

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
IDS = st.uuids().map(str)
KINDS = st.sampled_from(sorted(LETTERS))


@given(KEYS, KINDS, IDS)
def test_the_same_id_has_the_same_pseudonym_within_an_engagement(key: bytes, kind: str, id: str) -> None:
    """Today's export and next month's can be joined by whoever holds both."""
    assert pseudonyms(key)(kind, id) == pseudonyms(key)(kind, id)


@given(KEYS, KEYS, KINDS, IDS)
def test_no_pseudonym_is_the_same_in_two_engagements(one: bytes, other: bytes, kind: str, id: str) -> None:
    """Two auditors cannot find out together that they look at the same person."""
    if one != other:
        assert pseudonyms(one)(kind, id) != pseudonyms(other)(kind, id)


@given(KEYS, st.lists(st.tuples(KINDS, IDS), unique=True, min_size=2))
def test_no_two_ids_share_a_pseudonym(key: bytes, ids: list[tuple[str, str]]) -> None:
    """Nor do a person and a worker that happen to have one id."""
    name = pseudonyms(key)
    assert len({name(kind, one) for kind, one in ids}) == len(ids)


@given(KEYS, KINDS, IDS)
def test_a_pseudonym_is_text_to_a_spreadsheet_and_128_bits_long(key: bytes, kind: str, id: str) -> None:
    """It begins with the letter of its kind, and none of its digits are the id's."""
    pseudonym = pseudonyms(key)(kind, id)
    assert pseudonym[0] == LETTERS[kind]
    assert len(bytes.fromhex(pseudonym[1:])) == 16
    assert UUID(id).hex not in pseudonym


def test_it_is_hmac_sha256_so_that_others_can_compute_it() -> None:
    """The trust finds a fact again by its pseudonym with any tool: openssl dgst -sha256 -hmac …"""
    assert pseudonyms(b"k" * 32)("person", "an id") == "pee90f6b8b33426381b8b31a774746a96"


def test_a_key_of_another_length_is_refused() -> None:
    """A short key could be guessed."""
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonyms(b"short")
