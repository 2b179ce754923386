"""Second reading: what becomes of a case once somebody is asked (H5, H6, rulings 64, 71, 74, 83, 87, 94 and 95)."""

from __future__ import annotations

from datetime import date

from services.words import referred
from tests.second_reading.answered import AnyOf
from tests.second_reading.commissioned import ASKED, Case, Offer
from tests.second_reading.desk import Desk, of


def release_pack(desk: Desk, case: Case, offer: Offer) -> None:
    """H5, ruling 71: the pack, made of the newest papers; again on the commissioner's word alone."""
    offer.packs += 1
    desk.say("PackReleased", case, **of(offer), issue=offer.packs)
    about = {"offer_id": offer.id, "issue": offer.packs, "start_on": offer.start_on, "papers": case.papers}
    needed = {"weekly_minutes": case.minutes, "needs": case.needs, "risk": case.risk}
    desk.tell(offer.provider_id, "Pack" if offer.packs == 1 else "PackReissued", case, **about, **needed)


def confirm(desk: Desk, case: Case, on: date) -> None:
    """The start goes to the person's ledger, re-contracted or not (ruling 94)."""
    who = {"person_id": case.person_id, "episode_id": case.episode_id, "provider_id": desk.provider_of(case)}
    what = {"contract_id": case.holder, "weekly_minutes": case.minutes, "cause": case.cause}
    desk.say("StartConfirmed", case, **who, **what, on=on)


def complete(desk: Desk, case: Case, word: referred.SisSupportStarted) -> None:
    """The person's ledger says so too."""
    if case.state == "STARTED":
        case.state, provider_id = "COMPLETED", desk.provider_of(case) or ""
        about = {"provider_id": provider_id, "sis_episode_id": word.sis_episode_id, "on": word.on}
        desk.say("HandoverCompleted", case, **about)
        tell_closed(desk, case, provider_id, "COMPLETED", "PLACED")


def end(desk: Desk, case: Case, word: referred.SisSupportEnded) -> None:
    """Minutes of support that has ended are free, which is a raise (rulings 62 and 87)."""
    about = {"provider_id": desk.provider_of(case), "contract_id": case.holder}
    desk.say("SupportEnded", case, **about, on=word.on, reason=word.reason)
    desk.contracts[case.holder or ""].raised = desk.time
    case.state, case.holder = "ENDED", None


def let_go(desk: Desk, case: Case, offer: Offer, end: str, *, in_vain: bool) -> None:
    """Minutes are free, and somebody else is to be asked; a withdrawn offer counts as not made (ruling 74)."""
    offer.end, case.holder, case.state, case.why = end, None, "WAITING", ""
    if in_vain:
        case.refused[offer.provider_id] = desk.time


def fail(desk: Desk, case: Case, offer: Offer, why: str | AnyOf) -> None:
    """A start that comes to nothing counts as asked, and the provider hears so (rulings 83 and 95)."""
    desk.say("StartFailed", case, **of(offer), why=why)
    desk.tell(offer.provider_id, "HandoverClosed", case, outcome="START_FAILED")
    let_go(desk, case, offer, "FAILED", in_vain=True)


def take_back(desk: Desk, case: Case, offer: Offer, why: str) -> None:
    """An open offer is withdrawn."""
    desk.say("OfferWithdrawn", case, **of(offer), why=why)
    desk.tell(offer.provider_id, "OfferWithdrawn", case, offer_id=offer.id)
    let_go(desk, case, offer, "WITHDRAWN", in_vain=False)


def withdraw(desk: Desk, case: Case, why: str, unless: tuple[str, ...] = ()) -> None:
    """The handover is no more, whoever was asked or has it (rulings 64 and 65)."""
    if case.state in unless:
        return
    has_it = desk.provider_of(case) if case.state not in ASKED else None
    if case.state in ASKED and case.offer:
        take_back(desk, case, case.offer, "WITHDRAWN")
    if case.offer:
        case.offer.end = "WITHDRAWN"
    case.state, case.holder = "WITHDRAWN", None
    desk.say("HandoverWithdrawn", case, why=why)
    tell_closed(desk, case, has_it, "WITHDRAWN", "WITHDRAWN")


def tell_closed(desk: Desk, case: Case, has_it: str | None, outcome: str, others: str) -> None:
    """Ruling 95: whoever has it hears how it went, and so do those who declined, lapsed or failed."""
    if has_it and desk.providers[has_it].connected:
        desk.tell(has_it, "HandoverClosed", case, outcome=outcome)
    for provider_id in case.refused:
        # the page does not say what one hears who declined, was asked again and has it: it hears how it went
        if provider_id != has_it:
            desk.tell(provider_id, "HandoverClosed", case, outcome=others)
