"""The file that an auditor takes away finds what the system's own verification finds, and needs nothing of it."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint import Checkpoint, signed
from services.audit.checkpoint_choice import Checkpoints
from services.audit.checkpoint_folder import kept
from services.audit.dump import dump
from services.audit.findings import Report
from services.audit.new_folder import NotANewFolder
from services.audit.partition_reading import watched
from services.audit.proving import NothingToProve, consistency_proof, inclusion_proof
from services.audit.verify import Verification
from services.log.memory import MemoryLog
from services.log.memory_clients import MemoryReader
from services.log.record import Draft
from services.notary.signing_key import public_key, signing_key
from services.words.people import AccommodationChanged
from services.words.topics import CHECKPOINTS, EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED
from tests.audit.exported import reader_of
from tests.audit.signed_county import SignedCounty, said_twice
from tests.audit.tampering import records_of, tamper
from tests.audit.test_verify import AT, CHANGES, copy_of
from tests.command_line import ROOT
from tests.memory_county import feed_of

TOOL = ROOT / "tools" / "verify_ledger.py"
LEDGER, INBOX, REFUSED = (EPISODES_LEDGER, 0), (EPISODES_INBOX, 0), (EPISODES_REFUSED, 0)
LATE = 4_000_000_000_000
"""Long after every record of these ledgers."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> SignedCounty:
    """The Maidstone feed of 2012, signed half way and at the end."""
    county = SignedCounty(tmp_path_factory.mktemp("county"))
    feed = feed_of("maidstone-2012.ndjson")
    county.county.tell(*feed[:300])
    county.sign()
    county.county.tell(*feed[300:])
    county.sign()
    return county


def dumped(county: SignedCounty, log: MemoryLog, folder: Path) -> Path:
    """A dump of a log with the county's checkpoints and key."""
    key = public_key(county.folder)
    assert key is not None
    notes = kept(county.checkpoints)
    asyncio.run(dump(lambda starts: MemoryReader(log, starts), watched(1), notes, key.public_bytes_raw(), folder))
    return folder


def checkpoints_of(county: SignedCounty, **more: str) -> Checkpoints:
    """The county's folder of checkpoints, and other notes that somebody put into the ledger's part of it."""
    key, put_in = public_key(county.folder), [(where_of(name), note) for name, note in more.items()]
    assert key is not None
    return Checkpoints([*((f"checkpoints/{file}", note) for file, note in kept(county.checkpoints)), *put_in], key)


def where_of(name: str) -> str:
    """Where a note lies that somebody put in."""
    return f"checkpoints/{EPISODES_LEDGER}-0/{name}.txt"


def told(*arguments: str | Path) -> tuple[int, str]:
    """What the file says, run by a Python that cannot find this project."""
    done = subprocess.run(
        [sys.executable, "-I", TOOL, *arguments], capture_output=True, text=True, check=False, cwd=Path("/")
    )
    return done.returncode, done.stdout + done.stderr


def test_it_imports_nothing_of_the_system() -> None:
    """An auditor trusts nobody here, so the file stands alone."""
    imports = [line for line in TOOL.read_text("utf-8").splitlines() if line.startswith(("import ", "from "))]
    assert not [line for line in imports if "services" in line or "schemas" in line]


def test_of_an_untouched_dump_it_finds_nothing(year: SignedCounty, tmp_path: Path) -> None:
    """Exit code 0, counts, and no finding."""
    code, said = told(dumped(year, year.county.log, tmp_path / "dump"))
    assert (code, "FINDING" in said) == (0, False), said
    assert f"{len(records_of(year.county.log, LEDGER)):>10}  records of {EPISODES_LEDGER}" in said


def test_a_signed_event_that_was_said_twice_is_a_repeat(tmp_path: Path) -> None:
    """As for the system's own verification: the signature of what was sealed anew is another."""
    county = said_twice(tmp_path / "county")

    code, said = told(dumped(county, county.county.log, tmp_path / "dump"))

    assert (code, "FINDING" in said) == (0, False), said


