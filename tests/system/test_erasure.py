"""Two people and one person's records, on a whole system: asked, approved by another, held, erased, and proved."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
import pytest

from services.vault.vault import Vault
from tests.command_line import run
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

OTHERS = {
    str(uuid5(NAMESPACE_URL, number)): number
    for number in ("9990000026", "9990000034", "9990000042", "9990000069", "9990000050")
}
"""People to be erased with interruptions, by person id, and their NHS numbers."""
WHY = ("--purpose", "RETENTION_EXPIRED", "--basis", "GDPR_5_1_E")


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
    others = [
        said(
            "kmpt.episodes.v1.PersonRegistered",
            {"district": "maidstone", "details": {**DETAILS, "nhs_number": number}},
            *(f"registered {number}",),
            subject=person,
        )
        for person, number in OTHERS.items()
    ]
    (folder / "feed.ndjson").write_bytes(b"\n".join([day, registered, *others]))
    assert county("emit", "--wait", str(folder / "feed.ndjson")).code == 0
    for name in ("ann", "ben"):
        assert county("keys", "person", name, "--out", str(folder / f"{name}.pem")).code == 0
    return {name: ["--by", name, "--key", str(folder / f"{name}.pem")] for name in ("ann", "ben")}


def test_identity_is_shown_only_after_a_second_person_has_approved(
    county: Running, signers: dict[str, list[str]]
) -> None:
    """R85: who asks cannot approve; what is shown is what was registered."""
    ann, ben = signers["ann"], signers["ben"]
    why = {"purpose": "COMPLAINT", "legal_basis": "GDPR_6_1_E"}
    asked = county(
        "reidentify", PERSON, *ann, "--request", "--purpose", why["purpose"], "--basis", why["legal_basis"], "--json"
    )
    request = asked.json()["request_id"]
    assert asked.json() == {"person_id": PERSON, "request_id": request, **why}

    alone = county("reidentify", PERSON, *ann, "--approve", request)
    shown = county("reidentify", PERSON, *ben, "--approve", request)

    given = ("--request", request, "--to", "COURT")
    released = county("release", PERSON, *ann, *given, "--json")
    told = county("audit", "disclosures", PERSON, "--json").json()

    assert (asked.code, alone.code, shown.code) == (0, 1, 0)
    assert released.json() == {"person_id": PERSON, "request_id": request, "recipient": "COURT", "by": "ann"}
    assert "COURT" in str(told)
    assert county("release", PERSON, *ann, "--request", str(UUID(int=1)), "--to", "COURT").code == 1, "never approved"
    assert "SAME_PERSON" in alone.err
    assert shown.json() == DETAILS


NOBODY, A_REQUEST = str(UUID(int=7)), str(UUID(int=8))


@pytest.mark.parametrize(
    "command",
    [
        ("erase", NOBODY, "--request", *WHY),
        ("erase", NOBODY, "--request", *WHY, "--dry-run"),
        ("erase", NOBODY, "--approve"),
        ("hold", "place", NOBODY, "--basis", "GDPR_9_2_F"),
        ("hold", "lift", NOBODY),
        ("reidentify", NOBODY, "--request", "--purpose", "COMPLAINT", "--basis", "GDPR_6_1_E"),
        ("reidentify", NOBODY, "--approve", A_REQUEST),
        ("release", NOBODY, "--request", A_REQUEST, "--to", "COURT"),
    ],
    ids=lambda command: " ".join(command[:1] + command[2:3]),
)
def test_of_an_unknown_person_nothing_is_asked_held_shown_or_erased(
    county: Running, signers: dict[str, list[str]], command: tuple[str, ...]
) -> None:
    """Nobody is registered under the id: said with its code, whatever was to be done; an id that is none is usage."""
    unknown = county(*command, *signers["ann"])
    no_id = county(*(word if word != NOBODY else "nobody" for word in command), *signers["ann"])

    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("sis: UNKNOWN_PERSON: ")
    assert (no_id.code, no_id.out) == (2, "")
    assert "name the person by their opaque id" in no_id.err


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("erase", "--approve"), 1, "UNKNOWN_REQUEST: nobody has asked for an erasure"),
        (("hold lift",), 1, "UNKNOWN_REQUEST: no hold lies"),
        (("reidentify", "--approve", A_REQUEST), 1, "UNKNOWN_REQUEST: nothing was asked for"),
        (("erase", "--request"), 2, "UNKNOWN_CODE: give --purpose as one of RETENTION_EXPIRED, "),
        (("erase", "--request", *WHY[:2], "--basis", "THE_LAW"), 2, "UNKNOWN_CODE: give --basis as one of GDPR_6_1_C,"),
        (("reidentify", "--request", *WHY), 2, "UNKNOWN_CODE: give --purpose as one of SAFEGUARDING, "),
        (("release", "--request", A_REQUEST, "--to", "Mrs Relf"), 2, "UNKNOWN_CODE: give --to as one of PERSON, "),
        (("release", "--request", "it", "--to", "COURT"), 2, "say of which disclosure"),
        (("hold place", "--basis", "THE_LAW"), 2, "UNKNOWN_CODE: give --basis as one of GDPR_6_1_C,"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said_with_its_code(
    county: Running, signers: dict[str, list[str]], command: tuple[str, ...], code: int, words: str
) -> None:
    """Nothing asked for, nothing held, a purpose or a law that no list has: code and plain words, and no fact."""
    before = told_of(county, PERSON)

    answer = county(*command[0].split(), PERSON, *command[1:], *signers["ben"])

    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(f"sis: {words}")
    assert told_of(county, PERSON) == before


def test_a_dry_run_tells_programs_what_would_be_done(county: Running, signers: dict[str, list[str]]) -> None:
    """`--dry-run --json` of a request is JSON, and nothing is sent."""
    before = told_of(county, PERSON)

    planned = county("erase", PERSON, *signers["ann"], "--request", *WHY, "--dry-run", "--json").json()

    assert planned == {"person_id": PERSON, "dry_run": "an erasure would be asked for; nothing was sent"}
    assert told_of(county, PERSON) == before


def test_a_person_is_erased_by_two_and_not_while_a_hold_lies(
    county: Running, signers: dict[str, list[str]], tmp_path: Path
) -> None:
    """Design §6: hold, second signature, destruction, certificate; afterwards nothing of theirs is shown or taken."""
    ann, ben = signers["ann"], signers["ben"]
    hold = county("hold", "place", PERSON, *ann, "--basis", "GDPR_9_2_F", "--json").json()
    asked = county("erase", PERSON, *ann, "--request", *WHY, "--json")
    held = county("erase", PERSON, *ben, "--approve")
    lifted = county("hold", "lift", PERSON, *ann, "--json").json()
    assert lifted == {"person_id": PERSON, "lifted": [hold["hold_id"]]}
    assert asked.json().keys() == {"person_id", "request_id", "purpose", "legal_basis"}
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
    assert "would be refused" in county("erase", PERSON, *ann, "--request", *WHY, "--dry-run").out
    late = said("kmpt.episodes.v1.PersonDied", {"on": "2012-07-01"}, "late", subject=PERSON)
    (tmp_path / "late.ndjson").write_bytes(late)
    refused = county("emit", "--json", str(tmp_path / "late.ndjson")).json()["refused"]
    assert [row["code"] for row in refused] == ["PERSON_ERASED"]


def test_a_month_s_key_is_shown_with_the_day_of_its_end(county: Running) -> None:
    """Design §6: month keys are destroyed 35 days after their month, and anybody may see when."""
    (month,) = county("keys", "list", "--json").json()
    assert month["to_be_destroyed"] > month["made"]
    assert month["destroyed"] is None
    assert county("keys", "rotate").out == f"the key of {month['month']} is published already\n"
    assert county("keys", "destroy-due").out == "no key is due to be destroyed\n"


@contextmanager
def put_aside(*files: Path) -> Iterator[None]:
    """Files that are missing for a while, as after a mistaken move; whoever has them open goes on with them."""
    for file in files:
        file.rename(file.with_name(f"{file.name}.aside"))
    try:
        yield
    finally:
        for file in files:
            file.with_name(f"{file.name}.aside").rename(file)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("vault/vault.sqlite", "there is no vault in "),
        ("keys/vault.key", "vault.key is missing, and the vault is of no use without it. Bring it from its backup"),
        ("keys/pack.key", "pack.key is missing, and the vault is of no use without it. Bring it from its backup"),
    ],
)
def test_an_erasure_that_the_vault_could_not_carry_out_is_not_approved(
    county: Running, signers: dict[str, list[str]], missing: str, words: str
) -> None:
    """An approval is not called back: without the vault, or a key of it, it is refused before any fact is recorded."""
    person = list(OTHERS)[3]
    assert county("erase", person, *signers["ann"], "--request", *WHY).code == 0
    before = told_of(county, person)

    with put_aside(county.data / missing):
        refused = county("erase", person, *signers["ben"], "--approve")
        planned = county("erase", person, *signers["ben"], "--approve", "--dry-run")
        assert not (county.data / missing).exists(), "nothing is made by asking"

    assert (refused.out, planned.out) == ("", "")
    assert refused.code == planned.code != 0
    assert words in refused.err
    assert words in planned.err
    assert told_of(county, person) == before


def test_a_vault_that_never_had_the_person_s_key_is_said_to_be_another(
    county: Running, signers: dict[str, list[str]]
) -> None:
    """As in a copy from before the registration: its proof is not taken for one of the vault that had the key."""
    person = list(OTHERS)[3]
    with closing(sqlite3.connect(county.data / "vault" / "vault.sqlite", isolation_level=None)) as older:
        older.execute("DELETE FROM person_key WHERE person_id = ?", (person,))

    done = county("erase", person, *signers["ben"], "--approve", "--json")

    assert (done.code, done.json()["open_for_ever"]) == (0, 0)
    assert done.err.startswith("this vault never had a key of this person: it is an older copy, or was made anew. ")
    assert told_of(county, person)[-2:] == ["ErasureApproved", "PersonErased"]


@contextmanager
def erased_in(data: Path) -> Iterator[Callable[[str], bool]]:
    """Asks the vault, again and again, whether a person's key is destroyed."""
    with closing(Vault(data)) as vault:
        yield lambda person: person in vault.erased()


