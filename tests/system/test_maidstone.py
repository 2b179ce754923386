"""The sample of Maidstone on a whole running system: the worked-out answers, however often and however broken it came.

The tests stand in the order in which they are run: the first one brings the feed in.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.log.kafka_sender import BatchSender
from services.log.record import Draft
from services.log.system import find
from services.words.topics import EPISODES_INBOX
from tests.command_line import ROOT
from tests.system.conftest import Running

DATA = ROOT / "tests" / "data"
FEED = DATA / "maidstone-2012.ndjson"
TOO_EARLY = "95fb8fcd-81f0-5319-8d8b-0fec41892322"
"""Said before its person was registered."""
NEVER = "f0ca4bea-1212-56eb-a403-42a71eee11cc"
"""A contact of no minutes."""
WITH_CODED_REASON = ("ReferralReceived", "ReferralRejected", "EnablementCompleted", "EpisodeEnded")
"""Words whose reason is a code of a list, not somebody's own words."""
KILLS = 10
LONG = 30.0

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


def expected(name: str) -> Any:
    """What was worked out without this program."""
    return json.loads((DATA / f"maidstone-2012.{name}.json").read_text("utf-8"))


def caseload(county: Running) -> list[dict[str, Any]]:
    """The caseload, ended episodes too; what becomes of handovers is told elsewhere."""
    return [_without_handover(row) for row in county("caseload", "--all", "--json").json()]


def refusals(county: Running) -> list[tuple[str, str]]:
    """Event and code of every refusal."""
    return sorted((row["event_id"], row["code"]) for row in county("refused", "list", "--json").json())


def must_be_maidstone(county: Running) -> None:
    """The answers are those that were worked out."""
    assert caseload(county) == [_without_handover(row) for row in expected("caseload")]
    assert refusals(county) == sorted((row["event_id"], row["code"]) for row in expected("refused"))


def emit_and_kill(county: Running, after: int) -> bool:
    """Emit the feed and kill that process when so many bytes more lie in the inboxes; whether it was still at it."""
    begin, until = county.inbox_bytes(), time.monotonic() + LONG
    process = county.begin("emit", str(FEED))
    while process.poll() is None and county.inbox_bytes() - begin < after and time.monotonic() < until:
        time.sleep(0.002)
    process.kill()
    return process.wait() == -9


def test_r3_emissions_killed_anywhere_then_one_that_ends(county: Running) -> None:
    """Ruling 3: `sis emit` killed at ten random places, then emitted from the start, gives the worked-out answer."""
    chance = random.Random(2012)
    killed = [emit_and_kill(county, chance.randrange(400_000)) for _ in range(KILLS)]

    answer = county("emit", "--wait", "--json", str(FEED))
    report = answer.json()

    assert sum(killed) > KILLS // 2, "too few were cut before their end to say anything"
    assert answer.code == (1 if report["refused"] else 0)
    assert report["sent"] == report["recorded"] + len(report["refused"]) + report["repeated"]
    must_be_maidstone(county)


def test_r3_the_same_feed_again_changes_nothing(county: Running) -> None:
    """Ruling 3: all of it emitted once more is repeated, nothing is recorded or refused, and the answers stay."""
    answer = county("emit", "--wait", str(FEED))

    assert answer.code == 0
    assert answer.out.startswith("0 recorded, 0 refused, ")
    must_be_maidstone(county)


def test_a_broken_line_sends_nothing(county: Running, tmp_path: Path) -> None:
    """Ruling 4: a feed whose last line is no event is refused whole: the inboxes are as they were."""
    (tmp_path / "feed.ndjson").write_bytes(FEED.read_bytes() + b'{"specversion": "1.0"}\n')
    before = county.inbox_bytes()

    answer = county("emit", str(tmp_path / "feed.ndjson"))

    assert (answer.code, answer.out) == (2, "")
    assert f"line {len(FEED.read_bytes().splitlines()) + 1} " in answer.err
    assert county.inbox_bytes() == before


def test_status_says_what_runs(county: Running) -> None:
    """`sis status --json` names broker and services, the county's today and the view's lag in offsets."""
    found = county("status", "--json").json()

    assert (found["calendar"], found["ready"], found["today"]) == ("feed", True, "2013-07-01")
    assert {"broker", "recorder", "projector"} <= set(found["services"])
    assert all(service["running"] for service in found["services"].values())
    assert all(type(lag) is int and lag >= 0 for lag in found["lag"].values())
    assert county("doctor").code == 0


def test_a_view_made_anew_shows_the_same(county: Running) -> None:
    """A view is a fold of the ledgers: made anew it gives the same caseload and refusals."""
    before = caseload(county), refusals(county)

    answer = county("view", "rebuild")

    assert answer.code == 0, answer.err
    assert (caseload(county), refusals(county)) == before