@pytest.mark.parametrize("place", [LEDGER, INBOX], ids=["ledger", "inbox"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("rechained", [False, True], ids=["", "chain recomputed"])
def test_it_catches_what_an_insider_did(
    year: SignedCounty, tmp_path: Path, place: tuple[str, int], change: str, rechained: bool
) -> None:
    """The chain recomputed or not: the checkpoints say in which partition, and between which offsets."""
    log = copy_of(year)
    tamper(log, place, CHANGES[change], rechained=rechained)
    code, said = told(dumped(year, log, tmp_path / "dump"))
    assert code == 1
    assert f"FINDING {place[0]}/{place[1]}: " in said


SAID_OF_ONE_RECORD = [
    (LEDGER, "one byte edited", False, f"offset {AT + 1}: the chain breaks here. The record before it, at offset {AT}"),
    (LEDGER, "one record dropped", False, f"offset {AT + 1}: it is number 13 of its key and number 12 is due. Records"),
    (LEDGER, "one record dropped", True, f"offset {AT + 1}: it is number 13 of its key and number 12 is due. Records"),
    (LEDGER, "two records swapped", True, f"offset {AT + 1}: it is number 12 of its key and number 14 is due. It was"),
    (INBOX, "one byte edited", False, f"offset {AT}: it is not the record from which"),
    (INBOX, "one record dropped", False, f"its cause, offset {AT} of {EPISODES_INBOX}/0, is not there"),
    (INBOX, "two records swapped", False, f"offset {AT + 1}: it is not the record from which"),
]
"""What tells of the one record; an edited fact with a chain recomputed is told by the checkpoints alone, as a range."""


@pytest.mark.parametrize(("place", "change", "rechained", "words"), SAID_OF_ONE_RECORD)
def test_it_says_what_was_done_to_which_record(
    year: SignedCounty, tmp_path: Path, place: tuple[str, int], change: str, rechained: bool, words: str
) -> None:
    """Where what is left can tell, the very record is named and what became of it."""
    log = copy_of(year)
    tamper(log, place, CHANGES[change], rechained=rechained)

    assert words in told(dumped(year, log, tmp_path / "dump"))[1]


def test_a_partition_that_is_another_county_s_is_caught(year: SignedCounty, tmp_path: Path) -> None:
    """Inbox, ledger and refused records of a county that was told the same: whole and well chained, but not signed."""
    other = SignedCounty(tmp_path / "other")
    other.county.tell(*feed_of("maidstone-2012.ndjson"))
    other.sign()
    mine, theirs = dumped(year, year.county.log, tmp_path / "mine"), dumped(other, other.county.log, tmp_path / "its")
    for topic in (EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED):
        shutil.copy(theirs / "records" / f"{topic}-0.ndjson", mine / "records")
    code, said = told(mine)
    assert code == 1
    for topic in (EPISODES_INBOX, EPISODES_LEDGER, EPISODES_REFUSED):
        assert f"FINDING {topic}/0: its first" in said


def test_an_older_copy_with_newer_checkpoints_is_caught(tmp_path: Path) -> None:
    """Records and topic of checkpoints are those of an older day; the folder of checkpoints holds newer ones."""
    county, feed = SignedCounty(tmp_path / "county"), feed_of("maidstone-2012.ndjson")
    county.county.tell(*feed[:200])
    county.sign()
    older = copy_of(county)
    county.county.tell(*feed[200:300])
    county.sign()
    code, said = told(dumped(county, older, tmp_path / "dump"))
    assert code == 1
    assert f"FINDING {EPISODES_LEDGER}/0: it has {len(records_of(older, LEDGER))} records, but the folder" in said
    assert "or an older copy was put in its place" in said


def both_of(county: SignedCounty, log: MemoryLog, folder: Path) -> tuple[Report, int, str]:
    """What the system's own verification finds in a log, and what the file says of its dump."""
    key, notes = public_key(county.folder), kept(county.checkpoints)
    assert key is not None
    report = asyncio.run(Verification(reader_of(log), 1, notes, key).run())
    return report, *told(dumped(county, log, folder))


def test_what_was_first_written_since_the_newest_checkpoint_is_a_limit_and_no_finding(tmp_path: Path) -> None:
    """Nothing was refused until a moment ago, so nobody could have signed it; file and system say the same."""
    county, feed = SignedCounty(tmp_path / "county"), feed_of("maidstone-2012.ndjson")
    of_strangers = [event for event in feed if event["type"] == AccommodationChanged.TYPE]
    county.county.tell(feed[0])
    county.sign()
    county.county.tell(of_strangers[0])

    report, code, said = both_of(county, county.county.log, tmp_path / "dump")

    refused = f"limit: {EPISODES_REFUSED}/0: the last 1 of 1 records are in no checkpoint yet"
    assert (report.findings, code) == ([], 0), said
    assert refused in said
    assert any(f"limit: {limit}".startswith(refused) for limit in report.limits)


def test_what_nobody_signed_for_ten_minutes_is_a_finding(tmp_path: Path) -> None:
    """The notary went on signing other partitions: this one's checkpoints were removed, or it was kept from it."""
    county = SignedCounty(tmp_path / "county")
    county.county.tell(*feed_of("maidstone-2012.ndjson")[:300])
    county.sign()
    log = copy_of(county)
    tamper(log, (CHECKPOINTS, 0), lambda notes: [replace(one, timestamp=LATE) for one in notes[1:]], rechained=False)
    (unsigned,) = {one.key for one in records_of(county.county.log, (CHECKPOINTS, 0))[:1]}
    shutil.rmtree(county.checkpoints / (unsigned or b"").decode().replace("/", "-"))

    report, code, said = both_of(county, log, tmp_path / "dump")

    where = (unsigned or b"").decode()
    assert [(one.where, one.offset) for one in report.findings] == [(where, 0)]
    assert (code, said.count("FINDING")) == (1, 1), said
    assert f"FINDING {where} offset 0: no checkpoint of it is held, though the notary has signed others since" in said


def test_a_forged_checkpoint_is_named_in_topic_and_folder(year: SignedCounty, tmp_path: Path) -> None:
    """Another key signed it: it proves nothing, wherever it was put."""
    log, forged = copy_of(year), signed(Checkpoint(f"{EPISODES_LEDGER}/0", 3, bytes(32)), Ed25519PrivateKey.generate())
    offset = log.append(Draft(CHECKPOINTS, 0, b"", (), forged.encode()))
    folder = dumped(year, log, tmp_path / "dump")
    file = f"checkpoints/{EPISODES_LEDGER}-0/000000000003.txt"
    (folder / file).write_text(forged, "utf-8")
    code, said = told(folder)
    assert code == 1
    assert f"FINDING {file}: the notary's key has not signed it. It was forged" in said
    assert f"FINDING {CHECKPOINTS}/0 offset {offset}: the notary's key has not signed it. It was forged" in said


def test_a_wrong_key_a_missing_file_and_a_damaged_line_are_named(year: SignedCounty, tmp_path: Path) -> None:
    """Whatever is wrong with a dump, it says which and where."""
    folder = dumped(year, year.county.log, tmp_path / "dump")
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert "the notary's key has not signed it" in told(folder, "--key", base64.b64encode(other).decode())[1]
    assert told(folder, "--key", "nonsense")[0] == 2
    ledger = folder / "records" / f"{EPISODES_LEDGER}-0.ndjson"
    lines = ledger.read_text("utf-8").splitlines()
    ledger.write_text("\n".join([*lines[:9], lines[9][:30], *lines[10:]]), "utf-8")
    assert f"FINDING {EPISODES_LEDGER}/0: line 10 of its file is damaged" in told(folder)[1]
    ledger.unlink()
    assert f"FINDING {EPISODES_LEDGER}/0: its file" in told(folder)[1]


def a_folder_for(file: Path) -> None:
    """A folder lies in a file's place."""
    file.unlink(missing_ok=True)
    file.mkdir(parents=True)


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a number without end": (
        lambda dump: (dump / "records" / f"{EPISODES_REFUSED}-0.ndjson").write_text('{"offset": 1e999, "headers": []}'),
        f"FINDING {EPISODES_REFUSED}/0: line 1 of its file is damaged",
    ),
    "brackets without end": (
        lambda dump: (dump / "records" / f"{EPISODES_REFUSED}-0.ndjson").write_text("[" * 100_000),
        f"FINDING {EPISODES_REFUSED}/0: line 1 of its file is damaged",
    ),
    "a folder instead of records": (
        lambda dump: a_folder_for(dump / "records" / f"{CHECKPOINTS}-0.ndjson"),
        f"FINDING {CHECKPOINTS}/0: its file {CHECKPOINTS}-0.ndjson is not in the export",
    ),
    "a folder instead of a checkpoint": (
        lambda dump: a_folder_for(dump / "checkpoints" / f"{EPISODES_LEDGER}-0" / "000000000007.txt"),
        f"FINDING checkpoints/{EPISODES_LEDGER}-0/000000000007.txt: it is not written as a checkpoint",
    ),
    "a partition without a number": (
        lambda dump: (dump / "records" / f"{EPISODES_INBOX}-all.ndjson").write_text(""),
        f"FINDING {EPISODES_INBOX}-all.ndjson: no partition has such a name",
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_whatever_lies_in_a_dump_it_says_which_and_where(year: SignedCounty, tmp_path: Path, odd: str) -> None:
    """What no dump ever holds is a finding, and never the end of the verification."""
    spoil, words = ODD[odd]
    folder = dumped(year, year.county.log, tmp_path / "dump")
    spoil(folder)

    code, said = told(folder)

    assert (code, "Traceback" in said) == (1, False), said
    assert words in said


@pytest.mark.parametrize("text", ["", "[]", "null", '{"path": [], "checkpoint": []}', '{"path": 1}', "[" * 100_000])
def test_what_is_no_proof_is_said_to_be_none(year: SignedCounty, tmp_path: Path, text: str) -> None:
    """A file that is none, or one that somebody made up: plain words, and no traceback."""
    folder, proof = dumped(year, year.county.log, tmp_path / "dump"), tmp_path / "proof.json"
    proof.write_text(text, "utf-8")

    code, said = told(folder, "--proof", proof)

    assert (code, said[:35]) == (1, "this is no proof that can be read: ")


def test_a_proof_holds_and_a_changed_one_does_not(year: SignedCounty, tmp_path: Path) -> None:
    """A fact is proved to be in the newest checkpoint, and the newest to continue the oldest, without the ledger."""
    log, notes = year.county.log, checkpoints_of(year)

    folder, proof = dumped(year, log, tmp_path / "dump"), tmp_path / "proof.json"
    fact = records_of(log, LEDGER)[7]
    fact_id = dict(fact.headers)["ce_id"].decode()
    inclusion = asyncio.run(inclusion_proof(reader_of(log), 1, notes, fact_id))
    assert inclusion == asyncio.run(inclusion_proof(reader_of(log), 1, notes, f"{EPISODES_LEDGER}/0@{fact.offset}"))
    assert inclusion["fact_id"] == fact_id
    sizes = sorted(int(Path(file).stem) for file, _ in kept(year.checkpoints) if file.startswith(EPISODES_LEDGER))
    consistency = asyncio.run(consistency_proof(reader_of(log), 1, notes, f"{EPISODES_LEDGER}/0", sizes[0], sizes[-1]))
    for made in (inclusion, consistency):
        proof.write_text(json.dumps(made), "utf-8")
        assert told(folder, "--proof", proof) == (0, "the proof holds\n")
        proof.write_text(json.dumps({**made, "path": made["path"][:-1]}), "utf-8")
        assert told(folder, "--proof", proof)[0] == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("no such id", "give the id of a fact or refusal, or topic/partition@offset"),
        (f"{EPISODES_LEDGER}/7@0", "give the id of a fact or refusal, or topic/partition@offset"),
        ("topic/0@0", "give the id of a fact or refusal, or topic/partition@offset"),
        (f"{EPISODES_LEDGER}/0@999999", "holds no record at offset 999999: it is beyond the end, or a transaction"),
    ],
)
def test_what_is_not_there_cannot_be_proved(year: SignedCounty, wanted: str, words: str) -> None:
    """An id or a place that no partition has, or an offset without a record: it is said what can be asked for."""
    with pytest.raises(NothingToProve, match=words):
        asyncio.run(inclusion_proof(reader_of(year.county.log), 1, checkpoints_of(year), wanted))