def killed(county: Running, arguments: list[str], reached: Callable[[], bool]) -> None:
    """Begin a command, and SIGKILL it as soon as it has come so far."""
    process = county.begin(*arguments)
    while not reached():
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.001)
    process.kill()
    assert process.wait() < 0, "it was killed in the middle"


def told_of(county: Running, person: str) -> list[str]:
    """The kinds of facts in a person's history."""
    return [line["type"].rpartition(".")[2] for line in county("audit", "history", person, "--json").json()]


@pytest.mark.parametrize(("person", "step"), [*zip(OTHERS, ("approved", "destroyed", "said"), strict=False)])
def test_an_erasure_that_was_killed_is_finished_by_approving_again(
    county: Running, signers: dict[str, list[str]], person: str, step: str
) -> None:
    """SIGKILL once the approval is sent, once the key is destroyed, once that is said: the same facts, once each."""
    approve = ["erase", person, *signers["ben"], "--approve"]
    assert county("erase", person, *signers["ann"], "--request", *WHY).code == 0
    before, sizes = county.inbox_bytes(), list[int]()
    with erased_in(county.data) as erased:

        def reached() -> bool:
            if step == "approved":
                return county.inbox_bytes() > before
            if not sizes and erased(person):
                sizes.append(county.inbox_bytes())
            return bool(sizes) and (step == "destroyed" or county.inbox_bytes() > sizes[0])

        killed(county, approve, reached)
        done = county(*approve)

        assert erased(person)
    assert (done.code, done.err) == (0, "")
    assert told_of(county, person) == ["PersonRegistered", "ErasureRequested", "ErasureApproved", "PersonErased"]
    assert "[erased]" in county("audit", "history", person).out


