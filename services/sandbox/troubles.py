"""How each of the twelve troubles is made, and how it is seen whether a program bears it.

Each ends with an ordinary offer: a program that takes that one has come past the trouble. Knows what is right to say.
Must never know how the program is connected, nor what its owner is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.handover.handover import State
from services.sandbox import strange
from services.sandbox.script import LOT, registration, support_started
from services.sandbox.script import withdrawal as withdrawn
from services.sandbox.trial import Case, Trial, accepted, another_key, of_case, steps
from services.words import commissioning, replies

STOPPED = "after it, an ordinary offer was not accepted"
DEAF = "it did not accept the offer"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a behaviour, in one sentence without a full stop."""

    passed: bool
    words: str


def good(words: str) -> Seen:
    """It was borne."""
    return Seen(True, words)


def bad(words: str) -> Seen:
    """It was not."""
    return Seen(False, words)


async def late_offer(trial: Trial) -> Seen:
    """The offer lapses while the acceptance is on its way."""
    case = await trial.offer()
    if not await trial.accepts(case):
        return bad(DEAF)
    await trial.trust.day(trial.today)
    return await _nothing_came_of_it(trial, case, "the offer lapsed before its acceptance arrived")


async def withdrawal(trial: Trial) -> Seen:
    """The offer is withdrawn while the acceptance is on its way."""
    case = await trial.offer()
    if not await trial.accepts(case):
        return bad(DEAF)
    await trial.trust.say((withdrawn(trial.trust.book.handovers[case.handover_id], trial.today), LOT))
    return await _nothing_came_of_it(trial, case, "the offer was withdrawn before its acceptance arrived")


async def repeat(trial: Trial) -> Seen:
    """The same message comes a second time, under the same id."""
    case = await trial.offer()
    if not await trial.accepts(case):
        return bad(DEAF)
    await strange.repeat(trial, case.message_id)
    if not await trial.lives():
        return bad(STOPPED)
    ids = len(accepted(await trial.trust.heard(), case))
    return good("the repeat was known") if ids == 1 else bad(f"one offer was accepted under {ids} different ids")


async def restart(trial: Trial) -> Seen:
    """The program dies, an offer comes meanwhile; started again it dies once more after it has accepted."""
    await trial.lives()
    trial.program.kill()
    case = await trial.offer()
    trial.program.again()
    if not await trial.accepts(case):
        return bad("started again, it did not answer what had come meanwhile")
    trial.program.kill()
    await trial.trust.carry()
    trial.program.again()
    if not await trial.flows(lambda said: steps(said, case) > 0):
        return bad("killed after its acceptance and started again, it did not go on with the pack")
    ids = len(accepted(await trial.trust.heard(), case))
    return good("it went on where it stopped") if ids == 1 else bad(f"one offer was accepted under {ids} different ids")


async def unknown_fields(trial: Trial) -> Seen:
    """An offer has a field that the program's schema does not have yet."""
    case = await strange.newer_offer(trial)
    if not await trial.accepts(case):
        return bad("an offer with one field more was not answered")
    return good("the offer was read without the field") if await trial.lives() else bad(STOPPED)


async def unknown_type(trial: Trial) -> Seen:
    """A message has a type that nobody has heard of."""
    await strange.unknown_message(trial)
    return good("the message was passed over") if await trial.lives() else bad(STOPPED)


async def sealed_to_another(trial: Trial) -> Seen:
    """A pack comes that the provider's key does not open."""
    case = await _pack_that_does_not_open(trial)
    if case is None:
        return bad(DEAF)
    if not await trial.lives():
        return bad(STOPPED)
    if steps(await trial.trust.heard(), case):
        return bad("a visit or a start was said of somebody whose pack it could not open")
    return good("nothing was said of somebody who could not be known")


async def key_changed(trial: Trial) -> Seen:
    """The provider's key is changed, and the packs are sealed to it and sent again."""
    case = await _pack_that_does_not_open(trial)
    if case is None:
        return bad(DEAF)
    if not await trial.lives():
        return bad(STOPPED)
    before = steps(await trial.trust.heard(), case)
    await trial.change_key(trial.public_key, reissue=True)
    if not await trial.flows(lambda said: steps(said, case) > before):
        return bad("a pack that was sent again, sealed to the right key, led to no visit")
    return good("the pack that was sent again was opened")


