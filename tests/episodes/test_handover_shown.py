"""What is shown of handovers and contracts: a fold of the handover ledger, which meets the episodes only when read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.handover.handover import Handover, State
from services.log.record import Record
from services.words import answers, commissioning, recorded
from services.words.word import Word
from tests.episodes import words_said as say
from tests.handover.story import (
    EAST,
    MEDWAY,
    MONDAY,
    Story,
    day_of,
    episode,
    handover,
    one_provider,
    person,
    with_providers,
)
from tests.handover.test_random_histories import Histories
from tests.ledgers import Ledger
from tests.memory_handover import an_id
from tests.shown_caseload import DOSSIER
from tests.shown_handovers import CIPHERTEXT_HASH, PACKED, ledger_of, read

ANN, BEN, CID = "Ann", "Ben", "Cid"
RESPOND_BY = "2012-10-08"
START = "2012-10-15"


def shown(folder: Path, story: Story, case: str = ANN) -> dict[str, Any]:
    """The row of a case, with its timeline."""
    with read(folder, ledger_of(story).records) as reading:
        found = reading.handover(handover(case))
    assert found is not None
    return found


def asked() -> Story:
    """A provider was asked for Ann's case."""
    story = one_provider()
    story.request(ANN)
    return story


def accepted() -> Story:
    """It has accepted."""
    story = asked()
    story.accept("oak", ANN, START)
    return story


def started() -> Story:
    """It says that it supports her."""
    story = accepted()
    story.day(START)
    story.start("oak", ANN, START)
    return story


def completed() -> Story:
    """Her own ledger says so too."""
    story = started()
    story.support_started(ANN)
    return story


# The row


def waiting() -> Story:
    """Nobody has a contract for the district."""
    story = Story()
    story.day(MONDAY)
    story.request(ANN)
    return story


def acknowledged() -> Story:
    """The provider has seen the offer."""
    story = asked()
    story.acknowledge("oak", ANN)
    return story


def booked() -> Story:
    """The day of the first visit is agreed."""
    story = accepted()
    story.tell(answers.BookFirstVisit(handover_id=handover(ANN), on=day_of("2012-10-12")), "oak")
    return story


def in_wave() -> Story:
    """A legacy case is to move with a wave."""
    story = one_provider()
    story.request(ANN, cause="LEGACY_CSS")
    days = {"freeze_on": day_of("2012-10-10"), "start_on": day_of("2012-10-20")}
    story.tell(commissioning.WavePlanned(wave_id="autumn", lot=EAST, **days), EAST)
    story.tell(commissioning.CaseAddedToWave(wave_id="autumn", handover_id=handover(ANN)), EAST)
    return story


def deferred() -> Story:
    """It does not move with that wave after all."""
    story = in_wave()
    word = commissioning.CaseDeferred(wave_id="autumn", handover_id=handover(ANN), reason="in hospital")
    story.tell(word, EAST)
    return story


def impossible() -> Story:
    """She lives in Medway."""
    story = one_provider()
    story.request(ANN, district="medway", lot=MEDWAY)
    return story


def over() -> Story:
    """Her support has ended."""
    story = completed()
    story.support_ended(ANN)
    return story


def withdrawn(before: Callable[[], Story]) -> Callable[[], Story]:
    """She has died."""

    def told() -> Story:
        story = before()
        story.withdrawn(ANN, "DIED")
        return story

    return told


def declined() -> Story:
    """The only provider does not take her."""
    story = asked()
    story.decline("oak", ANN)
    return story


