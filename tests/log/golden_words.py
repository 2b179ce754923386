"""One example of every word with its bytes, kept in `tests/data/golden-words.json`.

`python -m tests.log.golden_words` adds the words that the file does not have yet; what stands in it is never changed.
"""

from __future__ import annotations

import json
from pathlib import Path

from services.log.codec import encode
from services.words.catalogue import EVERY_WORD
from tests.words.drawn import example_of

GOLDEN = Path(__file__).parents[1] / "data" / "golden-words.json"


def golden() -> dict[str, dict[str, str]]:
    """Full name to what the word `says`, as JSON, and its `bytes` in hexadecimal."""
    known: dict[str, dict[str, str]] = json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {}
    return known


def main() -> None:
    """Add the words that are not in the file yet."""
    known = golden()
    for name, word in EVERY_WORD.items():
        example = example_of(word)
        if name not in known:
            said = example.model_dump_json(exclude=set(word.SEALED))
            known[name] = {"says": said, "bytes": encode(example).hex()}
    GOLDEN.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
