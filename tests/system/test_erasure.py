"""Two people and one person's records, on a whole system: asked, approved by another, held, erased, and proved."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import orjson
import pytest

from tests.system.conftest import Running

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

PERSON = "8f4d119f-380a-5ff3-aadf-97f86a0d5818"
DETAILS = {
    "nhs_number": "9990000018",
    "family_name": "Relf",
    "given_names": "Sheila",
    "birth_date": "1970-05-01",
    "address_lines": ["79 Hop Row"],
    "postcode": "ME14 9ZZ",
}


def said(name: str, data: object, event_id: str, **more: str) -> bytes:
    """One line of a feed."""
    head = {"specversion": "1.0", "id": event_id, "source": "/kmpt/maidstone-cmht", "type": name, **more}
    return orjson.dumps({**head, "time": "2012-07-02T09:00:00+01:00", "data": data})


@pytest.fixture(scope="module")
def signers(county: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Sheila is registered, and two members of staff have a key each: what each of them types to sign."""
    folder = tmp_path_factory.mktemp("keys")
    day = said("kmpt.calendar.v1.DayBegan", {"date": "2012-07-02"}, "a-day")
    registered = said(
        "kmpt.episodes.v1.PersonRegistered", {"district": "maidstone", "details": DETAILS}, "sheila", subject=PERSON
    )
    (folder / "feed.ndjson").write_bytes(day + b"\n" + registered)
    assert county("emit", "--wait", str(folder / "feed.ndjson")).code == 0
    for name in ("ann", "ben"):
        assert county("keys", "person", name, "--out", str(folder / f"{name}.pem")).code == 0
    return {name: ["--by", name, "--key", str(folder / f"{name}.pem")] for name in ("ann", "ben")}


def test_identity_is_shown_only_after_a_second_person_has_approved(
    county: Running, signers: dict[str, list[str]]
) -> None:
    """R85: who asks cannot approve; what is shown is what was registered."""
    ann, ben = signers["ann"], signers["ben"]
    asked = county("reidentify", PERSON, *ann, "--request", "--purpose", "COMPLAINT", "--basis", "GDPR_6_1_E")
    request = asked.out.split()[-1]

    alone = county("reidentify", PERSON, *ann, "--approve", request)
    shown = county("reidentify", PERSON, *ben, "--approve", request)

    given = ("--request", request, "--to", "a county court")
    released = county("release", PERSON, *ann, *given, "--json")
    told = county("audit", "disclosures", PERSON, "--json").json()

    assert (asked.code, alone.code, shown.code) == (0, 1, 0)
    assert released.json() == {"person_id": PERSON, "request_id": request, "recipient": "a county court", "by": "ann"}
    assert "a county court" in str(told)
    assert county("release", PERSON, *ann, "--request", str(UUID(int=1)), "--to", "a court").code == 1, "never approved"
    assert "SAME_PERSON" in alone.err
    assert shown.json() == DETAILS


def test_a_person_is_erased_by_two_and_not_while_a_hold_lies(
    county: Running, signers: dict[str, list[str]], tmp_path: Path
) -> None:
    """Design §6: hold, second signature, destruction, certificate; afterwards nothing of theirs is shown or taken."""
    ann, ben = signers["ann"], signers["ben"]
    assert county("hold", "place", PERSON, *ann, "--basis", "GDPR_9_2_F").code == 0
    why = ("--purpose", "RETENTION_EXPIRED", "--basis", "GDPR_5_1_E")
    asked = county("erase", PERSON, *ann, "--request", *why)
    held = county("erase", PERSON, *ben, "--approve")
    assert county("hold", "lift", PERSON, *ann).code == 0
    alone = county("erase", PERSON, *ann, "--approve")
    planned = county("erase", PERSON, *ben, "--approve", "--dry-run")

    done = county("erase", PERSON, *ben, "--approve")
    again = county("erase", PERSON, *ben, "--approve")
    proved = county("erase", PERSON, *ben, "--approve", "--json").json()
    assert proved["open_no_more"] == sum(proved["tried"].values()) - sum(proved["open_until"].values())
    assert proved["open_for_ever"] == 0

    assert [answer.code for answer in (asked, held, alone, planned, done, again)] == [0, 1, 1, 0, 0, 0]
    assert "LEGAL_HOLD" in held.err
    assert "SAME_PERSON" in alone.err
    assert "would be destroyed" in planned.out
    assert "1 open no more" in done.out
    assert done.out == again.out
    late = said("kmpt.episodes.v1.PersonDied", {"on": "2012-07-01"}, "late", subject=PERSON)
    (tmp_path / "late.ndjson").write_bytes(late)
    refused = county("emit", "--json", str(tmp_path / "late.ndjson")).json()["refused"]
    assert [row["code"] for row in refused] == ["PERSON_ERASED"]


def test_a_month_s_key_is_shown_with_the_day_of_its_end(county: Running) -> None:
    """Design §6: month keys are destroyed 35 days after their month, and anybody may see when."""
    (month,) = county("keys", "list", "--json").json()
    assert month["to_be_destroyed"] > month["made"]
    assert month["destroyed"] is None
