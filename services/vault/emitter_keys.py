"""The keys with which emitters sign: one a team and one of the commissioner, in files of mode 0600.

Knows files, and until when a key that was replaced still counts. Must never know what is signed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

from services.vault.key_files import alone_in, key_file, read_key
from services.words.emitting import EMITTERS, EmitterKey

_NOTICE_MS = 3_000
"""So long a replaced key still counts: every engine looks for new keys at least that often while it decides."""
_LOOK_AGAIN_SECONDS = 1.0
_NAME = "emitter-{}.key"


class EmitterKeys:
    """The keys in a data folder, made at first use and looked for again when the folder has changed."""

    def __init__(self, data: Path, *, strict: bool) -> None:
        self.strict = strict
        self._folder = data / "keys"
        for emitter in EMITTERS:
            key_file(key_path(data, emitter))
        self._looked, self._changed = 0.0, -1
        self._keys: dict[str, tuple[EmitterKey, ...]] = {}

    def keys_of(self, emitter: str) -> Sequence[EmitterKey]:
        """Every key that this emitter has or had; none if it is unknown."""
        now = time.monotonic()
        if now - self._looked > _LOOK_AGAIN_SECONDS:
            self._looked = now
            self._look()
        return self._keys.get(emitter, ())

    def _look(self) -> None:
        changed = self._folder.stat().st_mtime_ns
        if changed != self._changed:
            self._keys = {emitter: _read(self._folder, emitter) for emitter in EMITTERS}
            self._changed = changed


def key_path(data: Path, emitter: str) -> Path:
    """Where an emitter's present key lies."""
    return data / "keys" / _NAME.format(emitter)


def emitter_key(data: Path, emitter: str) -> bytes:
    """The key with which an emitter signs today; made at first use. Raises `KeyFileExposed`, `WrongKeyFile`."""
    return key_file(key_path(data, emitter))


def signing_keys(data: Path) -> Callable[[str], bytes]:
    """Each emitter's key by its name, read once."""
    return cache(partial(emitter_key, data))


def replace_key(data: Path, emitter: str) -> None:
    """Give an emitter a new key. The former one counts for what is appended within three seconds, and never after."""
    path = key_path(data, emitter)
    key_file(path)
    with alone_in(path.parent):
        until = int(time.time() * 1000) + _NOTICE_MS
        path.rename(path.with_name(f"{path.name}.{until}"))
    key_file(path)


def _read(folder: Path, emitter: str) -> tuple[EmitterKey, ...]:
    path = folder / _NAME.format(emitter)
    former = sorted(folder.glob(f"{path.name}.[0-9]*"), reverse=True)
    return (EmitterKey(key_file(path)), *(EmitterKey(read_key(file), int(file.suffix[1:])) for file in former))
