"""Why no key is given: the words that vault and log share for it.

    NoKey
    ├── CannotOpen
    └── Erased

Knows nothing else.
"""


class NoKey(Exception):
    """The vault gives no key."""


class CannotOpen(NoKey):
    """No key that the vault still holds opens this content key."""


class Erased(NoKey):
    """The person's key was destroyed, so nothing of theirs can be opened or sealed again."""
