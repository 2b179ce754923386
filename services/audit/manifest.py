"""The manifest of an export: every file with its hash, how far the ledgers were read, signed with Ed25519 (RFC 8032).

Knows files, hashes and a signature. Must never know what a file says.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from hashlib import file_digest
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit.export_reading import Position
from services.audit.export_writing import files_under
from services.audit.public_key import public_text, read_public
from services.audit.suppression import SMALL

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "audit-export.pub"
FORMAT = "kmpt.audit.export.v1"
_OURS = frozenset({MANIFEST, SIGNATURE, PUBLIC_KEY})


def write_manifest(
    folder: Path, engagement: str, rows: Mapping[str, int], positions: Iterable[Position], key: Ed25519PrivateKey
) -> None:
    """Say what is in a folder, and sign it. `rows` are the rows of each table, by its path without ending."""
    listed = [_listed(folder, path, rows) for path in files_under(folder)]
    said = {
        "format": FORMAT,
        "engagement": engagement,
        "counts_left_out_below": SMALL,
        "files": listed,
        "ledgers": [asdict(position) for position in positions],
    }
    text = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (folder / MANIFEST).write_bytes(text)
    (folder / SIGNATURE).write_text(b64encode(key.sign(text)).decode() + "\n", "utf-8")
    (folder / PUBLIC_KEY).write_text(public_text(key.public_key()) + "\n", "utf-8")


def check(folder: Path, trusted: Ed25519PublicKey | None) -> Iterator[str]:
    """What is wrong with an export, one sentence each; `trusted` is the key that was given by another way, if any."""
    for name in (MANIFEST, SIGNATURE, PUBLIC_KEY):
        if not (folder / name).is_file():  # a pipe would be waited for
            yield f"{name} is missing: without it nothing of this folder is proved"
            return
    try:
        text, signature = (folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_text("utf-8", "replace")
        carried = read_public((folder / PUBLIC_KEY).read_text("utf-8", "replace"))
    except OSError as fault:
        yield f"{Path(str(fault.filename)).name} cannot be read ({fault.strerror}): without it nothing is proved"
        return
    if carried is None:
        yield f"{PUBLIC_KEY} is damaged: it holds no Ed25519 public key"
    elif trusted is not None and public_text(carried) != public_text(trusted):
        yield f"{PUBLIC_KEY} is not the key that you were given: somebody else may have made this export"
    key = trusted or carried
    if key is None:
        return  # by which key nothing is signed: not even the manifest can be believed
    if not _is_signed(text, signature, key):
        yield f"the signature is not that of this {MANIFEST} under this key: one of them was changed"
        return
    yield from _check_files(folder, text)


def _is_signed(text: bytes, signature: str, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(b64decode(signature.strip(), validate=True), text)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _check_files(folder: Path, text: bytes) -> Iterator[str]:
    listed = _files_in(text)
    if listed is None:
        yield f"{MANIFEST} is not of the format {FORMAT}: another program made it, or somebody who signs for himself"
        return
    for name, signed_hash in listed.items():
        if not (folder / name).is_file():
            yield f"{name} is missing"
        elif (folder / name).is_symlink():
            yield f"{name} is a link to somewhere else: it is not the file that was signed"
        elif _hash(folder / name) != signed_hash:
            yield f"{name} is damaged: it is not the file that was signed"
    known = _OURS | listed.keys()
    for path in files_under(folder):
        if (name := path.relative_to(folder).as_posix()) not in known:
            yield f"{name} is no part of the export: it was put there afterwards"


def _files_in(manifest: bytes) -> dict[str, str] | None:
    """The hash of every file; None if it is no manifest of ours, for whoever signs by another key may say anything."""
    try:
        said = orjson.loads(manifest)
        files = {str(one["path"]): str(one["sha256"]) for one in said["files"]}
        return files if said["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError):
        return None


def _listed(folder: Path, path: Path, rows: Mapping[str, int]) -> dict[str, Any]:
    name = path.relative_to(folder)
    count = rows.get(name.with_suffix("").as_posix())
    return {"path": name.as_posix(), "sha256": _hash(path), "bytes": path.stat().st_size, "rows": count}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
