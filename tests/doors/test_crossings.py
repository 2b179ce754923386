"""Every crossing of a team's word and a provider's: both are said before either side has heard of the other (H6).

The person's ledger has the last word (rulings 63 to 65): whatever came first there counts, and once all has been
carried both ledgers say the same, minutes are free or used accordingly, and the provider has heard how it ended, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from services.handover.handover import State
from services.handover.ids import offer_id_of
from services.words import replies
from services.words.course import EpisodeEnded
from services.words.recorded import SisSupportEnded, SisSupportStarted
from tests.doors.whole_county import WholeCounty
from tests.memory_handover import an_id
from tests.provider.cases import request

ANN, EPISODE = an_id("person ann"), an_id("episode ann")
START, MINUTES = date(2012, 10, 8), 240
Team = Callable[["Crossing"], None]


class Crossing:
    """A county in which `oak` was asked about ann."""

    def __init__(self, folder: Path) -> None:
        self.county = WholeCounty(folder)
        self.county.day("2012-10-01")
        self.county.register("oak", "c-oak")
        self.handover = request(self.county, "ann")
        self.offer = offer_id_of(self.handover, 1)

    def accepted(self) -> Crossing:
        """`oak` has accepted, and the day of its start has come."""
        self.county.answer("oak", replies.Accept(offer_id=self.offer, start_on=START), self.handover)
        self.county.day(START.isoformat())
        return self

    def started(self) -> Crossing:
        """`oak` supports her, as both ledgers say."""
        self.accepted()
        self.county.answer("oak", replies.ConfirmStart(handover_id=self.handover, on=START), self.handover)
        return self

    def team_first(self, team: Team, reply: replies.Reply) -> None:
        """The recorder has the team's word; the allocator decides the provider's before it hears of that."""
        team(self)
        self.county.county.settle()
        self.county.send_answer("oak", reply, self.handover)
        self.county.carry("replies")
        self.county.allocator.settle()
        self.county.rest()

    def provider_first(self, team: Team, reply: replies.Reply) -> None:
        """The provider's word is in the recorder's inbox before the team's; then all rest."""
        self.county.send_answer("oak", reply, self.handover)
        self.county.carry("replies")
        self.county.allocator.settle()
        self.county.carry("outcomes")
        team(self)
        self.county.rest()

    def heard(self) -> list[str]:
        """What `oak` was told, in order; how a case was closed, by its outcome."""
        inbox = self.county.allocator.inbox_of("oak")
        return [str(data["outcome"]) if name == "HandoverClosed" else name for name, data in inbox]

    def state(self) -> tuple[State, int]:
        """Where the handover stands, and the minutes that its contract has taken."""
        book = self.county.allocator.book
        return book.handovers[self.handover].state, book.contracts["c-oak"].taken

    def agrees(self) -> bool:
        """Whether both ledgers say the same of who supports her, and she was never without one nor with two (I13)."""
        words = [fact.word() for fact in self.county.county.ledger()]
        begun = [word for word in words if isinstance(word, SisSupportStarted)]
        over = [word for word in words if isinstance(word, SisSupportEnded)]
        home = [word for word in words if isinstance(word, EpisodeEnded) and word.episode_id == EPISODE]
        whole = not begun or ([word.on for word in home], begun[0].on) == ([date(2012, 10, 7)], START)
        runs = self.county.allocator.book.handovers[self.handover].is_running
        return whole and len(begun) <= 1 and len(over) <= 1 and runs == (len(begun) > len(over))

    def facts(self, name: str) -> int:
        """How often a fact of this name stands in the person's ledger."""
        return sum(fact.type.endswith(f".{name}") for fact in self.county.county.ledger())

    def refused(self) -> list[str]:
        """What the recorder refused; the allocator refuses nothing of it."""
        assert self.county.allocator.refused() == []
        assert self.county.county.alarms == []
        return [str(refusal.data["code"]) for refusal in self.county.county.refused()]


def ends(here: Crossing) -> None:
    """A team ends the episode."""
    here.county.send("EpisodeEnded", ANN, {"episode_id": EPISODE, "on": "2012-10-01", "reason": "02"})


def dies(here: Crossing) -> None:
    """She has died."""
    here.county.send("PersonDied", ANN, {"on": "2012-10-01"})


