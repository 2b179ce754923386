"""`python -m services.stack`: the supervisor in the foreground, as `sis up` runs it."""

from __future__ import annotations

import sys

from services.settings import load
from services.stack.supervisor import Supervisor


def main() -> None:
    """Run the system of the settings until it is told to stop."""
    Supervisor(load(), lambda words: print(words, file=sys.stderr, flush=True)).run()  # noqa: T201  # it is a program


if __name__ == "__main__":
    main()
