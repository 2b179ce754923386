"""`sis schemas`: whether every word and its released schema are one.

Knows the command line and the folder of schemas. Must never change a schema.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from importlib.resources import files

import typer

from services.cli.failures import FINDING
from services.cli.output import JsonOption, print_json
from services.log.schemas import differences, released_ids
from services.words.catalogue import EVERY_WORD

commands = typer.Typer(help="The released schemas of all words.", no_args_is_help=True)
_SUFFIX = ".avsc"


@commands.callback()
def schemas() -> None:
    """The released schemas of all words."""


@commands.command("check")
def check(json: JsonOption = False) -> None:
    """Compare every word's model with its schema in schemas/, and the registry ids with both; 1 if they differ."""
    ids, names = released_ids(), _released()
    found = faults(ids, names)
    found += differences({name: word for name, word in EVERY_WORD.items() if name in names})
    if json:
        print_json(found)
    else:
        typer.echo("\n".join(found) or f"{len(names)} schemas are as their words, and each has its id")
    raise typer.Exit(FINDING if found else 0)


def faults(ids: Mapping[str, int], names: Collection[str]) -> list[str]:
    """What is wrong with ids and files by their names alone, one sentence each."""
    twice = sorted(number for number, times in Counter(ids.values()).items() if times > 1)
    return [
        *(f"{name} has no schema in schemas/" for name in sorted({*EVERY_WORD, *ids} - set(names))),
        *(f"schemas/{name}{_SUFFIX} has no id in schemas/ids.json" for name in sorted(set(names) - set(ids))),
        *(f"schemas/{name}{_SUFFIX} has no word: a released type is never removed" for name in _wordless(names)),
        *(f"the id {number} is given twice in schemas/ids.json" for number in twice),
    ]


def _wordless(names: Collection[str]) -> list[str]:
    return sorted(set(names) - set(EVERY_WORD))


def _released() -> set[str]:
    entries = (entry.name for entry in files("schemas").iterdir())
    return {name.removesuffix(_SUFFIX) for name in entries if name.endswith(_SUFFIX)}
