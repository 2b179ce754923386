"""`python -m benchmarks [names...] [--quick] [--profile]`: prints header, table and profiles, and keeps them all."""

from __future__ import annotations

import argparse
import json
import signal
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Profile, table
from benchmarks.machine import header
from benchmarks.size import Size

_ALL = (
    *("recorder", "allocator", "memory", "projector", "emit", "latency", "offers", "start"),
    *("audit-verify", "audit-export", "audit-as-of", "audit-recompute"),
)
"""Each a module, loaded when it is its turn: every process that one of them starts loads this one first."""
_RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure what is asked for, everything if nothing is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(_ALL)}; none: all of them")
    parser.add_argument("--quick", action="store_true", help="about a tenth of everything: a trial of the benchmarks")
    parser.add_argument("--profile", action="store_true", help="say where the time went even where a target was met")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(_ALL):
        parser.error(f"there is no benchmark {min(unknown)}")
    # Killed, it must end as by Ctrl-C: what it has started must end too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _run(asked.names or list(_ALL), Size(asked.quick, asked.profile))


def _run(names: list[str], size: Size) -> None:
    head = {**header(), "size": "quick" if size.quick else "full"}
    print("\n".join(f"{name:<17} {said}" for name, said in head.items()), flush=True)
    figures: list[Figure] = []
    profiles: list[Profile] = []
    for name in names:
        print(f"\n{name} ...", flush=True)
        for found in _benchmark(name).measure(size):
            if isinstance(found, Figure):
                figures.append(found)
                print(*table([found])[1:], sep="\n", flush=True)
            else:
                profiles.append(found)
                print(*found.lines(), sep="\n", flush=True)
    print("", *table(figures), sep="\n")
    parts = [str(datetime.now(UTC).date()), *([] if names == list(_ALL) else names), *(["quick"] if size.quick else [])]
    _keep("-".join(parts), head, figures, profiles)


def _benchmark(name: str) -> Any:
    return import_module(f"benchmarks.{name.replace('-', '_')}")


def _keep(name: str, head: dict[str, str], figures: list[Figure], profiles: list[Profile]) -> None:
    """Keep the results; of several runs alike on one day the newest stands."""
    _RESULTS.mkdir(exist_ok=True)
    said = {
        "header": head,
        "figures": [figure.said() for figure in figures],
        "profiles": {profile.name: profile.shares for profile in profiles},
    }
    out = _RESULTS / f"{name}.json"
    out.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
    print(f"\nwritten to {out}")


if __name__ == "__main__":
    main()