def test_what_is_in_no_checkpoint_yet_cannot_be_proved(year: SignedCounty, tmp_path: Path) -> None:
    """A fact after the newest checkpoint waits for the next; without any, it may be that all were removed."""
    key, twin = public_key(year.folder), SignedCounty(tmp_path / "twin")
    assert key is not None
    first = next(one for one in kept(year.checkpoints) if one[0].startswith(EPISODES_LEDGER))
    last = f"{EPISODES_LEDGER}/0@{records_of(year.county.log, LEDGER)[-1].offset}"
    for notes, words in (
        ([first], "is in no checkpoint yet: ask again in a minute"),
        ([], "no checkpoint of .* is held"),
        (kept(twin.checkpoints), "no checkpoint of .* is held"),
    ):
        with pytest.raises(NothingToProve, match=words):
            asyncio.run(inclusion_proof(reader_of(year.county.log), 1, Checkpoints(notes, key), last))


def forged(size: int, key: Ed25519PrivateKey, root: bytes = bytes(32)) -> str:
    """A checkpoint of the ledger that its notary never made, signed by this key."""
    return signed(Checkpoint(f"{EPISODES_LEDGER}/0", size, root), key)


@pytest.mark.parametrize(
    ("note", "what", "means"),
    [
        (forged(9_999, Ed25519PrivateKey.generate()), "the notary's key has not signed it", "it proves nothing"),
        (forged(9_999, Ed25519PrivateKey.generate())[:60], "it is not written as a checkpoint", "it proves nothing"),
        ("", "it is not written as a checkpoint", "It was forged or damaged"),
    ],
    ids=["another's key", "cut", "empty"],
)
def test_a_forged_checkpoint_blocks_no_proof_and_none_is_made_by_it(
    year: SignedCounty, tmp_path: Path, note: str, what: str, means: str
) -> None:
    """Larger than the notary's own: it is passed over and named, and an auditor finds that the proof holds."""
    fact, proof = records_of(year.county.log, LEDGER)[7], tmp_path / "proof.json"
    checkpoints = checkpoints_of(year, forged=note)

    made = asyncio.run(
        inclusion_proof(reader_of(year.county.log), 1, checkpoints, f"{EPISODES_LEDGER}/0@{fact.offset}")
    )

    proof.write_text(json.dumps(made), "utf-8")
    assert told(dumped(year, year.county.log, tmp_path / "dump"), "--proof", proof) == (0, "the proof holds\n")
    (passed_over,) = checkpoints.passed_over
    assert (passed_over.where, passed_over.what[: len(what)]) == (where_of("forged"), what)
    assert means in passed_over.means


