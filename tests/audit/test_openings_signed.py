"""The vault's log of openings is signed too: what is taken out of it or altered afterwards is found."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from services.audit.checkpoint_folder import kept
from services.audit.findings import Report
from services.audit.verify import Verification
from services.notary.notary import LedgerChanged
from services.notary.signing_key import public_key
from services.vault.openings import hash_of
from services.vault.store import OpeningRow
from services.vault.vault import Vault
from tests.audit.exported import reader_of
from tests.audit.signed_county import SignedCounty, year_of

ORIGIN = "kmpt.vault.openings.v1/0"


@pytest.fixture
def year(tmp_path: Path) -> SignedCounty:
    """A county's year, signed, with some entries in its log of openings."""
    county = year_of(tmp_path / "county")
    vault = Vault(county.folder)
    for name in ("ann", "ben", "cyn"):
        vault.log_opening(name, "a complaint", "person by NHS number")
    vault.close()
    county.sign()
    return county


def verified(county: SignedCounty) -> Report:
    """What verification finds."""

    def openings() -> list[bytes]:
        vault = Vault(county.folder)
        try:
            return [hash_of(entry) for entry in vault.openings()]
        finally:
            vault.close()

    key = public_key(county.folder)
    assert key is not None
    notes = list(kept(county.checkpoints))
    return asyncio.run(Verification(reader_of(county.county.log), 1, notes, key, openings=openings).run())


def test_an_untouched_log_of_openings_is_proved(year: SignedCounty) -> None:
    """Silence, and as many entries as there are."""
    report = verified(year)

    assert [finding.sentence() for finding in report.findings] == []
    assert report.counts["entries of the vault's log of openings"] == len(Vault(year.folder).openings())


def test_openings_after_the_newest_checkpoint_are_named_as_the_limit(year: SignedCounty) -> None:
    """For them only the chain speaks until the notary signs again."""
    Vault(year.folder).log_opening("ann", "a complaint", "person by NHS number")

    report = verified(year)

    assert not report.findings
    assert any(limit.startswith(f"{ORIGIN}: the last 1 of ") for limit in report.limits)


def _newest_gone(vault: sqlite3.Connection) -> None:
    vault.execute("DELETE FROM opening WHERE seq = (SELECT max(seq) FROM opening)")


def _rewritten(vault: sqlite3.Connection) -> None:
    """Somebody else's name is put in, and the chain is made to fit from there on."""
    rows = [OpeningRow._make(row) for row in vault.execute("SELECT * FROM opening ORDER BY seq")]
    last = bytes(32)
    for row in rows:
        who = "nobody" if row.seq == 2 else row.who
        row = row._replace(who=who, prev_hash=last)
        last = hash_of(row)
        vault.execute(
            "UPDATE opening SET who = ?, prev_hash = ?, hash = ? WHERE seq = ?", (who, row.prev_hash, last, row.seq)
        )


def _all_gone(vault: sqlite3.Connection) -> None:
    vault.execute("DELETE FROM opening")


@pytest.mark.parametrize("harm", [_newest_gone, _rewritten, _all_gone])
def test_what_is_done_to_signed_openings_is_found(
    year: SignedCounty, harm: Callable[[sqlite3.Connection], None]
) -> None:
    """The tail cut, an entry rewritten with its chain recomputed, all of it gone: a finding, and the notary stops."""
    with sqlite3.connect(year.folder / "vault" / "vault.sqlite") as vault:
        harm(vault)
    vault.close()

    assert any(finding.sentence().startswith(ORIGIN) for finding in verified(year).findings)
    with pytest.raises(LedgerChanged, match="are not those that were signed"):
        year.sign()
