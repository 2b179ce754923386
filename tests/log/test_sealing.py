"""Sealed fields: they open for the event they were sealed for, with its own content key, and for nothing else."""

from __future__ import annotations

import json
import os

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import assume, example, given, reject
from hypothesis import strategies as st

from services.log.canonical import Json, canonical, canonical_plain
from services.log.sealing import DoesNotOpen, PublicKey, associated_data, open_blob, seal
from services.words.word import Sealed

_MONTH = X25519PrivateKey.generate()
_PUBLIC = PublicKey("2012-07", _MONTH.public_key().public_bytes_raw())
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_EVENT = ("/kmpt/maidstone-cmht", "6e1b", "kmpt.episodes.v1.PersonRegistered", "b7a4")
_AAD = associated_data(*_EVENT)

_texts = st.text(st.characters(exclude_categories=["Cs"]))
_safe_integers = st.integers(-(2**53) + 1, 2**53 - 1)
_plain_scalars = st.booleans() | _safe_integers | _texts
_plain = st.recursive(
    _plain_scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=12,
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _texts,
    lambda inner: st.lists(inner) | st.dictionaries(_texts, inner),
    max_leaves=12,
)
_events = st.tuples(_texts, _texts, _texts, _texts)


def content_key(sealed: Sealed) -> bytes:
    """What the holder of the month's private key gets."""
    return _SUITE.decrypt(sealed.key, _MONTH, info=b"kmpt content key")


def blob_of(text: bytes, key: bytes) -> bytes:
    """A blob as a stranger's software might make it, whatever is in it."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, text, _AAD)


@given(fields=_json, event=_events)
@example(fields={"": 1e-05, "0": float(2**53)}, event=_EVENT)
def test_what_is_sealed_opens_again(fields: Json, event: tuple[str, str, str, str]) -> None:
    """Fields sealed for an event come back, every digit and letter, for the holder of the month's key."""
    aad = associated_data(*event)
    sealed = seal(fields, _PUBLIC, aad)
    assert sealed.key_id == "2012-07"
    assert canonical(open_blob(sealed.blob, content_key(sealed), aad)) == canonical(fields)


