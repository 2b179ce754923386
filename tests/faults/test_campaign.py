"""The long campaign: a year's feed while every service and the broker are killed again and again."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.faults.checker import Account
from tests.faults.harm import KILLS_OF_EACH, Campaign, plan_of, told_of
from tests.faults.system import DATA, FEED, running_system
from tests.faults.telling import Telling

Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Tells whoever runs the campaign how it goes, also when it goes well."""

    def told(words: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{words}")
            sys.stdout.flush()

    return told


@pytest.fixture
def seed(say: Say) -> int:
    """What chance begins with; SIS_FAULT_SEED repeats a campaign."""
    chosen = int(os.environ.get("SIS_FAULT_SEED") or random.SystemRandom().randrange(10**6))
    say(f"SIS_FAULT_SEED={chosen}")
    return chosen


@pytest.mark.faults
@pytest.mark.timeout(1500)
async def test_answers_are_exact_whatever_is_killed(tmp_path: Path, seed: int, say: Say) -> None:
    """Five SIGKILLs of each service and of the broker: still each input is recorded, refused or a repeat, once."""
    chance = random.Random(seed)
    with running_system(tmp_path / "data") as system:
        telling = Telling(system)
        campaign = Campaign(system, telling, chance, plan_of(system.services, chance))
        began = time.monotonic()
        try:
            await campaign.run()
            harmed = time.monotonic() - began
            await system.settle()
        finally:
            say(f"kills {dict(sorted(system.kills.items()))}\n{told_of(campaign.kills)}")
        say(f"feed told in {harmed:.0f} s, settled {time.monotonic() - began - harmed:.1f} s later")
        accounts = await system.must_be_exact()
        say(f"{telling.sent_again} slices sent again; {total(accounts)}")
        assert min(system.kills[service] for service in system.services) >= KILLS_OF_EACH
        ledgers = {name: len(book.ledger) for name, book in (await system.books()).items()}

        again = system.sis("emit", str(DATA / FEED), "--wait")

        assert again.returncode == 0, again.stderr
        await system.must_be_exact()
        assert {name: len(book.ledger) for name, book in (await system.books()).items()} == ledgers


def total(accounts: Sequence[Account]) -> str:
    """The account of all partitions, in words."""
    names = ("recorded", "refused", "repeated", "inputs")
    recorded, refused, repeated, inputs = (sum(getattr(one, name) for one in accounts) for name in names)
    return f"{recorded} recorded + {refused} refused + {repeated} repeated = {inputs} inputs"
