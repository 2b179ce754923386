"""The file that an auditor takes away finds what the system's own verification finds, and needs nothing of it."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint_folder import kept
from services.audit.dump import dump
from services.audit.partition_reading import watched
from services.audit.proving import consistency_proof, inclusion_proof
from services.log.memory import MemoryLog
from services.log.memory_clients import MemoryReader
from services.notary.signing_key import public_key
from services.words.topics import EPISODES_INBOX, EPISODES_LEDGER
from tests.audit.signed_county import SignedCounty, said_twice
from tests.audit.tampering import records_of, tamper
from tests.audit.test_verify import CHANGES, copy_of
from tests.command_line import ROOT
from tests.memory_county import feed_of

TOOL = ROOT / "tools" / "verify_ledger.py"
LEDGER, INBOX = (EPISODES_LEDGER, 0), (EPISODES_INBOX, 0)


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
    notes = [note for _, note in kept(county.checkpoints)]
    asyncio.run(dump(lambda starts: MemoryReader(log, starts), watched(1), notes, key.public_bytes_raw(), folder))
    return folder


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
def test_it_catches_what_an_insider_did(
    year: SignedCounty, tmp_path: Path, place: tuple[str, int], change: str
) -> None:
    """The chain recomputed: the checkpoints say in which partition, and between which offsets."""
    log = copy_of(year)
    tamper(log, place, CHANGES[change], rechained=True)
    code, said = told(dumped(year, log, tmp_path / "dump"))
    assert code == 1
    assert f"FINDING {place[0]}/{place[1]}: " in said


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


def test_a_proof_holds_and_a_changed_one_does_not(year: SignedCounty, tmp_path: Path) -> None:
    """A fact is proved to be in the newest checkpoint, and the newest to continue the oldest, without the ledger."""
    log, notes = year.county.log, [note for _, note in kept(year.checkpoints)]

    def reader_of(starts: object) -> MemoryReader:
        return MemoryReader(log, starts)  # type: ignore[arg-type]

    folder, proof = dumped(year, log, tmp_path / "dump"), tmp_path / "proof.json"
    fact = records_of(log, LEDGER)[7]
    fact_id = dict(fact.headers)["ce_id"].decode()
    inclusion = asyncio.run(inclusion_proof(reader_of, 1, notes, fact_id))
    sizes = sorted(int(Path(file).stem) for file, _ in kept(year.checkpoints) if file.startswith(EPISODES_LEDGER))
    consistency = asyncio.run(consistency_proof(reader_of, notes, f"{EPISODES_LEDGER}/0", sizes[0], sizes[-1]))
    for made in (inclusion, consistency):
        proof.write_text(json.dumps(made), "utf-8")
        assert told(folder, "--proof", proof) == (0, "the proof holds\n")
        proof.write_text(json.dumps({**made, "path": made["path"][:-1]}), "utf-8")
        assert told(folder, "--proof", proof)[0] == 1
