"""One example of every word with its bytes, kept in `tests/data/golden-words.json`.

`python -m tests.log.golden_words` adds new words: schema and id in `schemas/`, bytes here. What stands never changes.
"""

from __future__ import annotations

import json
from pathlib import Path

from services.log.codec import encode
from services.log.schemas import released_ids, schema_of
from services.words.catalogue import EVERY_WORD
from tests.words.drawn import example_of

GOLDEN = Path(__file__).parents[1] / "data" / "golden-words.json"
SCHEMAS = Path(__file__).parents[2] / "schemas"


def golden() -> dict[str, dict[str, str]]:
    """Full name to what the word `says`, as JSON, and its `bytes` in hexadecimal."""
    known: dict[str, dict[str, str]] = json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {}
    return known


def release() -> None:
    """Give each word without an id the next one, and write its schema."""
    ids = dict(released_ids())
    for name, word in EVERY_WORD.items():
        if name not in ids:
            ids[name] = max(ids.values()) + 1
            (SCHEMAS / f"{name}.avsc").write_text(
                json.dumps(schema_of(word), indent=2, ensure_ascii=False) + "\n", "utf-8"
            )
    (SCHEMAS / "ids.json").write_text(json.dumps(ids, indent=2) + "\n", "utf-8")
    released_ids.cache_clear()


def main() -> None:
    """Add the words that are not in the files yet."""
    release()
    known = golden()
    for name, word in EVERY_WORD.items():
        example = example_of(word)
        if name not in known:
            said = example.model_dump_json(exclude=set(word.SEALED))
            known[name] = {"says": said, "bytes": encode(example).hex()}
    GOLDEN.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
