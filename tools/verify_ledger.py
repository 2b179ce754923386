#!/usr/bin/env python3
"""Verifies a folder made by `sis audit dump`, alone: one file, the standard library and `cryptography`.

    python verify_ledger.py FOLDER [--key BASE64] [--proof FILE]

Give --key as you noted it when the notary first showed it to you (`sis audit checkpoint --key`), not as it lies in the
folder. What is checked, partition by partition:

1. every checkpoint is signed by the notary (Ed25519 over the C2SP note) and its Merkle root (RFC 6962) is that of the
   first so many records, each standing in the tree as its hash H(record);
2. every ledger and refused record carries the hash of the one before it, and its key's next number;
3. every such record names an inbox record that is there and has the hash that it states;
4. every inbox record has such an outcome, repeats an earlier one, or is not decided yet.

Prints counts, the limit of what is proved, and one line for each finding. Ends with 0, 1 (findings) or 2 (usage).
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CHECKPOINTS = "kmpt.audit.checkpoints.v1"
OPENINGS = "kmpt.vault.openings.v1/0"
DAY, REDRIVEN = b"kmpt.calendar.v1.DayBegan", b"kmpt.log.v1.Redriven"
LATE_MS = 600_000  # a notary signs a record within a minute of reading it; one that starts reads everything again first
DAMAGED = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)  # what any JSON may raise
SIGNATURES = ("doorsig", "emitsig")  # each covers the value, so what was said again and sealed anew bears another one

findings: list[str] = []
counts: Counter[str] = Counter()
limits: list[str] = []


def find(where: str, what: str) -> None:
    """Note a finding."""
    findings.append(f"{where}: {what}")


# Bytes, hashes and trees


def with_length(content: bytes | None) -> bytes:
    """Content behind its length in four bytes; null has the length ffffffff."""
    return b"\xff\xff\xff\xff" if content is None else len(content).to_bytes(4, "big") + content


def record_hash(record: dict[str, Any]) -> bytes:
    """H(record): SHA-256 over key, number of headers, each header's name and content, and value."""
    parts = [with_length(record["key"]), len(record["headers"]).to_bytes(4, "big")]
    for name, content in record["headers"]:
        parts += [with_length(name.encode()), with_length(content)]
    return sha256(b"".join([*parts, with_length(record["value"])])).digest()