def test_what_the_notary_signed_but_is_not_true_of_the_ledger_is_no_ground_for_a_proof(
    year: SignedCounty, tmp_path: Path
) -> None:
    """Its key told another story, or the ledger was cut: the proof rests on the largest that is true; it is said."""
    key, fact = signing_key(year.folder), records_of(year.county.log, LEDGER)[7]
    size = len(records_of(year.county.log, LEDGER))
    checkpoints, proof = checkpoints_of(year, larger=forged(size + 5, key), other=forged(size, key)), tmp_path / "proof"

    made = asyncio.run(
        inclusion_proof(reader_of(year.county.log), 1, checkpoints, f"{EPISODES_LEDGER}/0@{fact.offset}")
    )

    proof.write_text(json.dumps(made), "utf-8")
    assert told(dumped(year, year.county.log, tmp_path / "dump"), "--proof", proof) == (0, "the proof holds\n")
    assert [(one.where, one.what, one.means.partition(":")[0]) for one in checkpoints.passed_over] == [
        (
            where_of("other"),
            f"it is signed, but the first {size} records are not those it binds",
            "Something before that was altered, removed, put in or moved",
        ),
        (
            where_of("larger"),
            f"it is signed and binds {size + 5} records, but there are {size}",
            "At least 5 records were cut from its end, or an older copy was put in its place",
        ),
    ]