def test_after_erasures_everything_still_verifies(county: Running, signers: dict[str, list[str]]) -> None:
    """Chains and counts hold, and what concerns the erased is counted by a recomputation as they recorded it."""
    assert signers
    verified, recomputed = county("audit", "verify"), county("audit", "recompute", "--json")

    assert (verified.code, recomputed.code) == (0, 0)
    assert sum(row["erased"] for row in recomputed.json()) > 0
    with closing(sqlite3.connect(county.data / "vault" / "vault.sqlite")) as vault:
        logged = vault.execute("SELECT why FROM opening WHERE who = 'auditor'").fetchall()
    assert logged == [("deciding 5 inboxes again, from input 0 on",)]  # one entry, as for a list


def test_the_log_of_openings_is_signed_and_what_is_altered_in_it_is_found(
    county: Running, signers: dict[str, list[str]]
) -> None:
    """The running notary signs it like a partition; somebody else's name in an entry is a finding of every audit."""
    assert signers
    origin, vault = "kmpt.vault.openings.v1/0", county.data / "vault" / "vault.sqlite"
    sizes = [row["size"] for row in county("audit", "checkpoint", "--json").json() if row["origin"] == origin]
    assert sizes, "signed at once, and again at least once a minute"

    with closing(sqlite3.connect(vault, isolation_level=None)) as insider:
        (who,) = insider.execute("SELECT who FROM opening WHERE seq = 1").fetchone()
        insider.execute("UPDATE opening SET who = 'nobody' WHERE seq = 1")
        altered, disclosed = county("audit", "verify", "--json"), county("audit", "disclosures", PERSON)
        insider.execute("UPDATE opening SET who = ? WHERE seq = 1", (who,))

    assert (altered.code, disclosed.code, county("audit", "verify").code) == (1, 1, 0)
    assert {found["where"] for found in altered.json()["findings"]} == {origin}
    assert "entry 1 " in str(altered.json()["findings"])
    assert "nothing that it says can be relied on" in disclosed.err