def leaf(entry: bytes) -> bytes:
    """RFC 6962: the hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """RFC 6962: the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def roots_at(hashes: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root of the first so many entries, for each size."""
    full: list[bytes] = []
    found = {0: sha256(b"").digest()}
    for size, entry in enumerate(hashes, start=1):
        new, rest = leaf(entry), size - 1
        while rest & 1:
            new, rest = node(full.pop(), new), rest >> 1
        full.append(new)
        if size in sizes:
            root = full[-1]
            for left in reversed(full[:-1]):
                root = node(left, root)
            found[size] = root
    return found


# Checkpoints


def read_note(text: str, key: Ed25519PublicKey) -> tuple[str, int, bytes]:
    """Origin, size and root of a signed note. Raises ValueError, in plain words."""
    body, _, signatures = text.partition("\n\n")
    try:
        origin, size_text, root_text, *_ = body.split("\n")
        size, root = int(size_text), base64.b64decode(root_text, validate=True)
    except ValueError:
        raise ValueError("it is not written as a checkpoint: origin, size and root, each on its line") from None
    if len(root) != 32 or size < 0 or size_text != str(size):
        raise ValueError("its size or root is not one that a checkpoint can have")
    key_id = sha256(f"{origin}\n".encode() + b"\x01" + key.public_bytes_raw()).digest()[:4]
    for line in signatures.splitlines():
        if line.startswith(f"\N{EM DASH} {origin} "):
            try:
                raw = base64.b64decode(line.rpartition(" ")[2], validate=True)
                key.verify(raw[4:], f"{body}\n".encode())
            except (ValueError, InvalidSignature):
                continue
            if raw[:4] == key_id:
                return origin, size, root
    raise ValueError("the notary's key has not signed it")


def checkpoints_in(folder: Path, key: Ed25519PublicKey) -> tuple[dict[str, list[tuple[int, bytes, str]]], int]:
    """All checkpoints by origin: size, root, and which witness holds it; and when the newest was published."""
    held: dict[str, list[tuple[int, bytes, str]]] = defaultdict(list)
    notes = [
        (
            str(path.relative_to(folder)),
            "the folder of checkpoints",
            path.read_text("utf-8", "replace") if path.is_file() else "",
        )
        for path in sorted(folder.glob("checkpoints/*/*.txt"))
    ]
    published = records_of(folder, CHECKPOINTS, 0)
    for record in published:
        where = f"{CHECKPOINTS}/0 offset {record['offset']}"
        notes.append((where, "the topic of checkpoints", (record["value"] or b"").decode(errors="replace")))
    for where, witness, text in notes:
        try:
            origin, size, root = read_note(text, key)
        except ValueError as fault:
            find(where, f"{fault}. It was forged or damaged, or it is of another notary; it proves nothing.")
            continue
        held[origin].append((size, root, witness))
    return held, max((record["timestamp"] for record in published), default=0)


# Records


def records_of(folder: Path, topic: str, partition: int) -> list[dict[str, Any]]:
    """The records of a partition; a line that is damaged is a finding, and left out."""
    path, records = folder / "records" / f"{topic}-{partition}.ndjson", []
    if not path.is_file():
        find(f"{topic}/{partition}", f"its file {path.name} is not in the export, so nothing of it can be verified.")
        return []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            read = json.loads(line)
            headers = [(str(name), content_of(content)) for name, content in read["headers"]]
            key, value = content_of(read["key"]), content_of(read["value"])
            offset, at = int(read["offset"]), int(read["timestamp"])
            records.append({"offset": offset, "timestamp": at, "key": key, "headers": headers, "value": value})
        except DAMAGED:
            find(f"{topic}/{partition}", f"line {number} of its file is damaged: the export was cut or altered.")
    return records


def content_of(text: str | None) -> bytes | None:
    """Bytes written in base64."""
    return None if text is None else base64.b64decode(text, validate=True)


def check_roots(
    origin: str, records: list[dict[str, Any]], hashes: list[bytes], held: list[tuple[int, bytes, str]]
) -> None:
    """The partition against every checkpoint of it."""
    roots = roots_at(hashes, {size for size, _, _ in held})
    good, bad = 0, False
    for size, root, witness in sorted(held):
        if size > len(hashes):
            find(
                origin,
                f"it has {len(hashes)} records, but {witness} holds a checkpoint of {size}. Records were cut from its "
                "end, or an older copy was put in its place.",
            )
        elif roots[size] == root:
            counts["checkpoints that agree"] += 1
            good = size
        elif not bad:
            bad = True
            first = records[good - 1]["offset"] + 1 if good else 0
            find(
                origin,
                f"its first {size} records are not those of the checkpoint that {witness} holds; its first {good} are "
                f"proved. Between offsets {first} and {records[size - 1]['offset']} something was altered, removed, "
                "put in or moved, whatever the chain says.",
            )


def check_limit(origin: str, records: list[dict[str, Any]], newest: int, any_held: bool, signed_ms: int) -> None:
    """How far proof reaches: what was written lately may be in no checkpoint yet, what lay there for long may not."""
    if records and not any_held:
        find(
            origin,
            "no checkpoint of it is held anywhere. A chain can be recomputed: nothing proves that it is the original.",
        )
    elif len(records) > newest:
        limits.append(f"{origin}: the last {len(records) - newest} of {len(records)} records are in no checkpoint yet.")
        if records[newest]["timestamp"] + LATE_MS < signed_ms:
            find(
                f"{origin} offset {records[newest]['offset']}",
                f"{'no newer' if newest else 'no'} checkpoint of it is held, though the notary has signed others "
                "since. Its checkpoints were removed, or the notary was kept from reading it.",
            )


def check_chain(origin: str, records: list[dict[str, Any]], hashes: list[bytes]) -> None:
    """Each record carries the hash of the one before it and the next number of its key."""
    last, last_offset = bytes(32), -1
    numbers: dict[bytes | None, int] = {}
    for record, hashed in zip(records, hashes, strict=True):
        headers, at = dict(record["headers"]), f"{origin} offset {record['offset']}"
        due = numbers.get(record["key"], 0) + 1
        said = headers.get("ce_sequence") or b""
        number = int(said) if said.isdigit() and len(said) < 19 else 0
        if number > due:
            find(
                at,
                f"it is number {number} of its key and number {due} is due. Records were removed before it, or moved "
                "behind it.",
            )
        elif number < due:
            find(at, f"it is number {number} of its key and number {due} is due. It was moved, or put in twice.")
        elif headers.get("prevhash") != last:
            find(at, f"the chain breaks here. The record before it, at offset {last_offset}, is not the original.")
        numbers[record["key"]] = max(number, due - 1)
        last, last_offset = hashed, record["offset"]


def outcomes_of(origin: str, records: list[dict[str, Any]]) -> dict[int, tuple[bytes | None, bytes | None, str]]:
    """What each record says of its cause, by inbox offset: the input's hash and id, and who says it."""
    outcomes: dict[int, tuple[bytes | None, bytes | None, str]] = {}
    for record in records:
        headers, at = dict(record["headers"]), f"{origin} offset {record['offset']}"
        said = headers.get("ce_inboxoffset") or b""
        if not said.isdigit() or len(said) > 18:
            find(at, "it names no inbox record. It was not written by the engine.")
            continue
        outcome = (headers.get("inputhash"), headers.get("ce_causationid"), at)
        known = outcomes.setdefault(int(said), outcome)
        if known[:2] != outcome[:2]:
            find(at, f"it names the same inbox record as {known[2]}, with another cause. One of the two was altered.")
    return outcomes


def check_inbox(origin: str, records: list[dict[str, Any]], hashes: list[bytes], outcomes: dict[int, Any]) -> None:
    """Every fact has its cause; every input has an outcome, or is a repeat, or is not decided yet."""
    last_decided, had, today = max(outcomes, default=-1), set(), b""
    for record, hashed in zip(records, hashes, strict=True):
        headers, at = dict(record["headers"]), f"{origin} offset {record['offset']}"
        said = tuple((name, content) for name, content in record["headers"] if name not in SIGNATURES)
        kind, value = headers.get("ce_type"), record["value"] or b""
        outcome = outcomes.pop(record["offset"], None)
        if outcome is not None:
            counts["inputs with an outcome"] += 1
            had |= {hash(said), hash((said, value))}
            input_hash, cause, fact = outcome
            own_id = (headers.get("ce_id") or b"")[:4000].decode(errors="replace")
            own_id = own_id if "ce_id" in headers else f"{origin.rpartition('/')[2]}/{record['offset']}"
            if input_hash != hashed:
                find(at, f"it is not the record from which {fact} was decided. It was altered, moved or exchanged.")
            elif kind != REDRIVEN and (cause or b"").decode(errors="replace") != own_id:
                find(fact, f"it names another event as its cause than the one at {at}. Its causation was altered.")
            elif kind == DAY and ".ledger." in fact:
                today = max(today, value[-10:])
        elif record["offset"] > last_decided:
            counts["inputs not decided yet"] += 1
        elif hash((said, value)) in had or (kind == DAY and value[-10:] <= today):
            counts["repeats"] += 1
        elif hash(said) in had or kind == REDRIVEN:
            counts["repeats by name, their content sealed or not comparable without schemas"] += 1
        else:
            find(at, "nothing followed from it. Its fact or refusal was removed, or it was put in afterwards.")
    for offset, (_, _, fact) in sorted(outcomes.items()):
        find(fact, f"its cause, offset {offset} of {origin}, is not there. It was invented, or its input removed.")


def verify(folder: Path, key: Ed25519PublicKey) -> None:
    """Everything."""
    held, signed_ms = checkpoints_in(folder, key)
    any_held = bool(held)
    inboxes = sorted(path.stem for path in folder.glob("records/*.inbox.v1-*.ndjson"))
    if not inboxes:
        find("the export", "it holds no inbox, so no fact has a cause: it is not a whole dump.")
    seen = set()
    for inbox in inboxes:
        topic, _, number = inbox.rpartition("-")
        if not (number.isascii() and number.isdigit()):
            find(f"{inbox}.ndjson", "no partition has such a name. The file was put in, or has lost its own name.")
            continue
        outcomes: dict[int, tuple[bytes | None, bytes | None, str]] = {}
        for name in (topic.replace(".inbox.", ".ledger."), topic.replace(".inbox.", ".refused."), topic):
            origin, records = f"{name}/{number}", records_of(folder, name, int(number))
            seen.add(origin)
            hashes = [record_hash(record) for record in records]
            counts[f"records of {name}"] += len(records)
            check_roots(origin, records, hashes, held.get(origin, []))
            newest = max((size for size, _, _ in held.get(origin, [])), default=0)
            check_limit(origin, records, newest, any_held, signed_ms)
            if name == topic:
                check_inbox(origin, records, hashes, outcomes)
            else:
                check_chain(origin, records, hashes)
                outcomes = {**outcomes_of(origin, records), **outcomes}
    counts["checkpoints of the vault's log of openings, which is not exported"] = len(held.pop(OPENINGS, ()))
    for origin in sorted(held.keys() - seen):
        find(origin, "a checkpoint of it is held, but the partition is not in the export.")


# Proofs made by `sis audit prove`


def check_proof(proof: dict[str, Any], key: Ed25519PublicKey) -> bool:
    """Whether an inclusion or consistency proof holds (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    path = [base64.b64decode(step) for step in proof["path"]]
    if "checkpoint" in proof:
        origin, size, root = read_note(proof["checkpoint"], key)
        at, last, new = proof["index"], size - 1, leaf(base64.b64decode(proof["record_hash"]))
        if origin != proof["origin"] or not 0 <= at < size:
            return False
        old, old_root = new, None
    else:
        (origin, first, old_root), (other, size, root) = (read_note(proof[end], key) for end in ("from", "to"))
        if origin != other or not 0 < first <= size:
            return False
        if first == size:
            return not path and old_root == root
        path = [old_root, *path] if first & (first - 1) == 0 else path
        at, last = first - 1, size - 1
        while at & 1:
            at, last = at >> 1, last >> 1
        old = new = path.pop(0) if path else b""
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(step, old), node(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and new == root and old_root in (None, old)


def main() -> int:
    """Read the command line, verify, print."""
    asked = argparse.ArgumentParser(description="Verifies a folder made by `sis audit dump`.")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--key", help="the notary's public key as you noted it (base64); else the folder's own is used")
    asked.add_argument("--proof", type=Path, help="a proof made by `sis audit prove`, verified instead of the records")
    given = asked.parse_args()
    try:
        text = given.key or (given.folder / "notary.pub").read_text("utf-8")
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip(), validate=True))
    except (OSError, ValueError) as fault:
        sys.stderr.write(f"there is no public key to verify with ({fault}); give it with --key\n")
        return 2
    if given.proof:
        try:
            holds = check_proof(json.loads(given.proof.read_text("utf-8")), key)
        except (OSError, *DAMAGED) as fault:
            sys.stderr.write(f"this is no proof that can be read: {fault}\n")
            return 1
        print("the proof holds" if holds else "FINDING the proof does not hold")  # noqa: T201
        return 0 if holds else 1
    verify(given.folder, key)
    if given.key is None:
        limits.append("the key is the one in the folder itself: compare it with the one you noted")
    for name, number in sorted(counts.items()):
        print(f"{number:>10}  {name}")  # noqa: T201
    for line in [*(f"limit: {limit}" for limit in limits), *(f"FINDING {finding}" for finding in findings)]:
        print(line)  # noqa: T201
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