@pytest.mark.parametrize(
    ("told", "state", "held", "respond_by", "started_on", "wave_id"),
    [
        (waiting, "WAITING", False, None, None, None),
        (in_wave, "IN_WAVE", False, None, None, "autumn"),
        (deferred, "REQUESTED", False, None, None, None),
        (asked, "OFFERED", True, RESPOND_BY, None, None),
        (acknowledged, "ACKNOWLEDGED", True, RESPOND_BY, None, None),
        (declined, "WAITING", False, None, None, None),
        (accepted, "ACCEPTED", True, None, None, None),
        (booked, "VISIT_BOOKED", True, None, None, None),
        (started, "STARTED", True, None, START, None),
        (completed, "COMPLETED", True, None, START, None),
        (over, "COMPLETED", False, None, START, None),
        (impossible, "NOT_POSSIBLE", False, None, None, None),
        (withdrawn(asked), "WITHDRAWN", False, None, None, None),
        (withdrawn(accepted), "WITHDRAWN", False, None, None, None),
        (withdrawn(started), "WITHDRAWN", False, None, None, None),
        (withdrawn(in_wave), "WITHDRAWN", False, None, None, "autumn"),
    ],
)
def test_ruling_97_provider_and_dates_are_shown_while_there_is_an_offer_or_support(
    tmp_path: Path,
    told: Callable[[], Story],
    state: str,
    held: bool,
    respond_by: str | None,
    started_on: str | None,
    wave_id: str | None,
) -> None:
    """A row says where the case stands, who has it now, and by when an open offer is to be answered."""
    row = shown(tmp_path, told())

    assert row["state"] == state
    assert (row["provider_id"], row["contract_id"]) == (("oak", "c-oak") if held else (None, None))
    assert (row["respond_by"], row["started_on"], row["wave_id"]) == (respond_by, started_on, wave_id)


def test_a_row_has_these_fields(tmp_path: Path) -> None:
    """A row is what design §9 says, and an offer what ruling 97 says."""
    with read(tmp_path, ledger_of(accepted()).records) as reading:
        rows = reading.handovers()

    assert rows == [
        {
            "handover_id": handover(ANN),
            "person_id": person(ANN),
            "episode_id": episode(ANN),
            "lot": EAST,
            "district": "ashford",
            "state": "ACCEPTED",
            "weekly_minutes": 120,
            "provider_id": "oak",
            "contract_id": "c-oak",
            "requested_on": MONDAY,
            "respond_by": None,
            "started_on": None,
            "wave_id": None,
            "offers": [
                {
                    "offer_id": rows[0]["offers"][0]["offer_id"],
                    "provider_id": "oak",
                    "contract_id": "c-oak",
                    "offered_on": MONDAY,
                    "respond_by": RESPOND_BY,
                    "answer": "ACCEPTED",
                    "answered_on": MONDAY,
                    "reason": None,
                    "start_on": START,
                }
            ],
        }
    ]


def test_ruling_97_handovers_are_listed_by_request_and_those_over_on_demand(tmp_path: Path) -> None:
    """By the day of the request, then by id; withdrawn, impossible and ended ones only if all are asked for."""
    story = over()
    for case in (BEN, CID):
        story.request(case)
    story.request("Dot", district="medway", lot=MEDWAY)
    story.request("Eve")
    story.withdrawn("Eve")

    with read(tmp_path, ledger_of(story).records) as reading:
        current, every = reading.handovers(), reading.handovers(ended_too=True)

    assert [row["handover_id"] for row in current] == sorted([handover(BEN), handover(CID)])
    same_day = sorted(handover(case) for case in (BEN, CID, "Dot", "Eve"))
    assert [row["handover_id"] for row in every] == [handover(ANN), *same_day]


def test_offers_are_shown_in_order_with_what_became_of_each(tmp_path: Path) -> None:
    """Declined, lapsed, withdrawn and failed offers stay with the case, each with its reason."""
    story = with_providers(("ash", "elm", "oak", "yew"))
    story.request(ANN)
    story.decline("ash", ANN, "RISK_TOO_HIGH")
    story.day("2012-10-09")
    story.tell(commissioning.ProviderSuspended(provider_id="oak", reason="inspection"), "oak")
    story.accept("yew", ANN, START)
    word = answers.ReportStartFailure(handover_id=handover(ANN), reason="START_DATE_NOT_MET")
    story.tell(word, "yew")

    offers = shown(tmp_path, story)["offers"]

    told = [(one["provider_id"], one["answer"], one["answered_on"], one["reason"], one["start_on"]) for one in offers]
    assert told == [
        ("ash", "DECLINED", MONDAY, "RISK_TOO_HIGH", None),
        ("elm", "LAPSED", None, None, None),
        ("oak", "WITHDRAWN", None, "PROVIDER_SUSPENDED", None),
        ("yew", "START_FAILED", "2012-10-09", "START_DATE_NOT_MET", START),
    ]


