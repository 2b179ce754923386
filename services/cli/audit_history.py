"""`sis audit history`: what happened to an episode, a handover or a person, in words.

Knows the command line. Must never decide what a fact means.
"""

from __future__ import annotations

from typing import Annotated

import typer

from services.audit.history import Change, Line, of_handover, of_person
from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import find
from services.episodes.reading import Reading

_OF_NOBODY = "UNKNOWN_PERSON: there is no episode, handover or person with this id; nothing was recorded of one"
_OF_OTHERS = "UNKNOWN_EPISODE: the person named with --person has no episode with this id; others have"


def history(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(metavar="EPISODE|HANDOVER|PERSON", help="Whose history.")],
    person: Annotated[
        str | None, typer.Option(help="Whose, by person id, if several people have an episode with this id.")
    ] = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Tell what happened, one sentence a fact: when, when it was recorded, by whom, and what it changed.

    Corrections are shown as corrections. Sealed content is not shown; of an erased person it can be shown no more.
    """
    with find(ctx, data).reading() as reading:
        lines = history_of(reading, id, person)
    if json:
        print_json([line.as_json() for line in lines])
    else:
        print_history(lines)


def history_of(reading: Reading, id: str, person: str | None = None) -> list[Line]:
    """The history of whatever has this id. Raises `Failed` if nothing has it, or several people do."""
    anybody = reading.people_with(id)
    people = [one for one in anybody if person in (None, one)]
    if len(people) > 1:
        whose = " or ".join(f"--person {one}" for one in people)
        raise Failed(f"{len(people)} people have an episode with this id; say whose: {whose}", USAGE)
    if people:
        return list(of_person(people[0], reading.person_facts(people[0]), id))
    if (handover := reading.handover_facts(id)) is not None:
        return list(of_handover(id, *handover))
    if facts := reading.person_facts(id):
        return list(of_person(id, facts))
    raise Failed(_OF_OTHERS if anybody else _OF_NOBODY, FINDING)


def print_history(lines: list[Line]) -> None:
    """One paragraph a fact."""
    for line in lines:
        correction = "  CORRECTION" if line.correction else ""
        typer.echo(f"{line.happened}  by {line.by}, recorded {line.recorded}{correction}")
        typer.echo(f"    {line.sentence}{_closed(line)}")
        for change in line.changed:
            typer.echo(f"    {_changed(change)}")


def _closed(line: Line) -> str:
    return {"": "", "sealed": " Its details are sealed."}.get(line.sealed, f" Its details: {line.sealed}.")


def _changed(change: Change) -> str:
    return f"{change.field}: {_text(change.before)} → {_text(change.after)}"


def _text(value: object) -> str:
    match value:
        case None | []:
            return "none"
        case {"id": holder}:
            return str(holder)
        case {"state": state}:
            return str(state)
        case list():
            return " ".join(map(str, value))
        case _:
            return str(value)
