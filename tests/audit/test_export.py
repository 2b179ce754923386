"""An export holds nobody's identifiers, is what was signed, and is there whole or not at all."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint import read
from services.audit.export_tables import TABLES
from services.audit.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, check
from services.audit.new_folder import NotANewFolder
from services.audit.public_key import public_text
from services.notary.signing_key import public_key
from tests.audit.exported import ENGAGEMENT, OTHER_ENGAGEMENT, SIGNING, exported
from tests.audit.signed_county import SignedCounty, year_of
from tests.memory_county import feed_of

FEED = "maidstone-2012.ndjson"
A_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> SignedCounty:
    """A county that was told a year."""
    return year_of(tmp_path_factory.mktemp("year") / "county", feed=FEED)


@pytest.fixture(scope="module")
def taken(year: SignedCounty, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its export, which no test changes."""
    return exported(year.county.log, tmp_path_factory.mktemp("taken") / "export")


def copied(taken: Path, folder: Path) -> Path:
    """An export that a test may change."""
    for path in taken.rglob("*"):
        there = folder / path.relative_to(taken)
        if path.is_file():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes())
    return folder


def identifying() -> set[str]:
    """Every identifying text that the feed's sealed fields hold, and every id that it names."""
    return set(_texts([event["data"].get("details") or {} for event in feed_of(FEED)]))


def _texts(value: object) -> Iterator[str]:
    match value:
        case str() if len(value) > 3:
            yield value
        case dict():
            yield from (text for inner in value.values() for text in _texts(inner))
        case list():
            yield from (text for inner in value for text in _texts(inner))


def everything(folder: Path) -> bytes:
    """All that can be read of an export: its files as they are, and the contents of its Parquet files."""
    said = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    rows = [queried("*", path) for path in sorted(folder.rglob("*.parquet"))]
    return b"\n".join([*said, repr(rows).encode()])


def queried(what: str, parquet: Path) -> list[tuple[Any, ...]]:
    """What DuckDB finds in a file."""
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {what} FROM read_parquet(?)", [str(parquet)]).fetchall()  # noqa: S608  # ours


def test_nobody_can_be_found_in_an_export(taken: Path) -> None:
    """No name, NHS number, address, day of birth or postcode of anybody, and not one id of the ledgers."""
    marks, said = identifying(), everything(taken)

    assert len(marks) > 50
    assert [mark for mark in sorted(marks) if mark.encode() in said] == []
    assert A_UUID.search(said) is None


def test_every_table_is_there_twice_and_alike(taken: Path) -> None:
    """Parquet for programs, CSV for spreadsheets: the same number of rows, as the manifest says."""
    listed = {one["path"]: one["rows"] for one in json.loads((taken / MANIFEST).read_text("utf-8"))["files"]}
    for table in TABLES:
        ((rows,),) = queried("count(*)", taken / "tables" / f"{table}.parquet")
        text = (taken / "tables" / f"{table}.csv").read_text("utf-8-sig")
        assert rows == listed[f"tables/{table}.parquet"] == listed[f"tables/{table}.csv"] == text.count("\n") - 1


def test_the_same_county_gives_the_same_export(year: SignedCounty, taken: Path, tmp_path: Path) -> None:
    """Within an engagement this month's rows can be compared with last month's."""
    again = exported(year.county.log, tmp_path / "again")

    assert (again / "tables" / "people.csv").read_bytes() == (taken / "tables" / "people.csv").read_bytes()


def test_two_engagements_share_no_pseudonym(year: SignedCounty, taken: Path, tmp_path: Path) -> None:
    """Two audits put together find nobody twice."""
    other = exported(year.county.log, tmp_path / "other", OTHER_ENGAGEMENT)
    people = [set(queried("person", folder / "tables" / "people.parquet")) for folder in (taken, other)]

    assert ENGAGEMENT.key != OTHER_ENGAGEMENT.key
    assert len(people[0]) == len(people[1]) > 10
    assert not people[0] & people[1]


def test_an_untouched_export_is_what_was_signed(taken: Path) -> None:
    """Nothing is found, with the key in the folder and with the key that the auditor was given."""
    assert list(check(taken, None)) == []
    assert list(check(taken, SIGNING.public_key())) == []


def edited(folder: Path) -> None:
    """A row is changed."""
    path = folder / "tables" / "people.csv"
    path.write_bytes(path.read_bytes().replace(b"2012", b"2013", 1) + b" ")


def removed(folder: Path) -> None:
    """A table is taken out."""
    (folder / "tables" / "charges.parquet").unlink()


def added(folder: Path) -> None:
    """A file is put in."""
    (folder / "tables" / "more.csv").write_text("person\n", "utf-8")


def manifest_edited(folder: Path) -> None:
    """The manifest is written anew for other files."""
    path = folder / MANIFEST
    path.write_text(path.read_text("utf-8").replace("sha256", "sha512", 1), "utf-8")


