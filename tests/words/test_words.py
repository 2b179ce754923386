"""What is said: every word has a meaning, its codes have lists, and what is sealed has no place in clear."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from services.county.codes import CODES
from services.log.schemas import released, schema_of
from services.words.catalogue import EVERY_WORD, OUTCOME_WORDS, RECORDER_WORDS, TEAM_WORDS
from services.words.coded import coded_fields
from services.words.course import ReferralReceived, ReviewHeld
from services.words.people import Details, PersonRegistered, TeamWord
from services.words.refusals import PROBLEMS, SENTENCES, Refusal, sentence
from services.words.word import Word
from services.words.work import ContactRecorded
from tests.episodes.words_said import referred, reviewed

each_word = pytest.mark.parametrize("word", EVERY_WORD.values(), ids=EVERY_WORD.keys())
each_code = pytest.mark.parametrize("code", SENTENCES)


def concrete(word: type[Word]) -> set[type[Word]]:
    """The words under a word that have no words under them."""
    below = word.__subclasses__()
    return {word} if not below else set().union(*(concrete(inner) for inner in below))


@each_word
def test_every_word_has_a_meaning_of_one_line(word: type[Word]) -> None:
    """The first line says when in life the word is said; it is a whole sentence and becomes the schema's `doc`."""
    first, *rest = (word.__doc__ or "").strip().splitlines()
    assert first[0].isupper() or first[0] == "`"
    assert first.endswith((".", ";"))
    assert not rest or rest[0] == "", "what follows stands apart"
    assert 15 < len(first) <= 120
    assert released(word.TYPE)["doc"] == first


def test_every_meaning_is_another() -> None:
    """No two words of one ledger mean the same."""
    meanings = [(word.NAMESPACE, (word.__doc__ or "").splitlines()[0]) for word in EVERY_WORD.values()]
    assert len(set(meanings)) == len(meanings)


def test_no_word_is_left_out_of_the_catalogue() -> None:
    """Whatever is made as a word can be said."""
    own = {word for word in concrete(Word) if word.__module__.startswith("services.words.")}
    assert {word.TYPE for word in own} == set(EVERY_WORD)


@each_word
def test_a_word_s_full_name_is_its_type(word: type[Word]) -> None:
    """The full name stands in `ce_type` and names the schema; it bears its version."""
    assert EVERY_WORD[word.TYPE] is word
    assert re.fullmatch(r"kmpt\.(episodes|handover|sis|calendar|log|keys)\.v[0-9]+\.[A-Z][A-Za-z]+", word.TYPE)


def test_nobody_may_say_what_another_says() -> None:
    """A word is a team's, the recorder's or a door's, never of two of them."""
    assert not set(TEAM_WORDS) & set(RECORDER_WORDS)
    assert not set(TEAM_WORDS) & set(OUTCOME_WORDS)
    assert not set(RECORDER_WORDS) & set(OUTCOME_WORDS)
    assert {word.TYPE for word in concrete(TeamWord)} == set(TEAM_WORDS)


@each_word
def test_words_are_frozen_and_take_nothing_else(word: type[Word]) -> None:
    """What was said cannot be changed, and an unknown field is no part of it."""
    assert word.model_config.get("frozen") is True
    assert word.model_config.get("extra") == "forbid"
    assert word.model_config.get("strict") is True


@each_word
def test_every_coded_field_names_a_list(word: type[Word]) -> None:
    """A field that holds codes names a list that the county has, and teams come first (ruling 15)."""
    found = [coded.list_name for coded in coded_fields(word)]
    assert set(found) <= set(CODES)
    assert found == sorted(found, key=lambda name: name != "team")
    assert "reason" not in word.SEALED or "reason" not in {coded.field for coded in coded_fields(word)}


def test_every_code_list_is_used() -> None:
    """A list that no field names would be dead; only `team` and `district` are also places."""
    used = {coded.list_name for word in EVERY_WORD.values() for coded in coded_fields(word)}
    assert used == set(CODES)


