"""The rule behind what an input comes to: by the type of a fact that rules draw, or by the code of a refusal.

Knows the numbers of the contract (S: an STR episode, H: a handover) and of its rulings. Must never decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from services.audit.outcomes import Outcome
from services.audit.recompute_words import Deed, deeds_of, first_other

FACTS: Mapping[str, str] = {
    "EnablementEnded": "S3, enablement ends the day after its last day",
    "ChargeablePeriodStarted": "S4, the first day that is charged",
    "CapApproaching": "S5, notice 28 days before the last permitted day",
    "CapReached": "S5, the last permitted day",
    "HandoverRequested": "S6, a review that agrees long-term support asks for a handover",
    "DossierChanged": "design 6, a correction goes to whoever holds a request",
    "HandoverRequestWithdrawn": "ruling 46, what withdraws a request",
    "SisSupportStarted": "H6, responsibility moves at the confirmed start",
    "SisSupportEnded": "ruling 87, how support by a provider ends",
    "HandoverOutcomeSetAside": "ruling 65, an outcome that the recorder cannot take",
    "HandoverReceived": "H7, a request is taken up",
    "HandoverNotPossible": "H9, no contract covers Medway",
    "HandoverWaiting": "ruling 76, why a case waits",
    "OfferMade": "H1 to H3, who is asked next, and only where there is room",
    "OfferAcknowledged": "H5, which replies are taken",
    "OfferDeclined": "H5, which replies are taken",
    "OfferAccepted": "H5, which replies are taken",
    "OfferLapsed": "H2, an offer lapses after its last day to respond",
    "OfferWithdrawn": "ruling 78, what takes an offer back",
    "PackReleased": "H5, an acceptance in time releases the pack once",
    "FirstVisitBooked": "ruling 84, a visit may be booked until the start",
    "StartConfirmed": "ruling 82, which day of start is taken",
    "StartFailed": "ruling 83, what makes a start fail",
    "HandoverCompleted": "H6, the person's ledger says that support began",
    "HandoverWithdrawn": "H6, the person's ledger says that it did not",
    "SupportEndReported": "ruling 84, which end of support is taken",
    "SupportEnded": "ruling 87, an end of support frees its minutes",
    "SupportToBeReplaced": "ruling 78, running support of an ended contract",
    "ChangeReported": "ruling 86, a report of a change changes nothing",
    "ReplySetAside": "ruling 68, replies that change nothing",
    "ForeignReplyNoted": "ruling 85, a reply about another's offer",
    "WaveStarted": "H7, a wave is offered from its day of start",
    "WaveFrozen": "ruling 89, a wave is frozen on its day",
}
"""By the name of a fact that rules draw."""
CODES: Mapping[str, str] = {
    "UNREADABLE": "ruling 14, what can be read",
    "MISROUTED": "design 4, an input lies where its key puts it",
    "ID_REUSED": "ruling 3, an id is taken once",
    "UNKNOWN_TYPE": "design 4, which inbox takes which type",
    "NOT_YOURS": "ruling 13, who may say what",
    "INVALID_DATA": "rulings 14 to 17, shape and range",
    "UNKNOWN_PERSON": "ruling 21, nothing before the registration",
    "PERSON_ERASED": "design 6, nothing more of somebody erased",
    "DUPLICATE_PERSON": "rulings 1 and 19, a number has one person",
    "INVALID_NHS_NUMBER": "ruling 18, which numbers are valid",
    "PERSON_DIED": "ruling 24, nothing after a death",
    "UNKNOWN_TEAM": "ruling 15, the list of teams",
    "UNKNOWN_CODE": "ruling 15, the lists of codes",
    "UNKNOWN_EPISODE": "ruling 10, episodes are judged within their person",
    "UNKNOWN_CONTACT": "ruling 11, a correction needs its contact",
    "EPISODE_EXISTS": "ruling 10, episodes are judged within their person",
    "EPISODE_NOT_OPEN": "rulings 26 and 27, no step after the end",
    "WRONG_PHASE": "ruling 28, which step has its place where",
    "HANDOVER_OPEN": "ruling 33, an episode asks for a handover once",
    "STR_ALREADY_OPEN": "S7, one open STR episode for each person",
    "STR_BEFORE_2003": "S7, no STR before 2003",
    "CSS_CLOSED": "S7, no new in-house long-term support",
    "BEFORE_START": "ruling 29, nothing before the start",
    "AFTER_CAP": "S5, no contact after the last permitted day",
    "AFTER_END": "ruling 26, no work after the end",
    "IN_THE_FUTURE": "rulings 22 and 23, no day that has not come",
    "CANNOT_DECIDE": "design 4, a rule that fails refuses",
    "UNKNOWN_PROVIDER": "design 8, only registered providers",
    "UNKNOWN_CONTRACT": "design 8, only known contracts",
    "UNKNOWN_WAVE": "design 8, only known waves",
    "UNKNOWN_HANDOVER": "design 8, only known handovers",
    "CONTRACT_EXISTS": "ruling 73, a contract is never changed",
    "CONTRACT_NOT_ACTIVE": "ruling 91, the contract is active on the day",
    "OUT_OF_LOT": "ruling 92, a contract stays in its lot",
    "OVER_CONTRACT": "ruling 72, no more is declared than contracted",
    "NO_ROOM": "H3, nothing is taken that is not there",
    "IN_THE_PAST": "ruling 89, a wave is planned ahead",
    "WAVE_EXISTS": "H7, a wave is planned once",
    "WAVE_FROZEN": "ruling 89, nothing is added to a frozen wave",
    "WAVE_CLOSED": "H7, a wave is closed once",
    "WAVE_NOT_STARTED": "ruling 90, a wave is closed after its start",
    "WRONG_STATE": "ruling 90, where a case stands",
    "FORGED": "decision 22, who asks and who approves sign",
    "UNKNOWN_REQUEST": "decision 22, an approval needs its request",
    "SAME_PERSON": "design 6, who asks does not approve",
    "NOT_APPROVED": "design 6, nothing is done that was not approved",
    "LEGAL_HOLD": "decision 24, a hold keeps records",
    "ERASURE_APPROVED": "decision 21, an approval is not called back",
}
"""By the code of a refusal."""


def rule_of(recorded: Outcome, decided: Outcome) -> str:
    """The rule by which two outcomes of one input differ, by the first deed that only one of them has."""
    before, after = deeds_of(recorded), deeds_of(decided)
    apart = [*_only(before, after), *_only(after, before)]
    if not apart and (same := first_other(recorded, decided)) is not None:
        apart = [same]
    known = [_RULES[deed] for deed in sorted(apart, key=lambda deed: not deed.is_refusal) if deed in _RULES]
    return known[0] if known else "how an admitted event is recorded"


_RULES = {
    **{Deed(name, False): rule for name, rule in FACTS.items()},
    **{Deed(code, True): rule for code, rule in CODES.items()},
}


def _only(some: Sequence[Deed], others: Sequence[Deed]) -> list[Deed]:
    return list((Counter(some) - Counter(others)).elements())