def test_h8_recontracted_support_is_shown_without_an_offer(tmp_path: Path) -> None:
    """Support that runs already was asked for and began on the day from which it is contracted."""
    story = one_provider()
    word = commissioning.ExternalCssRecontracted(
        episode_id=episode(ANN),
        person_id=person(ANN),
        provider_id="oak",
        contract_id="c-oak",
        since=day_of("2010-03-01"),
        weekly_minutes=90,
        on=day_of(MONDAY),
    )
    story.tell(word, EAST)
    story.support_started(ANN)
    story.contract("c-new", "oak")
    moved = commissioning.SupportRecontracted(handover_id=handover(ANN), contract_id="c-new", on=day_of(MONDAY))
    story.tell(moved, EAST)

    row = shown(tmp_path, story)

    assert (row["state"], row["offers"], row["provider_id"], row["contract_id"]) == ("COMPLETED", [], "oak", "c-new")
    assert (row["requested_on"], row["started_on"], row["district"]) == (MONDAY, MONDAY, None)
    assert [told["what"] for told in row["told"]] == ["RECONTRACTED", "HANDOVER_CLOSED", "RECONTRACTED"]
    assert {told["provider_id"] for told in row["told"]} == {"oak"}


# What happened, and who was told


def test_a_handover_tells_its_story(tmp_path: Path) -> None:
    """One sentence for each fact that names the handover or one of its offers, in the order of the ledger."""
    story = asked()
    story.request(BEN)
    story.acknowledge("oak", ANN)

    assert [fact["sentence"] for fact in shown(tmp_path, story)["timeline"]] == [
        "A handover was asked for on 1 October 2012, 120 minutes a week in Ashford: long-term support is needed.",
        "The handover began: a provider is asked at once.",
        (
            "Provider oak was asked on 1 October 2012 for 120 minutes a week under contract c-oak; "
            "it answers by 8 October 2012."
        ),
        "The provider answered that it has seen the offer.",
        "Provider oak saw the offer on 1 October 2012.",
    ]


def test_it_says_who_was_told_what_and_when(tmp_path: Path) -> None:
    """An offer tells nothing of who it is (H4); the pack tells it to whoever accepted (H5), by fields and hash."""
    offer, pack = shown(tmp_path, accepted())["told"]

    assert (offer["what"], offer["provider_id"], offer["on"], offer["details"]) == ("OFFER", "oak", MONDAY, [])
    assert set(offer["fields"]) == {
        *("offer_id", "handover_id", "contract_id", "lot", "district", "age_band", "needs", "risk", "weekly_minutes"),
        *("wanted_on", "respond_by"),
    }
    assert offer["ciphertext_hash"] is None
    assert (pack["what"], pack["provider_id"], pack["on"], pack["details"]) == ("PACK", "oak", MONDAY, PACKED)
    assert pack["ciphertext_hash"] == CIPHERTEXT_HASH.hex()
    assert pack["recorded"] >= offer["recorded"]
    assert not {"key", "blob"} & set(pack["fields"])


def test_a_pack_that_was_sent_again_was_told_again(tmp_path: Path) -> None:
    """A provider with a new key is told once more, if the commissioner says so (ruling 71)."""
    story = accepted()
    key = story.book.providers["oak"].public_key
    story.tell(commissioning.ProviderKeyChanged(provider_id="oak", public_key=key, reissue=True), "oak")

    assert [told["what"] for told in shown(tmp_path, story)["told"]] == ["OFFER", "PACK", "PACK_REISSUED"]


def test_ruling_85_a_foreign_reply_is_told_and_changes_nothing(tmp_path: Path) -> None:
    """A reply of a provider that was never asked stands in the story of the case, which goes on as it was."""
    story = with_providers(("oak", "yew"))
    story.request(ANN)
    story.tell(answers.ConfirmStart(handover_id=handover(ANN), on=day_of(MONDAY)), "yew")

    found = shown(tmp_path, story)

    assert (found["state"], found["provider_id"]) == ("OFFERED", "oak")
    assert [fact["sentence"] for fact in found["timeline"]][-2:] == [
        (
            "A reply of provider yew (ConfirmStart) changed nothing: "
            "it is about a case or offer that never was this provider's."
        ),
        "Provider yew answered about a case or offer that never was its own; look into it.",
    ]
    assert {told["provider_id"] for told in found["told"]} == {"oak"}


