"""The papers of people who do not exist, sealed as the ledger would hold them, for packs that can be opened.

Knows the cryptography of a dossier. Must never be given the details of anybody who lives.
"""

from __future__ import annotations

import os
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.log.canonical import canonical
from services.log.sealing import associated_data
from services.vault.vault import Vault
from services.words.people import PersonRegistered
from services.words.recorded import Dossier

_NOBODY = {
    "nhs_number": "9990079471",
    "family_name": "Sandbox",
    "given_names": "Nobody",
    "birth_date": "1973-06-05",
    "address_lines": ["1 Nowhere Row", "Ashford"],
    "postcode": "TN23 9ZZ",
}


def papers_of_nobody(vault: Vault) -> Dossier:
    """A fresh person's dossier; what stands in it is always the same."""
    source, event_id, person_id = "/sandbox", str(uuid4()), str(uuid4())
    content_key, nonce = os.urandom(32), os.urandom(12)
    aad = associated_data(source, event_id, PersonRegistered.TYPE, person_id)
    blob = nonce + AESGCM(content_key).encrypt(nonce, canonical({"details": _NOBODY}), aad)
    turn = vault.turn("kmpt.sandbox", "make the papers of nobody")
    turn.make_keys([person_id])
    wrapped = turn.wrap(person_id, content_key)
    turn.commit()
    return Dossier(
        key_id=person_id,
        key=wrapped,
        blob=blob,
        source=source,
        id=event_id,
        type=PersonRegistered.TYPE,
        subject=person_id,
    )