def test_r3_a_refused_event_is_redriven(county: Running) -> None:
    """Ruling 3: what came before its person was registered is recorded by a redrive, and a second one does nothing."""
    planned, before = county("refused", "redrive", TOO_EARLY, "--dry-run", "--json"), county.inbox_bytes()
    done = county("refused", "redrive", TOO_EARLY, "--json")
    again = county("refused", "redrive", TOO_EARLY, "--json")

    assert [(answer.code, answer.json()[0]["outcome"]) for answer in (planned, done, again)] == [
        (0, "would be redriven"),
        (0, "recorded"),
        (0, "unchanged"),
    ]
    assert county.inbox_bytes() > before
    must_be_maidstone(county)


def test_r3_what_is_still_wrong_is_refused_again(county: Running) -> None:
    """Ruling 3: each redrive of what is still wrong is decided anew, refused anew, and ends with 1."""
    for times in (2, 3):
        answer = county("refused", "redrive", NEVER)
        assert answer.code == 1
        assert "INVALID_DATA: minutes must be at least 1." in answer.out
        assert len(county("refused", "show", NEVER, "--json").json()) == times


def test_all_refusals_of_a_code_are_redriven_together(county: Running) -> None:
    """One command redrives every event of a code, and says first, if asked, which these are."""
    planned = county("refused", "redrive", "--all", "--code", "DUPLICATE_PERSON", "--dry-run", "--json").json()
    done = county("refused", "redrive", "--all", "--code", "DUPLICATE_PERSON", "--json").json()

    wanted = [row["event_id"] for row in expected("refused") if row["code"] == "DUPLICATE_PERSON"]
    assert sorted(row["event_id"] for row in planned) == wanted
    assert [(row["event_id"], row["outcome"]) for row in done] == [(row["event_id"], "refused") for row in planned]


def test_what_cannot_be_redriven_says_so(county: Running, tmp_path: Path) -> None:
    """A day, an unknown event, and what nobody could read are not redriven; the answer says what to do instead."""
    day: dict[str, Any] = {
        "specversion": "1.0",
        "id": "a day to come",
        "source": "/county/calendar",
        "time": "2999-01-01T00:00:00Z",
    }
    day |= {"type": "kmpt.calendar.v1.DayBegan", "data": {"date": "2999-01-01"}}
    (tmp_path / "day.ndjson").write_bytes(orjson.dumps(day))
    assert county("emit", "--wait", str(tmp_path / "day.ndjson")).code == 1
    before = county.inbox_bytes()

    a_day, unknown = county("refused", "redrive", "a day to come"), county("refused", "redrive", "nothing")

    assert (a_day.code, unknown.code) == (1, 1)
    assert "A day is not redriven" in a_day.out
    assert unknown.err == "sis: no event with this id was refused\n"
    assert county.inbox_bytes() == before


def test_what_nobody_could_read_is_to_be_sent_again(county: Running) -> None:
    """Ruling 3: an unreadable record is settled by nothing; its refusal cannot be redriven, only sent again."""
    asyncio.run(_send_a_strange_record(find(county.data).bootstrap))
    until = time.monotonic() + LONG
    while county("refused", "show", "a strange record").code != 0:
        assert time.monotonic() < until

    answer = county("refused", "redrive", "a strange record")

    assert answer.code == 1
    assert "mend it where it was made and send it again" in answer.out


async def _send_a_strange_record(bootstrap: str) -> None:
    sender = BatchSender(bootstrap)
    await sender.start()
    await sender.add(Draft(EPISODES_INBOX, 1, b"somebody", [("ce_id", b"a strange record")], b"?"))
    await sender.flush()
    await sender.close()


def _without_handover(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "handover"}


def test_no_identity_and_no_free_text_lies_anywhere_in_clear(county: Running) -> None:
    """After a year no name, number, address or free text is found in any file: segments, views, vault, logs."""
    marks = {mark for line in FEED.read_bytes().splitlines() for mark in _marks(orjson.loads(line))}
    assert len(marks) > 120, "there is much to look for"
    files = [path for path in county.data.rglob("*") if path.is_file()]
    assert {"recorder.log", "vault.sqlite"} <= {path.name for path in files}

    found = [path for path in files if any(mark in path.read_bytes() for mark in marks)]

    assert not found


def _marks(event: dict[str, Any]) -> set[bytes]:
    """What is sealed in an event; texts so short, or towns, that could stand anywhere are left out."""
    data, name = event["data"], event["type"].rpartition(".")[2]
    details = data.get("details") or {}
    texts = [value for value in details.values() if type(value) is str] + details.get("address_lines", [])[:1]
    if name not in WITH_CODED_REASON and type(data.get("reason")) is str:
        texts.append(data["reason"])
    return {text.encode() for text in texts if len(text) > 5}