def test_ruling_95_why_it_was_withdrawn_is_told_to_the_trust(tmp_path: Path) -> None:
    """Providers hear only that it is withdrawn; the trust reads why, and that nobody heard more."""
    found = shown(tmp_path, withdrawn(asked)())

    assert found["timeline"][-1]["sentence"] == "The handover was withdrawn: the person died."
    assert (found["why"], found["offers"][0]["answer"]) == ("DIED", "WITHDRAWN")
    assert [told["what"] for told in found["told"]] == ["OFFER", "OFFER_WITHDRAWN"]


def test_a_handover_that_is_not_there(tmp_path: Path) -> None:
    """Nothing is shown of a handover that was never asked for."""
    with read(tmp_path, ledger_of(asked()).records) as reading:
        assert reading.handover(handover(BEN)) is None


def test_the_handovers_tables_hold_clear_fields_only(tmp_path: Path) -> None:
    """Sealed papers and texts of the handover ledger never reach the view, not even sealed."""
    story = declined()
    with read(tmp_path, ledger_of(story).records):
        pass

    content = (tmp_path / "view.sqlite").read_bytes()
    assert b"dossier" not in content
    assert b"papers" not in content
    assert b"blob" not in content


# Contracts


def contracts(folder: Path, story: Story) -> dict[str, dict[str, Any]]:
    """The contracts' rows by id."""
    with read(folder, ledger_of(story).records) as reading:
        return {row["contract_id"]: row for row in reading.contracts()}


def test_a_contract_shows_its_minutes(tmp_path: Path) -> None:
    """An open offer reserves, acceptance uses, and what was declined takes nothing (H3)."""
    story = one_provider()
    story.request(ANN)
    story.accept("oak", ANN, START)
    story.request(BEN, minutes=60)
    story.request(CID)
    story.decline("oak", CID)

    assert contracts(tmp_path, story) == {
        "c-oak": {
            "contract_id": "c-oak",
            "provider_id": "oak",
            "lot": EAST,
            "districts": ["ashford", "canterbury", "dover", "folkestone-and-hythe", "swale", "thanet"],
            "tier": 1,
            "weekly_minutes": 600,
            "declared": 600,
            "reserved": 60,
            "used": 120,
            "free": 420,
            "from_on": "2012-09-01",
            "to_on": "2015-09-30",
            "suspended": False,
            "connected": True,
            "dspt_valid_to": "2020-12-31",
        }
    }


@pytest.mark.parametrize(
    ("declared", "minutes"),
    [
        ([], 600),
        ([(MONDAY, 300)], 300),
        ([("2012-10-02", 300)], 600),
        ([(MONDAY, 300), ("2012-09-20", 100)], 300),
        ([(MONDAY, 300), (MONDAY, 0)], 0),
    ],
)
def test_ruling_72_the_latest_declaration_that_has_come_counts(
    tmp_path: Path, declared: Sequence[tuple[str, int]], minutes: int
) -> None:
    """Not yet come: it counts later; two for one day: the later recorded; none: the contract's own minutes."""
    story = one_provider()
    for on, declaration in declared:
        story.declared("c-oak", declaration, on)

    assert contracts(tmp_path, story)["c-oak"]["declared"] == minutes


def test_ruling_61_a_lowering_leaves_what_is_taken(tmp_path: Path) -> None:
    """Below what is taken, free minutes fall below none until it drains."""
    story = accepted()
    story.declared("c-oak", 100, MONDAY)

    row = contracts(tmp_path, story)["c-oak"]

    assert (row["declared"], row["used"], row["free"]) == (100, 120, -20)


def test_a_contract_shows_whether_its_provider_can_be_asked(tmp_path: Path) -> None:
    """Suspended, not connected, and shortened: each is to be seen."""
    story = one_provider()
    story.provider("yew", connected=False).contract("c-yew", "yew", tier=2)
    story.tell(commissioning.ProviderSuspended(provider_id="oak", reason="inspection"), "oak")
    story.tell(commissioning.ContractEnded(contract_id="c-oak", on=day_of("2012-12-31")), EAST)

    rows = contracts(tmp_path, story)

    assert list(rows) == ["c-oak", "c-yew"]
    assert [(row["suspended"], row["connected"]) for row in rows.values()] == [(True, True), (False, False)]
    assert rows["c-oak"]["to_on"] == "2012-12-31"