def errs(here: Crossing) -> None:
    """The episode was entered in error."""
    here.county.send("EpisodeEnteredInError", ANN, {"episode_id": EPISODE, "reason": "somebody else's"})


def refuses(here: Crossing) -> None:
    """She does not want to move."""
    word = {"episode_id": EPISODE, "on": "2012-10-01", "reason": "she likes it here"}
    here.county.send("HandoverDeclinedByPerson", ANN, word)


TEAMS = (ends, dies, errs, refuses)


@pytest.fixture
def here(tmp_path: Path) -> Crossing:
    """A case that `oak` was asked about."""
    return Crossing(tmp_path)


@pytest.mark.parametrize("team", TEAMS)
def test_ruling_64_a_withdrawal_crosses_an_acceptance(here: Crossing, team: Team) -> None:
    """The pack has gone out; the withdrawal frees the minutes all the same, and the provider hears it."""
    here.team_first(team, replies.Accept(offer_id=here.offer, start_on=START))

    assert here.state() == (State.WITHDRAWN, 0)
    assert here.heard() == ["Offer", "Pack", "WITHDRAWN"]
    assert here.agrees()
    assert here.refused() == []


@pytest.mark.parametrize("team", TEAMS)
def test_ruling_65_a_withdrawal_crosses_a_confirmed_start(here: Crossing, team: Team) -> None:
    """The start comes too late in her ledger: set aside, withdrawn, the minutes free, the provider told once."""
    here.accepted().team_first(team, replies.ConfirmStart(handover_id=here.handover, on=START))

    assert here.state() == (State.WITHDRAWN, 0)
    assert here.heard() == ["Offer", "Pack", "WITHDRAWN"]
    assert (here.facts("HandoverOutcomeSetAside"), here.facts("SisSupportStarted")) == (1, 0)
    assert here.agrees()
    assert here.refused() == []


@pytest.mark.parametrize("team", TEAMS)
def test_ruling_83_a_withdrawal_crosses_a_start_that_failed(here: Crossing, team: Team) -> None:
    """The provider that gave up hears both; nobody else is asked for long."""
    fails = replies.ReportStartFailure(handover_id=here.handover, reason="OTHER")

    here.accepted().team_first(team, fails)

    assert here.state() == (State.WITHDRAWN, 0)
    assert here.heard() == ["Offer", "Pack", "START_FAILED", "WITHDRAWN"]
    assert here.agrees()


@pytest.mark.parametrize(
    ("team", "refused"),
    [(ends, ["EPISODE_NOT_OPEN"]), (errs, []), (refuses, ["EPISODE_NOT_OPEN"])],
)
def test_ruling_64_a_start_that_came_first_stands(here: Crossing, team: Team, refused: list[str]) -> None:
    """Support has begun in her ledger: a team's step in the in-house episode comes too late, and support goes on."""
    here.accepted().provider_first(team, replies.ConfirmStart(handover_id=here.handover, on=START))

    assert here.state() == (State.COMPLETED, MINUTES)
    assert here.heard() == ["Offer", "Pack", "COMPLETED"]
    assert here.agrees()
    assert here.refused() == refused


def test_ruling_87_a_death_after_the_start_ends_the_support(here: Crossing) -> None:
    """The start came first and stands; the death ends what it began, and the minutes are free."""
    here.accepted().provider_first(dies, replies.ConfirmStart(handover_id=here.handover, on=START))

    assert here.state() == (State.COMPLETED, 0)
    assert here.heard() == ["Offer", "Pack", "COMPLETED"]
    assert here.agrees()


@pytest.mark.parametrize("first", [Crossing.team_first, Crossing.provider_first])
def test_ruling_94_a_death_crosses_the_end_of_support(
    here: Crossing, first: Callable[[Crossing, Team, replies.Reply], None]
) -> None:
    """Support ends once, whichever came first; a report that came too late comes back and changes nothing."""
    first(here.started(), dies, replies.EndSupport(handover_id=here.handover, on=START, reason="01"))

    assert here.state() == (State.COMPLETED, 0)
    assert here.facts("SisSupportEnded") == 1
    assert here.facts("HandoverOutcomeSetAside") == (first is Crossing.team_first)
    assert here.agrees()
    assert here.refused() == []


