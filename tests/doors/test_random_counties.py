"""Random counties whose recorders, allocator and doors die at any step: nothing is lost, doubled or told to the wrong.

Requests are made by reviews; long-term cases from before the county's first contracts move in waves.

SIS_COUNTIES says how many.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.doors.door import Door, Translation
from services.doors.running import TRANSLATIONS
from services.handover import waves
from services.handover.handover import OPEN_OFFER, TO_START, Handover, State
from services.handover.ids import handover_id_of
from services.handover.wave import Wave, closing
from services.log.memory_turns import Crash, CrashAt, Step
from services.vault.key_files import door_key
from services.words import course, messages, recorded, replies
from services.words.catalogue import EVERY_WORD
from services.words.commissioning import WaveClosed
from services.words.replies import Reply
from services.words.word import Word
from tests.doors.mishaps import DiesWhenStoring
from tests.doors.whole_county import WholeCounty
from tests.handover.auditor import Auditor, Broken, Check, gist
from tests.memory_handover import an_id

T = TypeVar("T")
PEOPLE = {an_id(f"person {number}"): f"99900{number}" for number in range(4)}
LEGACY = {an_id(f"legacy {number}"): f"99901{number}" for number in range(4)}
"""Who was supported in house for long when the contracts began."""
PROVIDERS = ("oak", "ash")
EAST = "EAST_KENT"
DETAILS = {
    "family_name": "Relf",
    "given_names": "Sheila",
    "birth_date": "1973-06-05",
    "address_lines": ["79 Hop Row", "Dover"],
    "postcode": "CT17 9ZZ",
    "gp_practice": "Synthetic Practice 30",
}
MARKS = (b"Relf", b"Sheila", b"Hop Row", b"1973-06-05", b"CT17")
"""What would name somebody, were it anywhere in the log."""
BEFORE, FIRST = date(2012, 9, 28), date(2012, 10, 1)
"""The last day on which a long-term case could be found in house, and the first of the contracts."""

anybody = st.sampled_from(sorted(PEOPLE))
whoever = st.sampled_from(sorted({**PEOPLE, **LEGACY}))
any_case = st.integers(0, 5)


class Counties(RuleBasedStateMachine):
    """A county, told things in any order, of which any part may be behind or dead."""

    def __init__(self) -> None:
        super().__init__()
        shared = Path("/dev/shm")  # noqa: S108  # a fresh folder in it, removed at the end
        self._place = tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None)
        self.county = WholeCounty(Path(self._place.name))
        self.today = FIRST
        self.auditor = Auditor()
        self.due: list[tuple[str, str, str]] = []
        self._heard_up_to = 0
        self._asked: set[str] = set()
        self.county.day(BEFORE.isoformat())
        for person in sorted(LEGACY):
            self.found_in_house(person)
        self.county.day(FIRST.isoformat())
        for provider_id in PROVIDERS:
            self.county.register(provider_id, f"c-{provider_id}")
        self.plans(0, freeze=1, more=1)
        for case in (0, 1, 2):
            self.adds(case, 0)
        for person in sorted(PEOPLE)[:2]:
            self.asks(person)

    @initialize(far=st.integers(0, 3))
    def goes_on(self, far: int) -> None:
        """Everybody is asked for; or a wave has begun; or providers have accepted; or they support people."""
        if far:
            self.days_pass(2)
        for _ in range(far - 1):
            for known in self._handovers():
                if known.offer is not None:
                    self.county.send_answer(known.offer.provider_id, self._reply(known, refuses=False), known.id)
            self.county.rest()

    # What is said

    @rule(person=anybody)
    def team_asks(self, person: str) -> None:
        """A team registers somebody and sees that they need long-term support."""
        if person not in self._asked:
            self.asks(person)

    def asks(self, person: str) -> None:
        """All that leads to a request for a handover, not yet read by anybody."""
        self._registered(person)
        on = {"episode_id": an_id(f"episode {person}"), "on": self.today.isoformat()}
        referral = {"team": "recovery-east", "source": "A1", "reason": "01", "priority": "1"}
        self.county.send("ReferralReceived", person, {**on, **referral})
        self.county.send("ReferralAccepted", person, on)
        self.county.send("EnablementStarted", person, on)
        review = {"outcome": "LONG_TERM_SUPPORT", "weekly_minutes": 3000, "needs": ["BASIC_SKILLS"], "risk": "LOW"}
        self.county.send("ReviewHeld", person, {**on, **review})

    def found_in_house(self, person: str) -> None:
        """A team registers somebody whom it has long supported, and says so while that is still admitted."""
        self._registered(person)
        case = {"episode_id": an_id(f"episode {person}"), "team": "recovery-east", "since": "2010-03-01"}
        needs = {"weekly_minutes": 3000, "needs": ["BASIC_SKILLS"], "risk": "LOW"}
        self.county.send("LegacyCssCaseIdentified", person, {**case, **needs})

    def _registered(self, person: str) -> None:
        self._asked.add(person)
        details = {**DETAILS, "nhs_number": _nhs_number({**PEOPLE, **LEGACY}[person])}
        self.county.send("PersonRegistered", person, {"district": "dover", "details": details})

    @rule(person=whoever, dies=st.booleans(), now=st.sampled_from((False, False, True)))
    def team_ends(self, person: str, dies: bool, now: bool) -> None:
        """A team says that somebody has died, or that their episode is over; which is seldom."""
        if not now or person not in self._asked:
            return
        on = {"on": self.today.isoformat()}
        if dies:
            self.county.send("PersonDied", person, on)
        else:
            self.county.send("EpisodeEnded", person, {"episode_id": an_id(f"episode {person}"), **on, "reason": "02"})

    # Waves

    @rule(what=st.sampled_from(("plan", "add", "defer", "close")), which=st.integers(0, 11), days=st.integers(-1, 3))
    def commissioner_says(self, what: str, which: int, days: int) -> None:
        """A wave is planned, added to, deferred from or closed; not always as it may be."""
        match what:
            case "plan":
                self.plans(which % 3, freeze=which % 4, more=days)
            case "add":
                self.adds(which, which % 3)
            case "defer":
                self.defers(which)
            case _:
                self.closes(which)

    def plans(self, number: int, freeze: int, more: int) -> None:
        """Planned twice, frozen too soon or begun before its freeze it is refused."""
        freeze_on = self.today + timedelta(days=freeze)
        days = {"freeze_on": freeze_on.isoformat(), "start_on": (freeze_on + timedelta(days=more)).isoformat()}
        self.county.send_commission("WavePlanned", EAST, {"wave_id": f"w{number}", "lot": EAST, **days})

    def adds(self, case: int, number: int) -> None:
        """Frozen waves, and cases that are under way, refuse it."""
        person = sorted(LEGACY)[case % len(LEGACY)]
        added = {"wave_id": f"w{number}", "handover_id": handover_id_of(an_id(f"episode {person}"))}
        self.county.send_commission("CaseAddedToWave", EAST, added)

    def defers(self, case: int) -> None:
        """Before the freeze or after; mostly one that nobody is asked for."""
        found = [known for known in self._handovers() if known.wave_id is not None]
        fit = [known for known in found if known.state in (State.IN_WAVE, State.WAITING)]
        for known in _one_of(fit, found, case):
            deferred = {"wave_id": known.wave_id, "handover_id": known.id, "reason": "in hospital"}
            self.county.send_commission("CaseDeferred", EAST, deferred)

    def closes(self, number: int) -> None:
        """Mostly one that has begun; any other refuses it."""
        found = [wave for _, wave in sorted(self.county.allocator.book.waves.items())]
        for wave in _one_of([wave for wave in found if wave.started and not wave.closed], found, number):
            self.county.send_commission("WaveClosed", EAST, {"wave_id": wave.id})

    # The days and the providers

    @rule(days=st.sampled_from((1, 1, 3, 8)))
    def days_pass(self, days: int) -> None:
        """Some days later, on both sides, once all is read."""
        self.today += timedelta(days=days)
        self.county.day(self.today.isoformat())

    @rule(case=any_case, refuses=st.sampled_from((False, False, True)), settled=st.booleans())
    def provider_says(self, case: int, refuses: bool, settled: bool) -> None:
        """Whoever has a case goes on with it or does not; `settled` when it has heard all that there is."""
        if settled:
            self.county.rest()
        found = [known for known in self._handovers() if known.offer is not None and known.state is not State.WITHDRAWN]
        if found:
            known = found[case % len(found)]
            assert known.offer is not None
            self.county.send_answer(known.offer.provider_id, self._reply(known, refuses=refuses), known.id)

    @rule(case=any_case, provider_id=st.sampled_from(PROVIDERS), refuses=st.booleans())
    def anybody_says(self, case: int, provider_id: str, refuses: bool) -> None:
        """Somebody, it may be the wrong one, says what whoever has the case would say."""
        found = [known for known in self._handovers() if known.offer is not None]
        if found:
            known = found[case % len(found)]
            self.county.send_answer(provider_id, self._reply(known, refuses=refuses), known.id)

    def _reply(self, known: Handover, *, refuses: bool) -> Reply:
        assert known.offer is not None
        if known.state in OPEN_OFFER:
            accept = replies.Accept(offer_id=known.offer.id, start_on=self.today + timedelta(days=1))
            return replies.Decline(offer_id=known.offer.id, reason="OTHER") if refuses else accept
        if known.state in TO_START:
            start = replies.ConfirmStart(handover_id=known.id, on=self.today)
            return replies.ReportStartFailure(handover_id=known.id, reason="OTHER") if refuses else start
        return replies.EndSupport(handover_id=known.id, on=self.today, reason="01")

    # Who works, and who dies

    @rule(who=st.integers(0, 20))
    def one_works(self, who: int) -> None:
        """One engine or door takes one step, and all others stay behind."""
        steps = self.county.steps()
        asyncio.run(_awaited(steps[who % len(steps)]()))

    @rule()
    def all_work(self) -> None:
        """Everybody works until nothing is left to do."""
        self.county.rest()

    @rule(step=st.sampled_from(Step), drafts=st.integers(0, 3))
    def allocator_dies(self, step: Step, drafts: int) -> None:
        """The allocator dies inside its next turn, and is started again."""
        allocator = self.county.allocator
        allocator.start(CrashAt(1, step, drafts))
        _until_it_dies(allocator.settle)
        allocator.start()

    @rule(step=st.sampled_from(Step), drafts=st.integers(0, 3))
    def recorders_die(self, step: Step, drafts: int) -> None:
        """The recorders die inside their next turns, and are started again."""
        recorders = self.county.county
        recorders.start(CrashAt(1, step, drafts))
        _until_it_dies(recorders.settle)
        recorders.start()

    @rule(name=st.sampled_from(sorted(TRANSLATIONS)))
    def door_dies(self, name: str) -> None:
        """A door dies after it has spoken and before it has noted so, and says it all again."""
        key = door_key(self.county.county.folder, name)
        dying = Door(TRANSLATIONS[name], DiesWhenStoring(self.county.log), key, lambda _: None)
        asyncio.run(dying.start())
        _until_it_dies(lambda: asyncio.run(dying.step(wait=0)))
        self.county.doors[name] = self.county._door(name)

    # What must hold

    @invariant()
    def the_handover_ledger_is_sound(self) -> None:
        """The auditor reads what is new: capacity, single offers, deadlines, whose answer it was, how waves close.

        Wherever the ledger ends, every wave that is not closed would close with the auditor's own counts (H7, ruling
        70), and of each contract as many minutes are taken as it counts.
        """
        ledger = self.county.allocator.ledger()
        for fact in ledger[self._heard_up_to :]:
            self.due += self.auditor.recorded(fact.word(), fact.subject)
        self._heard_up_to = len(ledger)
        self.auditor.compare(self.county.allocator.book)

    @invariant()
    def one_organisation_is_accountable(self) -> None:
        """Ruling 63: on each day of a line of support one organisation, never none between the trust and a provider."""
        for words in _lines(fact.word() for fact in self.county.county.ledger()).values():
            started = [word for word in words if isinstance(word, recorded.SisSupportStarted)]
            ended = [word for word in words if isinstance(word, course.EpisodeEnded)]
            assert len(started) <= 1
            assert len(ended) <= 1
            if started:
                assert ended
                assert ended[0].on + timedelta(days=1) == started[0].on

    @invariant()
    def packs_went_to_whoever_accepted(self) -> None:
        """Identity is nowhere in the clear, and sealed only for who accepted that offer (H4, H5)."""
        accepted = {
            (fact.data["provider_id"], fact.data["offer_id"])
            for fact in self.county.allocator.ledger()
            if fact.type.endswith(".OfferAccepted")
        }
        for provider_id, name, data in self._told():
            if name == "Pack":
                assert (provider_id, data["offer_id"]) in accepted
            assert not any(mark in repr(data).encode() for mark in MARKS)

    def teardown(self) -> None:
        """At rest both ledgers agree, everybody has heard what concerns them once, and a restart says nothing."""
        try:
            self.county.rest()
            self.the_handover_ledger_is_sound()
            self.one_organisation_is_accountable()
            self.both_ledgers_agree()
            self._everybody_has_heard()
            self._a_restart_says_nothing()
        finally:
            self.end()

    def end(self) -> None:
        """Its vault is closed and its folder removed."""
        self.county.county.vault.close()
        self._place.cleanup()

    def both_ledgers_agree(self) -> None:
        """Supported, as one ledger says, is who is supported as the other says."""
        words = [fact.word() for fact in self.county.county.ledger()]
        ended = {word.handover_id for word in words if isinstance(word, recorded.SisSupportEnded)}
        supported = {word.handover_id for word in words if isinstance(word, recorded.SisSupportStarted)} - ended
        assert supported == {known.id for known in self._handovers() if known.is_running}
        assert not any(known.state is State.STARTED for known in self._handovers())
        asked_for = {word.handover_id for word in words if isinstance(word, recorded.HandoverRequested)}
        assert asked_for == {known.id for known in self._handovers()}

    def _everybody_has_heard(self) -> None:
        heard = [
            (provider_id, *gist(EVERY_WORD[f"kmpt.sis.v1.{name}"].model_validate(data)))
            for provider_id, name, data in self._told()
            if name != messages.Pack.__name__
        ]
        assert sorted(heard) == sorted(self.due)

    def _a_restart_says_nothing(self) -> None:
        def everything() -> tuple[Any, ...]:
            return self.county.county.raw(), self.county.allocator.raw(), list(self._told())

        before = everything()
        self.county.county.start()
        self.county.allocator.start()
        self.county.forget_positions()
        self.county.rest()
        assert everything() == before

    def _told(self) -> Iterable[tuple[str, str, dict[str, Any]]]:
        for provider_id in PROVIDERS:
            yield from ((provider_id, name, data) for name, data in self.county.allocator.inbox_of(provider_id))

    def _handovers(self) -> list[Handover]:
        return sorted(self.county.allocator.book.handovers.values(), key=lambda known: known.order)


def _lines(words: Iterable[Word]) -> dict[str, list[Word]]:
    """Facts by line of support: an in-house episode and the SIS that follows it."""
    lines: dict[str, list[Word]] = {}
    for word in words:
        if isinstance(word, recorded.SisSupportStarted):
            lines.setdefault(word.handover_id, []).append(word)
        elif isinstance(word, course.EpisodeEnded):
            lines.setdefault(handover_id_of(word.episode_id), []).append(word)
    return lines


def _one_of(fit: Sequence[T], found: Sequence[T], which: int) -> Sequence[T]:
    """One of those for whom it is right, or, seldom, of all that there are; none if there is none."""
    choice = fit if which % 4 and fit else found
    return choice[which % len(choice) :][:1] if choice else ()


def _nhs_number(first: str) -> str:
    """A synthetic number with its check digit; the few that have none are passed over."""
    for more in range(1000):
        nine = f"{first}{more:03}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
        if check != 10:  # modulus 11 leaves ten without a digit
            return nine + str(check % 11)
    raise AssertionError(first)


async def _awaited(step: Any) -> int:
    return int(await step)


def _until_it_dies(work: Any) -> None:
    try:
        work()
    except Crash:
        return


def road(county: Counties) -> None:
    """Everybody asked accepts and, a day later, starts."""
    for case in (0, 1):
        county.provider_says(case, refuses=False, settled=True)
    county.days_pass(1)
    for case in (0, 1):
        county.provider_says(case, refuses=False, settled=True)
    county.county.rest()


def test_an_outcome_that_is_not_told_back_is_noticed() -> None:
    """With an outcomes door that says nothing the ledgers part, and that is seen once all is at rest."""
    sound, broken = Counties(), Counties()
    silent = Translation("outcomes", lambda _: [])
    key = door_key(broken.county.county.folder, "outcomes")
    broken.county.doors["outcomes"] = Door(silent, broken.county.log, key, lambda _: None)
    asyncio.run(broken.county.doors["outcomes"].start())
    try:
        road(sound)
        road(broken)

        sound.both_ledgers_agree()
        with pytest.raises(AssertionError):
            broken.both_ledgers_agree()
    finally:
        sound.end()
        broken.end()


def test_a_wave_that_is_closed_with_a_count_too_few_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is left out of a wave's counts, the auditor has counted (ruling 70); closed as it is, it agrees."""

    def short(wave: Wave, handovers: Mapping[str, Handover]) -> WaveClosed:
        said = closing(wave, handovers)
        return said.model_copy(update={"waiting": (said.waiting or 1) - 1})

    sound, broken = Counties(), Counties()
    try:
        for county in (sound, broken):
            county.days_pass(2)
            county.closes(1)
        sound.county.rest()
        monkeypatch.setattr(waves, "closing", short)
        broken.county.rest()

        sound.the_handover_ledger_is_sound()
        with pytest.raises(Broken, match=Check.BALANCE):
            broken.the_handover_ledger_is_sound()
    finally:
        sound.end()
        broken.end()


TestCounties = pytest.mark.timeout(0)(Counties.TestCase)  # as long as the counties asked for take
TestCounties.settings = settings(
    max_examples=int(os.environ.get("SIS_COUNTIES", "8")), stateful_step_count=40, deadline=None
)
