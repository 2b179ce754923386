"""A pack opens with one provider's key, for one offer and issue; nothing is sealed to a key that protects nothing."""

from __future__ import annotations

from base64 import b64encode

import pytest
from pydantic import ValidationError

from services.log.packing import open_pack, pack_aad, pack_blob, sealed_pack_key
from services.log.schemas import released
from services.log.sealing import DoesNotOpen
from services.words import messages
from services.words.coded import coded_fields
from services.words.commissioning import ProviderRegistered
from services.words.handover_catalogue import MESSAGE_WORDS
from services.words.people import Details
from services.words.provider_fields import raw_public_key
from tests.memory_handover import private_key_of, public_key_of

CONTENT_KEY = bytes(range(32))
AAD = pack_aad("kmpt.sis.v1.Pack", "offer", "oak", 1)


def test_the_same_pack_is_sealed_to_the_same_bytes_and_its_key_is_not() -> None:
    """The ciphertext, whose hash the ledger keeps, depends on nothing but the pack (ruling 69)."""
    public = raw_public_key(public_key_of("oak"))

    assert pack_blob({"a": 1}, CONTENT_KEY, AAD) == pack_blob({"a": 1}, CONTENT_KEY, AAD)
    assert sealed_pack_key(CONTENT_KEY, public) != sealed_pack_key(CONTENT_KEY, public)


@pytest.mark.parametrize(
    ("who", "aad"),
    [
        ("ash", AAD),
        ("oak", pack_aad("kmpt.sis.v1.PackReissued", "offer", "oak", 1)),
        ("oak", pack_aad("kmpt.sis.v1.Pack", "other", "oak", 1)),
        ("oak", pack_aad("kmpt.sis.v1.Pack", "offer", "ash", 1)),
        ("oak", pack_aad("kmpt.sis.v1.Pack", "offer", "oak", 2)),
    ],
)
def test_a_pack_opens_for_nobody_and_nothing_else(who: str, aad: bytes) -> None:
    """Another key, type, offer, receiver or issue does not open it."""
    key = sealed_pack_key(CONTENT_KEY, raw_public_key(public_key_of("oak")))
    blob = pack_blob({"a": 1}, CONTENT_KEY, AAD)
    assert open_pack(key, blob, private_key_of("oak"), AAD) == {"a": 1}

    with pytest.raises(DoesNotOpen):
        open_pack(key, blob, private_key_of(who), aad)


@pytest.mark.parametrize(
    "public_key",
    [
        "",
        "not base64",
        b64encode(bytes(31)).decode(),
        b64encode(bytes(32)).decode(),
        b64encode((1).to_bytes(32, "little")).decode(),
        b64encode((2**255 - 20).to_bytes(32, "little")).decode(),
        b64encode((2**255 - 19 + 2**255).to_bytes(32, "little")).decode(),
        "4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=",
        "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc=",
    ],
)
def test_ruling_96_a_public_key_that_protects_nothing_is_not_registered(public_key: str) -> None:
    """Whatever is no 32 bytes of base64, or is one of the points that give every key the same secret."""
    with pytest.raises(ValidationError):
        ProviderRegistered.model_validate(
            {"provider_id": "oak", "name": "Oak", "dspt_valid_to": "2020-01-01", "public_key": public_key}
        )


def test_h4_no_message_has_a_field_that_could_hold_an_identity() -> None:
    """What a provider is told before acceptance has none of the fields of a person's details, and no free text."""
    allowed = {"offer_id", "handover_id", "contract_id", "lot", "district", "age_band", "needs", "risk"}

    assert set(messages.Offer.model_fields) == allowed | {"weekly_minutes", "wanted_on", "respond_by"}
    for word in (messages.Offer, messages.OfferWithdrawn, messages.OfferLapsed, messages.HandoverClosed):
        assert not set(word.model_fields) & set(Details.model_fields)


OFFER_FIELDS = {
    **dict.fromkeys(("offer_id", "handover_id", "contract_id", "lot", "district", "age_band", "risk"), "string"),
    "needs": {"type": "array", "items": "string"},
    "weekly_minutes": "long",
    "wanted_on": ["null", "string"],
    "respond_by": "string",
}


def test_h4_the_released_schema_of_an_offer_has_exactly_these_fields() -> None:
    """Whatever writes an offer writes by this schema: there is no field more, and none that is sealed or free text."""
    schema = released(messages.Offer.TYPE)

    assert {field["name"]: field["type"] for field in schema["fields"]} == OFFER_FIELDS
    assert "sealed" not in schema
    assert {one.field for one in coded_fields(messages.Offer)} == {"district", "needs", "risk"}


@pytest.mark.parametrize("name", MESSAGE_WORDS)
def test_h4_only_the_schema_of_a_pack_could_hold_an_identity(name: str) -> None:
    """Of all that leaves the trust only packs have bytes, which are sealed; no field is named as one of a person's."""
    fields = {field["name"]: field["type"] for field in released(name)["fields"]}

    assert ("bytes" in fields.values()) == (name in (messages.Pack.TYPE, messages.PackReissued.TYPE))
    assert not set(fields) & {*Details.model_fields, "details", "person_id", "birth_year", "reason", "text"}