def test_rulings_84_and_94_an_end_is_told_before_the_start_was_taken(here: Crossing) -> None:
    """A provider starts and ends on one day, before her ledger has heard of either: both are taken, in their order."""
    here.accepted()
    here.county.send_answer("oak", replies.ConfirmStart(handover_id=here.handover, on=START), here.handover)
    here.county.send_answer("oak", replies.EndSupport(handover_id=here.handover, on=START, reason="01"), here.handover)
    here.county.rest()

    assert here.state() == (State.COMPLETED, 0)
    assert (here.facts("SisSupportStarted"), here.facts("SisSupportEnded")) == (1, 1)
    assert here.agrees()


def test_rulings_65_and_94_an_end_whose_start_was_set_aside_comes_back_too(here: Crossing) -> None:
    """She died before the start: neither the start nor the end that followed is taken, and nothing is freed twice."""
    here.accepted()
    dies(here)
    here.county.county.settle()
    here.county.send_answer("oak", replies.ConfirmStart(handover_id=here.handover, on=START), here.handover)
    here.county.send_answer("oak", replies.EndSupport(handover_id=here.handover, on=START, reason="01"), here.handover)
    here.county.carry("replies")
    here.county.allocator.settle()
    here.county.rest()

    assert here.state() == (State.WITHDRAWN, 0)
    assert here.facts("HandoverOutcomeSetAside") == 2
    assert here.heard() == ["Offer", "Pack", "WITHDRAWN"]
    assert here.agrees()


def test_ruling_65_an_outcome_of_an_erased_person_is_no_refusal(here: Crossing) -> None:
    """Her records were erased between acceptance and start: start and end are taken all the same, and minutes freed."""
    here.accepted().county.county.vault.erase(ANN)

    here.county.answer("oak", replies.ConfirmStart(handover_id=here.handover, on=START), here.handover)
    assert here.state() == (State.COMPLETED, MINUTES)
    here.county.answer("oak", replies.EndSupport(handover_id=here.handover, on=START, reason="01"), here.handover)

    assert here.state() == (State.COMPLETED, 0)
    assert here.agrees()
    assert here.refused() == []


def test_ruling_69_a_correction_crosses_an_acceptance(here: Crossing) -> None:
    """The pack is made of the newest papers that the allocator has heard of when it is accepted."""
    details = {
        "nhs_number": "9990079471",
        "family_name": "Newname",
        "given_names": "Sheila",
        "birth_date": "1973-06-05",
    }
    corrected = {"details": {**details, "address_lines": ["1 New Row"], "postcode": "CT17 9ZZ"}, "reason": "married"}
    here.county.send("PersonDetailsCorrected", ANN, corrected)
    here.county.county.settle()
    here.county.carry("referrals")
    here.county.answer("oak", replies.Accept(offer_id=here.offer, start_on=START), here.handover)

    assert here.heard() == ["Offer", "Pack"]
    (released,) = (fact for fact in here.county.allocator.ledger() if fact.type.endswith("PackReleased"))
    assert released.data["fields"] == sorted(corrected["details"])


def test_ruling_88_a_person_is_handed_over_again_years_later(here: Crossing) -> None:
    """Support ended, and years later there is new need: another episode, another handover, another offer to whoever."""
    here.started()
    here.county.answer("oak", replies.EndSupport(handover_id=here.handover, on=START, reason="01"), here.handover)
    here.county.day("2014-06-02")
    again = an_id("episode ann again")
    on = {"episode_id": again, "on": "2014-06-02"}
    here.county.tell(
        "ReferralReceived", ANN, {**on, "team": "recovery-east", "source": "A1", "reason": "01", "priority": "1"}
    )
    here.county.tell("ReferralAccepted", ANN, on)
    here.county.tell("EnablementStarted", ANN, on)
    review = {"outcome": "LONG_TERM_SUPPORT", "weekly_minutes": 120, "needs": ["BASIC_SKILLS"], "risk": "LOW"}
    here.county.tell("ReviewHeld", ANN, {**on, **review})

    cases = sorted(here.county.allocator.book.handovers.values(), key=lambda case: case.order)
    assert [(case.state, case.ended) for case in cases] == [(State.COMPLETED, True), (State.OFFERED, False)]
    assert len({case.person_id for case in cases}) == 1
    assert here.heard() == ["Offer", "Pack", "COMPLETED", "Offer"]
