"""What somebody signs at the keyboard: typed again, it is said again."""

from __future__ import annotations

import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.cli.guarding import now
from services.doors.guardian import Signer
from services.words.guarding import ErasureApproved
from tests.memory_handover import an_id


def test_an_approval_typed_again_in_the_same_second_is_another_event() -> None:
    """Refused under a hold and typed again once that is lifted, it is not taken for a repeat of what was refused."""
    ben, request = Signer("ben", Ed25519PrivateKey.generate()), an_id("request")

    def approval() -> str:
        said = ben.event(ErasureApproved, an_id("person"), request, now(), {"request_id": request})
        return str(said["id"])

    first = approval()
    time.sleep(0.001)

    assert approval() != first
