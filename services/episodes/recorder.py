"""The recorder: the episodes rules with their words, and what is asked of the vault round a decision.

Knows which hook an NHS number needs. Must never keep an opened field beyond its input.
"""

from __future__ import annotations

from collections.abc import Callable

from services.county.nhs_number import canonical, is_valid
from services.episodes.recording import INITIAL, County, decide, evolve
from services.log.keys import TurnKeys
from services.log.rules import Place, Rules
from services.vault.signing_keys import is_signed_by
from services.words.calendar import DayBegan
from services.words.catalogue import GUARD_WORDS, OUTCOME_WORDS, RECORDER_WORDS, TEAM_WORDS
from services.words.deciding import Decision, Input
from services.words.fields import is_uuid
from services.words.guarding import PersonErased, SignedWord, signed_content
from services.words.keeping import Redriven, RulesAdopted
from services.words.people import PersonDetailsCorrected, PersonRegistered
from services.words.release import RELEASE
from services.words.word import Word

SOURCE = "/kmpt/recorder"
DOORS = ("ticker", "stack", "redrive", "outcomes", "guardian")
"""Whose signatures the recorder knows."""
_NUMBERED = frozenset({PersonRegistered, PersonDetailsCorrected})
"""Words that hold an NHS number; every input comes by here, so its type is looked up, not tried."""


def recorder_rules(*, synthetic: bool) -> Rules[County]:
    """The recorder's rules; `synthetic`: only NHS numbers of the range 999 are taken, which is never issued."""
    return Rules(
        initial=INITIAL,
        decide=decide,
        evolve=evolve,
        words={
            **TEAM_WORDS,
            **OUTCOME_WORDS,
            **GUARD_WORDS,
            **{word.TYPE: word for word in (DayBegan, RulesAdopted, Redriven)},
        },
        own=RECORDER_WORDS,
        doors={
            DayBegan.TYPE: "ticker",
            RulesAdopted.TYPE: "stack",
            Redriven.TYPE: "redrive",
            **dict.fromkeys(OUTCOME_WORDS, "outcomes"),
            **dict.fromkeys(GUARD_WORDS, "guardian"),
        },
        source=SOURCE,
        releases=frozenset({RELEASE}),
        is_subject=is_uuid,
        prepare=_preparer(synthetic),
        complete=_claim,
        said_of_erased=frozenset({PersonErased.TYPE, *OUTCOME_WORDS}),
    )


def _preparer(synthetic: bool) -> Callable[[Input[Word], Place, TurnKeys], Input[Word]]:
    def prepare(told: Input[Word], place: Place, keys: TurnKeys) -> Input[Word]:
        """Ask whose the NHS number is, if one is given (ruling 1), and look whether a signature holds."""
        if isinstance(told.word, SignedWord):
            return told._replace(authentic=_is_authentic(told, told.word))
        if type(told.word) not in _NUMBERED:
            return told
        assert isinstance(told.word, PersonRegistered | PersonDetailsCorrected)
        assert told.word.details is not None
        number = canonical(told.word.details.nhs_number)
        if number is None or not is_valid(number, synthetic=synthetic):
            return told._replace(number="invalid")
        return told._replace(number=keys.holder(place.topic, place.partition, place.offset, number, told.subject))

    return prepare


def _is_authentic(told: Input[Word], word: SignedWord) -> bool:
    content = signed_content(word.TYPE, told.id, told.subject, word.model_dump())
    return is_signed_by(word.public_key, word.signature, content)


def _claim(told: Input[Word], decision: Decision, place: Place, keys: TurnKeys) -> Decision | None:
    """Claim the number of what is recorded; None if somebody was faster, so that it is decided again."""
    if told.number != "free" or not decision.facts:
        return decision
    assert isinstance(told.word, PersonRegistered | PersonDetailsCorrected)
    assert told.word.details is not None
    number = canonical(told.word.details.nhs_number)
    assert number is not None
    replaces = isinstance(told.word, PersonDetailsCorrected)
    claimed = keys.claim(place.topic, place.partition, place.offset, number, told.subject, told.id, replaces)
    return decision if claimed else None