# Where the two ledgers meet


def episodes(*facts: Word, whose: str = ANN, partition: int = 0) -> Ledger:
    """The person's ledger: an open episode that asked for a handover, and what follows."""
    ledger = Ledger(partition=partition)
    ledger.day(day_of(MONDAY))
    opened = (
        say.registered(district="ashford"),
        say.referred(MONDAY, episode(ANN)),
        say.accepted(MONDAY, episode(ANN)),
    )
    for fact in (*opened, say.started(MONDAY, episode(ANN)), *facts):
        ledger.add(fact, person=person(whose))
    return ledger


def requested() -> Word:
    """The recorder asks for a handover of Ann's episode."""
    return recorded.HandoverRequested(
        handover_id=handover(ANN),
        episode_id=episode(ANN),
        on=day_of(MONDAY),
        district="ashford",
        lot=EAST,
        weekly_minutes=120,
        needs=["HOMELESSNESS"],
        risk="LOW",
        age_band="35-44",
        cause="LONG_TERM_SUPPORT",
        dossier=DOSSIER,
        policy="2012.1",
    )


def moved() -> tuple[Word, ...]:
    """The recorder says that responsibility has moved."""
    begun = recorded.SisSupportStarted(
        handover_id=handover(ANN),
        episode_id=episode(ANN),
        sis_episode_id=an_id("sis Ann"),
        provider_id="oak",
        contract_id="c-oak",
        lot=EAST,
        weekly_minutes=120,
        on=day_of(START),
        cause="LONG_TERM_SUPPORT",
    )
    return say.ended("2012-10-14", episode(ANN), "08"), begun


def shown_on_rows(folder: Path, *batches: Sequence[Record]) -> dict[tuple[str, str], tuple[str, str | None] | None]:
    """Which handover each row of the caseload shows, by holder and person."""
    with read(folder, *batches) as reading:
        rows = reading.caseload(Asked(ended_too=True))
    return {
        (row["holder"]["id"], row["person_id"]): row["handover"]
        and (row["handover"]["state"], row["handover"]["provider_id"])
        for row in rows
    }


HOME, AWAY = ("maidstone-cmht", person(ANN)), ("oak", person(ANN))


@pytest.mark.parametrize("handovers_first", [False, True])
def test_rows_show_the_handovers_own_state_whichever_ledger_came_first(tmp_path: Path, handovers_first: bool) -> None:
    """Accepted says more than requested: the handover's ledger is believed as soon as it knows the case."""
    batches = [episodes(requested()).records, ledger_of(accepted()).records]

    assert shown_on_rows(tmp_path, *(reversed(batches) if handovers_first else batches)) == {HOME: ("ACCEPTED", "oak")}


def test_a_row_shows_the_handover_before_its_own_ledger_tells_of_it(tmp_path: Path) -> None:
    """The view may be further in the handover's ledger than in the person's; the row shows what is known newest."""
    assert shown_on_rows(tmp_path, episodes().records, ledger_of(asked()).records) == {HOME: ("OFFERED", "oak")}


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([requested()], ("REQUESTED", None)),
        ([requested(), say.withdrawn(handover(ANN), MONDAY, "DECLINED_BY_PERSON", EAST)], ("WITHDRAWN", None)),
        ([requested(), *moved()], ("COMPLETED", "oak")),
        ([], None),
    ],
)
def test_until_then_rows_show_what_the_persons_ledger_says(
    tmp_path: Path, facts: Sequence[Word], state: tuple[str, str | None] | None
) -> None:
    """Without a word of the handover's ledger, a row says what its own ledger knows (ruling 98)."""
    assert shown_on_rows(tmp_path, episodes(*facts).records)[HOME] == state