def test_the_codes_of_a_word() -> None:
    """One code, a list of codes, and none where the field is absent."""
    first, *_ = coded_fields(ReferralReceived)
    assert (first.field, tuple(first.codes(referred("2012-10-01", team="cjld")))) == ("team", ("cjld",))
    fields = {coded.field: coded for coded in coded_fields(ContactRecorded)}
    assert set(fields) == {"place", "mechanism", "attendance", "activities"}
    assert fields["activities"].many
    assert not fields["place"].many
    review = reviewed("2012-10-01")
    assert [tuple(coded.codes(review)) for coded in coded_fields(ReviewHeld) if coded.field == "needs"] == [()]


@each_word
def test_what_is_sealed_has_no_place_in_the_schema(word: type[Word]) -> None:
    """Sealed fields are named in the schema's property, and are no field of it; what seals them is one field."""
    names = [field["name"] for field in released(word.TYPE)["fields"]]
    assert not set(names) & set(word.SEALED)
    assert released(word.TYPE).get("sealed", []) == list(word.SEALED)
    assert ("sealed" in names) == bool(word.SEALED)
    assert set(names) | set(word.SEALED) == set(word.model_fields)


@each_word
def test_what_is_filled_and_needed(word: type[Word]) -> None:
    """What must be there is sealed; what the host fills is optional, and the sealing is always filled."""
    assert set(word.NEEDS) <= set(word.SEALED) <= set(word.model_fields)
    assert not set(word.FILLED) & set(word.SEALED)
    assert set(word.FILLED) <= set(word.model_fields)
    assert all(not word.model_fields[name].is_required() for name in (*word.FILLED, *word.SEALED))
    assert ("sealed" in word.FILLED) == bool(word.SEALED)


@each_word
def test_an_identifier_stands_only_in_details(word: type[Word]) -> None:
    """No word has a field of its own for what names a person; a handover's words cannot even be given one (H4)."""
    assert not set(word.model_fields) & set(Details.model_fields)
    assert "nhs_number" not in repr(schema_of(word))


@each_word
def test_free_text_is_sealed(word: type[Word]) -> None:
    """Every reason that teams give in their own words is sealed (design section 6); a code is not."""
    if word.TYPE in TEAM_WORDS and "reason" in word.model_fields:
        assert ("reason" in word.SEALED) != ("reason" in {coded.field for coded in coded_fields(word)})


@each_code
def test_every_refusal_has_a_sentence(code: str) -> None:
    """A refusal is a whole sentence, also if an older record lacks one of its parameters."""
    text = sentence(code, {})
    assert text[0].isupper() or text.startswith("${")
    assert text.endswith(".")
    given = {name: f"<{name}>" for name in re.findall(r"\$\{(\w+)\}", SENTENCES[code])}
    assert "$" not in sentence(code, given)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_of_a_field_has_words(problem: str) -> None:
    """What is wrong with a field is said in words, with its limit where it has one."""
    text = sentence("INVALID_DATA", {"field": "minutes", "problem": problem, "limit": "1440"})
    assert text == text.strip()
    assert text.startswith("minutes ")
    assert problem not in text
    assert "$" not in text
    assert ("1440" in text) == ("limit" in PROBLEMS[problem])


def test_a_problem_that_nobody_knows() -> None:
    """A record of another release may name a problem that this one does not have."""
    assert sentence("INVALID_DATA", {"field": "minutes", "problem": "ODD"}) == "minutes is not as it should be."


def test_sentences_have_no_code_in_them() -> None:
    """Who reads a refusal does not need to know its code."""
    assert not [code for code in SENTENCES for other in SENTENCES if "_" in other and other in sentence(code, {})]


def test_a_refusal_has_no_parameters_of_its_own() -> None:
    """A code alone is a refusal."""
    assert Refusal("MISROUTED").parameters == {}


def test_details_are_part_of_registrations_alone() -> None:
    """Who a person is stands in a registration or its correction."""
    holders = {word.TYPE for word in EVERY_WORD.values() if "details" in word.model_fields}
    assert holders == {"kmpt.episodes.v1.PersonRegistered", "kmpt.episodes.v1.PersonDetailsCorrected"}
    assert Details in get_args(PersonRegistered.model_fields["details"].annotation)
