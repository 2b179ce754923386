"""Every reason for which an input is not recorded: its code, and the plain sentence that is made of it when read.

Knows codes, their order and their words. Must never be given a value that failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code with the names, limits and dates that its sentence needs."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)


SENTENCES: Mapping[str, str] = {
    "UNREADABLE": "The record cannot be read: ${problem}.",
    "MISROUTED": "The record's key is not its subject, or it lies in another partition than its key's.",
    "ID_REUSED": "The ${what} id was used before, with other content.",
    "UNKNOWN_TYPE": "This inbox takes no event of that type.",
    "NOT_YOURS": "Only ${who} may say this.",
    "INVALID_DATA": "${field} ${problem}.",
    "UNKNOWN_PERSON": "Nobody is registered under this id; register the person first.",
    "PERSON_ERASED": "The records of this person were erased; nothing more is recorded of them.",
    "DUPLICATE_PERSON": "This person, or somebody with this NHS number, is registered already.",
    "INVALID_NHS_NUMBER": "The NHS number is not a valid one.",
    "PERSON_DIED": "The person died on ${died_on}; nothing later is recorded.",
    "UNKNOWN_TEAM": "No team has this name.",
    "UNKNOWN_CODE": "${field} is not in the list of codes for ${list}.",
    "UNKNOWN_EPISODE": "This person has no episode with this id.",
    "UNKNOWN_CONTACT": "The episode has no contact with this id.",
    "EPISODE_EXISTS": "An episode with this id is recorded already.",
    "EPISODE_NOT_OPEN": "The episode is over since ${ended_on}; no further step is taken in it.",
    "WRONG_PHASE": "The episode is in phase ${phase}; this step has no place there.",
    "HANDOVER_OPEN": "A handover was asked for already; an episode asks once.",
    "STR_ALREADY_OPEN": "The person has an open STR episode; there is only one at a time.",
    "STR_BEFORE_2003": "There was no STR support before ${limit}.",
    "CSS_CLOSED": "Since ${limit} no further in-house long-term case is taken on.",
    "BEFORE_START": "The date lies before ${limit}, when this could first happen.",
    "AFTER_CAP": "The contact lies after ${limit}, the last permitted day of support.",
    "AFTER_END": "The date lies after ${limit}, the last day of the episode.",
    "IN_THE_FUTURE": "The date lies after ${limit}, the county's today.",
    "CANNOT_DECIDE": "The service could not decide this event; it was kept, and is decided again after a mend.",
    "UNKNOWN_PROVIDER": "No provider is registered under this id.",
    "UNKNOWN_CONTRACT": "No contract has this id.",
    "UNKNOWN_WAVE": "No wave has this id.",
    "UNKNOWN_HANDOVER": "No handover has this id.",
    "CONTRACT_EXISTS": "A contract with this id exists already; a contract is never changed.",
    "CONTRACT_NOT_ACTIVE": "The contract is not active on that day.",
    "OUT_OF_LOT": "A district lies outside the contract's lot, or the lot cannot be contracted.",
    "OVER_CONTRACT": "More minutes are declared than the contract has: ${limit} a week.",
    "NO_ROOM": "The contract has no room for these minutes.",
    "IN_THE_PAST": "The date is not after ${limit}, the county's today.",
    "WAVE_EXISTS": "A wave with this id exists already.",
    "WAVE_FROZEN": "The wave is frozen since ${limit}; nothing is added to it.",
    "WAVE_CLOSED": "The wave is closed.",
    "WAVE_NOT_STARTED": "The wave starts on ${limit}; it is not closed before.",
    "WRONG_STATE": "The handover is in state ${state}; this has no place there.",
    "FORGED": "The signature is not that of the key that it names.",
    "UNKNOWN_REQUEST": "Nothing was asked for, or is held, under this id for this person.",
    "SAME_PERSON": "Who has asked cannot approve; a second person has to.",
    "NOT_APPROVED": "No second person has approved this request.",
    "LEGAL_HOLD": "A legal hold lies on the records of this person; nothing of them is erased while it lasts.",
    "ERASURE_APPROVED": "An erasure of these records is approved; they can no longer be held.",
}
"""Code to sentence; the order of the first 26 is the order of ruling 8: where several apply, the first is given."""


PROBLEMS: Mapping[str, str] = {
    "MISSING": "is missing",
    "UNKNOWN_FIELD": "has a field that this type does not have",
    "FILLED_BY_HOST": "is filled by the service and never sent",
    "NOT_AN_OBJECT": "must be an object",
    "NOT_WHOLE": "must be a whole number",
    "TOO_SMALL": "must be at least ${limit}",
    "TOO_LARGE": "must be at most ${limit}",
    "NOT_TEXT": "must be text",
    "EMPTY": "must not be empty",
    "TOO_LONG": "is longer than ${limit}",
    "NOT_AN_ID": "must be a UUID in lower case",
    "NOT_A_LIST": "must be a list",
    "NOT_YES_OR_NO": "must be true or false",
    "NOT_A_DAY": "must be a day as YYYY-MM-DD, or an instant with seconds and offset",
    "NEEDLESSLY_SEALED": "were sealed as a whole without need, or a whole number was written as 30.0",
    "NOT_REFUSED": "names no refused event of this subject",
    "NOT_AS_IT_SHOULD_BE": "is not as it should be",
}
"""What can be wrong with a field, for INVALID_DATA."""


def sentence(code: str, parameters: Mapping[str, str]) -> str:
    """The refusal in plain words; a parameter that an older record lacks is left as its name."""
    shown = dict(parameters)
    if code == "INVALID_DATA" and "problem" in shown:
        shown["problem"] = Template(PROBLEMS.get(shown["problem"], "is not as it should be")).safe_substitute(
            parameters
        )
    return Template(SENTENCES[code]).safe_substitute(shown)