def test_ruling_97_both_rows_show_the_handover(tmp_path: Path) -> None:
    """The episode in house and the support that follows it show one handover; ended support shows no provider."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    home = episodes(requested(), *moved()).records

    assert shown_on_rows(before, home, ledger_of(completed()).records) == dict.fromkeys(
        (HOME, AWAY), ("COMPLETED", "oak")
    )
    assert shown_on_rows(after, home, ledger_of(over()).records) == dict.fromkeys((HOME, AWAY), ("COMPLETED", None))


def test_ruling_10_a_handover_is_shown_on_its_own_persons_row_only(tmp_path: Path) -> None:
    """Two people may have an episode of one id, and so a handover of one id; it is one person's."""
    hers = episodes(requested())
    his = episodes(requested(), whose=BEN, partition=1)

    assert shown_on_rows(tmp_path, hers.records, his.records, ledger_of(accepted()).records) == {
        HOME: ("ACCEPTED", "oak"),
        ("maidstone-cmht", person(BEN)): ("REQUESTED", None),
    }


WHOLE = [
    episodes(requested(), *moved()).records,
    episodes(whose=BEN, partition=1).records,
    ledger_of(over()).records,
]


def everything(reading: Reading) -> Any:
    """Every answer of the view."""
    return (
        reading.caseload(Asked(ended_too=True)),
        [reading.episode(one, person(ANN)) for one in (episode(ANN), an_id("sis Ann"))],
        reading.handovers(ended_too=True),
        reading.handover(handover(ANN)),
        reading.contracts(),
    )


@st.composite
def interleavings(draw: st.DrawFn) -> list[Sequence[Record]]:
    """The batches of three partitions, cut anywhere, handed over in any order that keeps each partition's own."""
    queues = []
    for records in WHOLE:
        cuts = sorted(draw(st.lists(st.integers(0, len(records)), max_size=6)))
        queues.append([records[one:other] for one, other in pairwise([0, *cuts, len(records)])])
    turns = draw(st.permutations([number for number, queue in enumerate(queues) for _ in queue]))
    return [queues[number].pop(0) for number in turns]


@settings(max_examples=30)
@given(batches=interleavings())
def test_batches_and_the_order_of_partitions_make_no_difference(batches: list[Sequence[Record]]) -> None:
    """However both ledgers are cut and interleaved, every answer is the same."""
    with (
        TemporaryDirectory() as one,
        TemporaryDirectory() as other,
        read(Path(one), *batches) as cut,
        read(Path(other), *WHOLE) as whole,
    ):
        assert everything(cut) == everything(whole)


# Beside the allocator


class ShownHistories(Histories):
    """After each random history the view, which knows the words alone, agrees with the allocator's own book."""

    def teardown(self) -> None:
        """Compare all handovers and contracts."""
        records = ledger_of(self.story).records
        half = len(records) // 2
        with TemporaryDirectory() as folder, read(Path(folder), records[:half], records[half:]) as reading:
            rows = {row["handover_id"]: row for row in reading.handovers(ended_too=True)}
            minutes = {row["contract_id"]: row for row in reading.contracts()}
        book = self.story.book
        assert {name: _as_shown(row) for name, row in rows.items()} == {
            name: _as_known(one) for name, one in book.handovers.items()
        }
        if book.today is not None:
            taken = {name: (row["declared"], row["reserved"], row["used"]) for name, row in minutes.items()}
            assert taken == {name: (c.capacity, c.reserved, c.used) for name, c in book.contracts.items()}


def _as_shown(row: dict[str, Any]) -> tuple[Any, ...]:
    closed = [one["answer"] for one in row["offers"] if one["answer"] not in (None, "ACCEPTED")]
    return row["state"], row["provider_id"], row["contract_id"], row["respond_by"], row["wave_id"], closed


def _as_known(one: Handover) -> tuple[Any, ...]:
    held = one.offer if one.state is not State.WITHDRAWN and not one.ended else None
    respond_by = held.respond_by if held and one.state in (State.OFFERED, State.ACKNOWLEDGED) else None
    closed = [past.end.replace("FAILED", "START_FAILED") for past in one.past]
    return (
        str(one.state),
        held and held.provider_id,
        held and held.contract_id,
        respond_by and respond_by.isoformat(),
        one.wave_id,
        closed,
    )


TestShownHistories = ShownHistories.TestCase
TestShownHistories.settings = settings(max_examples=15, stateful_step_count=60, deadline=None)