def manifest_lost(folder: Path) -> None:
    """There is no manifest."""
    (folder / MANIFEST).unlink()


def keys_lost(folder: Path) -> None:
    """The public key is no key, and the manifest is not even JSON."""
    (folder / PUBLIC_KEY).write_bytes(b"\xff\x00")
    (folder / MANIFEST).write_bytes(b"{")


def signature_lost(folder: Path) -> None:
    """The signature is not base64."""
    (folder / SIGNATURE).write_bytes(b"\xff\xfe\x00")


def a_folder_instead(folder: Path) -> None:
    """Where a table was there is a folder, and where the manifest was there is one."""
    for path in (folder / MANIFEST, folder / "tables" / "people.csv"):
        path.unlink()
        path.mkdir()


def test_the_manifest_says_at_which_checkpoints_it_was_taken(year: SignedCounty, taken: Path) -> None:
    """Of every partition that holds anything, the newest one: signed by the notary, and of no more than was read."""
    key = public_key(year.folder)
    assert key is not None
    held = [one for one in json.loads((taken / MANIFEST).read_text("utf-8"))["ledgers"] if one["records"]]

    signed = [read(one["checkpoint"], key) for one in held]

    assert [one.origin for one in signed] == [f"{one['topic']}/{one['partition']}" for one in held]
    assert all(0 < one.size <= position["records"] for one, position in zip(signed, held, strict=True))
    assert len(signed) > 1


def swapped(folder: Path) -> None:
    """Two tables have changed names."""
    one, other = folder / "tables" / "reviews.csv", folder / "tables" / "charges.csv"
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def cut(folder: Path) -> None:
    """The last row of a table is gone."""
    path = folder / "tables" / "charges.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def signed_by_a_stranger(manifest: bytes) -> Callable[[Path], None]:
    """Whoever has a key of his own signs whatever he likes, and puts his key beside it."""

    def damage(folder: Path) -> None:
        stranger = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
        (folder / MANIFEST).write_bytes(manifest)
        (folder / SIGNATURE).write_text(b64encode(stranger.sign(manifest)).decode(), "utf-8")
        (folder / PUBLIC_KEY).write_text(public_text(stranger.public_key()), "utf-8")

    return damage


def linked(folder: Path) -> None:
    """A table lies elsewhere, where it can be changed after it was checked."""
    path = folder / "tables" / "people.csv"
    path.rename(folder.parent / "people.csv")
    path.symlink_to(folder.parent / "people.csv")


def piped(folder: Path) -> None:
    """A pipe: whoever reads it waits for ever."""
    os.mkfifo(folder / "tables" / "more.csv")


def manifest_piped(folder: Path) -> None:
    """A pipe where the manifest was."""
    (folder / MANIFEST).unlink()
    os.mkfifo(folder / MANIFEST)


DAMAGES = [
    (linked, "tables/people.csv is a link to somewhere else: it is not the file that was signed"),
    (piped, "tables/more.csv is no part of the export"),
    (manifest_piped, "manifest.json is missing"),
    (swapped, "tables/reviews.csv is damaged"),
    (cut, "tables/charges.csv is damaged"),
    *(
        (signed_by_a_stranger(manifest), "manifest.json is not of the format kmpt.audit.export.v1")
        for manifest in (b"{", b"[]", b'{"format": "kmpt.audit.export.v1"}', b'{"files": [1]}')
    ),
    (edited, "tables/people.csv is damaged"),
    (removed, "tables/charges.parquet is missing"),
    (added, "tables/more.csv is no part of the export"),
    (manifest_edited, "one of them was changed"),
    (manifest_lost, "manifest.json is missing"),
    (keys_lost, "audit-export.pub is damaged"),
    (signature_lost, "the signature is not that of this manifest.json"),
    (a_folder_instead, "manifest.json is missing"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=[damage.__name__ for damage, _ in DAMAGES])
def test_whatever_was_done_to_an_export_is_named(
    damage: Callable[[Path], None], said: str, taken: Path, tmp_path: Path
) -> None:
    """Which file, and what is wrong with it."""
    folder = copied(taken, tmp_path / "export")
    damage(folder)

    assert [finding for finding in check(folder, None) if said in finding]


def test_an_export_of_somebody_else_is_not_the_trusts(taken: Path) -> None:
    """The key that the auditor was given is not the one in the folder, and has not signed it."""
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key()

    assert any("somebody else may have made this export" in finding for finding in check(taken, other))


def test_an_export_is_never_written_over_something(year: SignedCounty, tmp_path: Path) -> None:
    """A folder that is there already stays as it is, and nothing half done is left beside it."""
    (tmp_path / "export").mkdir()

    with pytest.raises(NotANewFolder, match="name a folder that is not"):
        exported(year.county.log, tmp_path / "export")

    assert [path.name for path in tmp_path.iterdir()] == ["export"]
    assert list((tmp_path / "export").iterdir()) == []
