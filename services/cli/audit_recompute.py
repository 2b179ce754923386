"""`sis audit recompute`: the whole inbox decided again, into nothing, and compared with what was recorded.

Knows which rules, doors and vault belong to which flow. Must never write anything but the log of openings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from services.audit.partition_reading import ReaderOf, flows
from services.audit.recompute import Difference, Recomputation, Recomputed
from services.audit.recompute_keys import Covered
from services.audit.recompute_words import Deed
from services.cli.auditors_reading import reading_for_auditors
from services.cli.failures import FINDING, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.side_by_side import side_by_side
from services.cli.system import find, running_on
from services.cli.vault_opening import open_vault
from services.episodes import recorder
from services.handover import allocator
from services.handover.packs import PackKeys
from services.log.collector import spare_the_collector
from services.log.desk import Desk
from services.log.ports import Place
from services.vault.emitter_keys import EmitterKeys
from services.vault.key_files import door_keys
from services.vault.vault import Vault
from services.words.topics import EPISODES, Flow

_COLUMNS = ("inbox", "inputs", "same", "erased", "closed", "declared")


class Share(NamedTuple):
    """One partition to be decided again, in a process of its own."""

    reader_of: ReaderOf
    flow: Flow
    number: int
    partitions: int
    data: Path
    synthetic: bool
    start: int


def recompute(
    ctx: typer.Context,
    start: Annotated[int, typer.Option("--from", metavar="N", min=0, help="The offset in each inbox to begin at.")] = 0,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Decide every input again and compare with the ledgers byte for byte; 1 if one would be decided otherwise."""
    settings = (system := find(ctx, data)).settings
    running = running_on(system)
    reader_of = reading_for_auditors(running)
    longest = asyncio.run(_longest(reader_of, running.partitions))
    if start > longest:
        raise Failed(f"no inbox reaches input {start}: the longest ends before {longest}", FINDING)
    shares = [
        Share(reader_of, flow, number, running.partitions, settings.data, not settings.production, start)
        for flow, number in flows(running.partitions)
    ]
    work = f"deciding {len(shares)} inboxes again, from input {start} on"
    with open_vault(settings.data) as vault:
        vault.log_opening("auditor", work, "content keys")
    typer.echo(work, err=True)
    with side_by_side(recompute_alone) as pool:
        found = list(pool.map(recompute_alone, shares))
    if json:
        print_json([as_json(one) for one in found])
    else:
        _print(found)
    if any(one.difference or one.halted for one in found):
        raise typer.Exit(FINDING)


def recompute_alone(share: Share) -> Recomputed:
    """Decide one partition again, in a process that does nothing else; that keys are opened must be logged by then."""
    vault = Vault(share.data)
    try:
        keys = Covered(vault)
        desk = desk_of(share, keys)
        spare_the_collector()
        work = Recomputation(share.reader_of, desk, share.flow, share.number, keys, share.start)
        return asyncio.run(work.run())
    finally:
        vault.close()


def desk_of(share: Share, keys: PackKeys) -> Desk[Any]:
    """The desk of the flow's own service: the same rules, words and doors."""
    fixed = share.data / "emitters"
    emitters = EmitterKeys(share.data, strict=fixed.exists() and fixed.read_text("utf-8") == "signed")
    if share.flow == EPISODES:
        doors = {door: door_keys(share.data, door) for door in recorder.DOORS}
        rules = recorder.recorder_rules(synthetic=share.synthetic)
        return Desk(rules, share.partitions, doors, _silent, emitters)
    doors = {door: door_keys(share.data, door) for door in allocator.DOORS}
    return Desk(allocator.allocator_rules(keys), 1, doors, _silent, emitters)


def as_json(found: Recomputed) -> dict[str, Any]:
    """One partition for programs."""
    difference = found.difference
    return {
        **_row(found),
        "halted": found.halted,
        "difference": difference
        and {
            "offset": difference.offset,
            "input_id": difference.input_id,
            "input_type": difference.input_type,
            "recorded": [deed.name for deed in difference.recorded],
            "decided": [deed.name for deed in difference.decided],
            "what": difference.what,
            "rule": difference.rule,
        },
    }


def sentence(difference: Difference) -> str:
    """A difference in plain words."""
    where = f"{difference.place[0]}/{difference.place[1]} input {difference.offset}"
    return (
        f"{where}, {difference.input_type} {difference.input_id}, was {_words(difference.recorded)}; by the rules of "
        f"this program it would be {_words(difference.decided)} ({difference.what}; the rule: {difference.rule})"
    )


async def _longest(reader_of: ReaderOf, partitions: int) -> int:
    places: list[Place] = [(flow.inbox, number) for flow, number in flows(partitions)]
    reader = reader_of(dict.fromkeys(places, 0))
    try:
        await reader.start()
        return max((await reader.end_offsets(places)).values())
    finally:
        await reader.close()


def _print(found: Sequence[Recomputed]) -> None:
    print_table(_COLUMNS, [_row(one) for one in found])
    for one in found:
        if one.difference is not None:
            typer.echo(f"FINDING {sentence(one.difference)}")
        if one.halted is not None:
            typer.echo(f"FINDING {one.place[0]}/{one.place[1]} could not be decided to its end: {one.halted}")
    if not any(one.difference or one.halted for one in found):
        typer.echo("every input would be decided as it was, byte for byte")


def _row(one: Recomputed) -> dict[str, Any]:
    return {
        "inbox": f"{one.place[0]}/{one.place[1]}",
        "inputs": one.inputs,
        "same": one.same,
        "erased": one.erased,
        "closed": one.closed,
        "declared": one.declared,
    }


def _words(deeds: Sequence[Deed]) -> str:
    names = [f"refused {deed.name}" if deed.is_refusal else f"recorded as {deed.name}" for deed in deeds]
    return " and ".join(names) or "a repeat"


def _silent(_: str) -> None:
    """A decision that fails is compared like any other."""