async def two_at_once(trial: Trial) -> Seen:
    """Two offers appear in the same moment."""
    first, second = await trial.offers(2)
    if not await trial.hears(lambda said: bool(accepted(said, first)) and bool(accepted(said, second))):
        said = await trial.trust.heard()
        return bad(f"of two offers at once {bool(accepted(said, first)) + bool(accepted(said, second))} was answered")
    return good("both were accepted, each by its own id") if await trial.lives() else bad(STOPPED)


async def not_taken(trial: Trial) -> Seen:
    """The acceptance is not taken, because the security toolkit has run out."""
    case = await trial.offer()
    if not await trial.accepts(case):
        return bad(DEAF)
    yesterday, later = trial.today - timedelta(days=1), trial.today + timedelta(days=365)
    provider_id = trial.trust.provider_id
    await trial.trust.say((registration(provider_id, trial.public_key, yesterday), provider_id))
    await trial.trust.carry()
    await trial.trust.say((registration(provider_id, trial.public_key, later), provider_id))
    if not await trial.lives():
        return bad(STOPPED)
    if await _went_on(trial, case):
        return bad("it went on as if its acceptance had been taken")
    return good("it waited for a pack that never came")


async def suspension(trial: Trial) -> Seen:
    """The provider is suspended with one case accepted and one asked, and resumed."""
    mine = await trial.offer()
    if not await trial.flows(lambda said: steps(said, mine) > 0):
        return bad("it did not accept the offer and book the first visit")
    asked = await trial.offer()
    if not await trial.accepts(asked):
        return bad(DEAF)
    provider_id = trial.trust.provider_id
    await trial.trust.say((commissioning.ProviderSuspended(provider_id=provider_id), provider_id))
    await trial.trust.carry()
    await trial.trust.say((commissioning.ProviderResumed(provider_id=provider_id), provider_id))
    if not await trial.lives():
        return bad("resumed, it did not accept an offer")
    if await _went_on(trial, mine) or await _went_on(trial, asked):
        return bad("it went on with a case that the suspension had closed")
    return good("what the suspension closed was left alone, and the next offer taken")


async def end_of_support(trial: Trial) -> Seen:
    """Support begins today, and ends."""
    case = await trial.offer(soon=True)
    if not await trial.flows(lambda said: bool(of_case(said, case, replies.ConfirmStart))):
        return bad("the start was not confirmed, though support was wanted from today")
    handover = trial.trust.book.handovers[case.handover_id]
    if handover.state is not State.STARTED:
        return bad("the start was confirmed for a day on which it could not be")
    await trial.trust.say((support_started(handover), LOT))
    if not await trial.flows(lambda said: bool(of_case(said, case, replies.EndSupport))):
        return bad("support began, and its end was never said")
    if not trial.trust.book.handovers[case.handover_id].end_reported:
        return bad("the end was said of a day on which it could not be")
    return good("the start was confirmed and the end said, each once it was so")


async def _nothing_came_of_it(trial: Trial, case: Case, what: str) -> Seen:
    await trial.trust.carry()
    if not await trial.lives():
        return bad(STOPPED)
    if await _went_on(trial, case):
        return bad(f"{what}, and it went on as if the case were its own")
    ids = len(accepted(await trial.trust.heard(), case))
    return good(f"{what}, and it let the case go") if ids == 1 else bad(f"{what}, and it was accepted {ids} times")


async def _went_on(trial: Trial, case: Case) -> bool:
    """Whether a visit or a start was said of a case that was not, or no longer, the program's."""
    last_steps = {replies.BookFirstVisit.__name__, replies.ConfirmStart.__name__}
    return any(word.reply in last_steps for word in await trial.not_taken(case))


async def _pack_that_does_not_open(trial: Trial) -> Case | None:
    await trial.change_key(another_key(), reissue=False)
    case = await trial.offer()
    return case if await trial.flows(lambda said: bool(accepted(said, case))) else None