@given(fields=_json, one=_events, other=_events)
def test_a_blob_moved_to_another_event_never_opens(
    fields: Json, one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    """Sealed fields copied beside another source, id, type or subject do not open."""
    assume(one != other)
    sealed = seal(fields, _PUBLIC, associated_data(*one))
    with pytest.raises(DoesNotOpen):
        open_blob(sealed.blob, content_key(sealed), associated_data(*other))


@given(one=_events, other=_events)
@example(one=("ab", "c", "", ""), other=("a", "bc", "", ""))
@example(one=("", "a", "", ""), other=("a", "", "", ""))
def test_two_events_never_share_their_associated_data(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    """Lengths keep source, id, type and subject apart, so no two events are bound by the same bytes."""
    assert (associated_data(*one) == associated_data(*other)) == (one == other)


def test_associated_data_is_as_the_wire_says() -> None:
    """Each text stands in UTF-8 behind its length in four bytes, big-endian (design, wire)."""
    assert associated_data("/é", "1", "", "s") == b"\0\0\0\3/\xc3\xa9\0\0\0\0011\0\0\0\0\0\0\0\1s"


@given(fields=_json, data=st.data())
def test_one_flipped_bit_never_opens(fields: Json, data: st.DataObject) -> None:
    """Whatever single bit of a blob is changed on its way, it does not open."""
    sealed = seal(fields, _PUBLIC, _AAD)
    bit = data.draw(st.integers(0, len(sealed.blob) * 8 - 1))
    flipped = bytearray(sealed.blob)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DoesNotOpen):
        open_blob(bytes(flipped), content_key(sealed), _AAD)


@given(fields=_json, data=st.data())
def test_a_shortened_blob_never_opens(fields: Json, data: st.DataObject) -> None:
    """A blob cut anywhere does not open."""
    sealed = seal(fields, _PUBLIC, _AAD)
    cut = data.draw(st.integers(0, len(sealed.blob) - 1))
    with pytest.raises(DoesNotOpen):
        open_blob(sealed.blob[:cut], content_key(sealed), _AAD)


@given(fields=_json, other=st.binary(max_size=40))
def test_another_key_never_opens(fields: Json, other: bytes) -> None:
    """No other content key opens a blob, whatever its length."""
    sealed = seal(fields, _PUBLIC, _AAD)
    with pytest.raises(DoesNotOpen):
        open_blob(sealed.blob, other, _AAD)


def test_every_event_has_its_own_content_key() -> None:
    """The same fields sealed twice share neither key nor ciphertext."""
    one, other = seal({"name": "A"}, _PUBLIC, _AAD), seal({"name": "A"}, _PUBLIC, _AAD)
    assert content_key(one) != content_key(other)
    assert one.blob != other.blob


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"name",
        b"{",
        b"NaN",
        b"-Infinity",
        b"1e400",
        b'"\\ud800"',
        b'"\xff"',
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_not_json_does_not_open(text: bytes) -> None:
    """A well-sealed blob whose content no canonical JSON can spell does not open, and stops nobody."""
    key = os.urandom(32)
    with pytest.raises(DoesNotOpen):
        open_blob(blob_of(text, key), key, _AAD)


@pytest.mark.parametrize("text", [b"[" * 32 + b"]" * 32, b"[" + b"[]," * 500 + b"[]]", b'"' + b"[" * 500 + b'"'])
def test_wide_content_is_not_deep_content(text: bytes) -> None:
    """Up to 32 levels open; many brackets beside each other or within a text are no levels."""
    key = os.urandom(32)
    assert canonical(open_blob(blob_of(text, key), key, _AAD)) == text


def test_a_public_key_that_is_none_is_refused() -> None:
    """Sealing to something that is not an X25519 key fails before anything leaves."""
    with pytest.raises(ValueError, match="X25519"):
        seal({}, PublicKey("2012-07", b"short"), _AAD)


@given(value=_plain)
def test_the_fast_spelling_of_plain_values_is_the_canonical_one(value: Json) -> None:
    """For plain values both spellings agree to the byte, so a digest never depends on which was used."""
    assert canonical_plain(value) == rfc8785.dumps(value)


@given(value=_json)
def test_the_canonical_spelling_is_that_of_rfc_8785(value: Json) -> None:
    """Whatever way is taken for speed, every value in the reference library's domain is spelt as it spells it."""
    try:
        spelt = rfc8785.dumps(value)
    except rfc8785.IntegerDomainError:
        reject()
    assert canonical(value) == spelt


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        ({"b": [1.0, -0.0, 1e21, 1e-7], "a": None}, b'{"a":null,"b":[1,0,1e+21,1e-7]}'),
        ({"\ufb33": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ufb33":1}'.encode()),
        (2**53 - 1, b"9007199254740991"),
        ({"b": 2**53, "a": "é"}, '{"a":"é","b":9007199254740992}'.encode()),
        ({"b": 10**30 + 1}, b'{"b":1000000000000000000000000000001}'),
        ([2**53, 1e-05, True, None, [], {}], b"[9007199254740992,0.00001,true,null,[],{}]"),
        ({"\ufb33": -(2**53), "\U0001f600": 2}, '{"\U0001f600":2,"\ufb33":-9007199254740992}'.encode()),
    ],
)
def test_canonical_spelling(value: Json, spelling: bytes) -> None:
    """RFC 8785 spells every value; only with whole numbers beyond it every digit is kept instead."""
    assert canonical(value) == spelling


@given(value=_json, large=st.integers(2**53, 2**200))
def test_spelling_is_stable(value: Json, large: int) -> None:
    """What was spelt, read and spelt again is the same bytes, also beside numbers beyond RFC 8785 (ruling 5)."""
    for content in (value, [value, large]):
        spelt = canonical(content)
        assert canonical(json.loads(spelt)) == spelt
    assert canonical([value, large]) == canonical([value])[:-1] + f",{large}]".encode()


@given(one=st.integers(), other=st.integers())
@example(one=2**53, other=2**53 + 1)
def test_two_whole_numbers_never_look_the_same(one: int, other: int) -> None:
    """Different whole numbers are different content, however large (ruling 5)."""
    assert (canonical({"n": one}) == canonical({"n": other})) == (one == other)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"\ud800": 1}, [2**53, "\ud800"]])
def test_what_json_cannot_say_has_no_spelling(value: Json) -> None:
    """NaN, infinity and half a surrogate pair are refused, never spelt somehow."""
    with pytest.raises(ValueError, match=r"."):
        canonical(value)