def test_by_another_notary_s_key_nothing_is_proved(year: SignedCounty) -> None:
    """An auditor who noted another key hears that no checkpoint is signed by it, and each is named."""
    other = Ed25519PrivateKey.generate().public_key()
    notes = [(f"checkpoints/{file}", note) for file, note in kept(year.checkpoints)]
    checkpoints = Checkpoints(notes, other)

    with pytest.raises(NothingToProve, match="is signed by this key, so nothing can be proved by it"):
        asyncio.run(inclusion_proof(reader_of(year.county.log), 1, checkpoints, f"{EPISODES_LEDGER}/0@9"))

    assert {one.where for one in checkpoints.passed_over} == {
        where for where, _ in notes if where.startswith(f"checkpoints/{EPISODES_LEDGER}-0/")
    }


@pytest.mark.parametrize("origin", ["kmpt.vault.openings.v1/0", "a/b", f"{EPISODES_LEDGER}/7", "/"])
def test_of_what_is_no_partition_no_continuation_is_proved(year: SignedCounty, origin: str) -> None:
    """The vault's log lies in no topic, and other names are none: it is said, and no topic is to be made anew."""
    with pytest.raises(NothingToProve, match="is no inbox, ledger or refused topic's partition of this system"):
        asyncio.run(consistency_proof(reader_of(year.county.log), 1, checkpoints_of(year), origin, 1, 2))