def test_an_old_copy_of_the_vault_brings_nobody_back(
    county: Running, signers: dict[str, list[str]], tmp_path: Path
) -> None:
    """Put back while all runs, whoever was approved to look sees nothing; at the next start the key is gone again."""
    person, vault = list(OTHERS)[-1], county.data / "vault" / "vault.sqlite"
    ann, ben = signers["ann"], signers["ben"]
    asked = county("reidentify", person, *ann, "--request", "--purpose", "COMPLAINT", "--basis", "GDPR_6_1_E")
    look = ["reidentify", person, *ben, "--approve", asked.out.split()[-1]]
    assert county(*look).json()["nhs_number"] == OTHERS[person]
    with closing(sqlite3.connect(vault)) as now, closing(sqlite3.connect(tmp_path / "copy")) as copy:
        now.backup(copy)
    assert county("erase", person, *ann, "--request", *WHY).code == 0
    assert county("erase", person, *ben, "--approve").code == 0

    for file in vault.parent.glob("vault.sqlite*"):
        file.unlink()
    vault.write_bytes((tmp_path / "copy").read_bytes())
    vault.chmod(0o600)
    with erased_in(county.data) as erased:
        assert not erased(person), "the copy is from before"
    assert county(*look).json() == "[erased]"
    found = county("person", "find", OTHERS[person], "--why", "a test")
    assert (found.code, found.out) == (1, "nobody\n"), "at once, by the facts"
    for command in (["down"], ["up", "--detach"]):
        assert run("--data", str(county.data), *command).code == 0

    with erased_in(county.data) as erased:
        assert [one for one in (PERSON, *OTHERS) if not erased(one)] == []
    assert county(*look).json() == "[erased]"
    assert county("person", "find", OTHERS[person], "--why", "a test").code == 1