def test_a_damaged_checkpoint_is_dumped_as_it_lies(year: SignedCounty, tmp_path: Path) -> None:
    """Whoever takes the dump away finds what the system's own verification finds: which file, and what it means."""
    twin = SignedCounty(tmp_path / "twin")
    shutil.copytree(year.folder, twin.folder, dirs_exist_ok=True)
    damaged = min(twin.checkpoints.glob(f"{EPISODES_LEDGER}-0/*"))
    damaged.unlink()
    damaged.write_bytes(b"\xff nothing that a notary writes")

    code, said = told(dumped(twin, year.county.log, tmp_path / "dump"))

    assert code == 1
    assert f"FINDING checkpoints/{EPISODES_LEDGER}-0/{damaged.name}: it is not written as a checkpoint" in said


def test_a_dump_is_never_written_into_something(year: SignedCounty, tmp_path: Path) -> None:
    """A folder that is there, one without a place, a name that no folder can have: it says so, and writes nothing."""
    for folder, words in (
        (tmp_path, "name a folder that is not"),
        (tmp_path / "none" / "dump", "there is no folder"),
        (tmp_path / ("d" * 300), "no folder can have this name"),
    ):
        with pytest.raises(NotANewFolder, match=words):
            dumped(year, year.county.log, folder)
    assert list(tmp_path.iterdir()) == []
