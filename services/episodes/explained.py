"""Why each date of a row falls where it does, in plain words with the numbers (S1, S2, S4, S9).

Knows the rules of the clock and what is shown. Must never know where it is kept.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from services.county.policy import policy_on
from services.episodes.caseload_row import charged_from, counted_to
from services.episodes.shown import EpisodeShown
from services.episodes.str_clock import cap_on, free_until
from services.words.sentences import day_in_words


def why(episode: EpisodeShown, today: date) -> dict[str, str]:
    """One sentence for each date that a row has or lacks, by its field's name; empty for an episode without a clock."""
    if episode.s is None or episode.started_on is None:
        return {}
    return {
        "started_on": _start(episode, episode.started_on, episode.s),
        "free_until": _free(episode.s),
        "chargeable_from": _charge(episode),
        "cap_on": _cap(episode.s),
        "day": _count(episode, today),
    }


def _start(episode: EpisodeShown, began: date, s: date) -> str:
    begun = f"Support began on {day_in_words(began)}"
    if episode.gap is None:
        return f"{begun}, which is day 1 of the clock."
    limit = policy_on(began).same_clock_gap_days
    if episode.continued:
        return (
            f"{begun}, {episode.gap} days after the last day of the episode before; up to {limit} days that clock goes "
            f"on, so day 1 is {day_in_words(s)} (S9)."
        )
    return (
        f"{begun}, {episode.gap} days after the last day of the episode before; beyond {limit} days a new clock "
        "begins, so this is day 1, flagged for review (S9)."
    )


def _free(s: date) -> str:
    days = policy_on(s).enablement_days
    return (
        f"Day 1 is {day_in_words(s)}; {days} days with it are free of charge, the last is s + {days - 1} = "
        f"{day_in_words(free_until(s))}, and no hold stops them (S1)."
    )


def _cap(s: date) -> str:
    last, months = cap_on(s), policy_on(s).cap_months
    if s.day > monthrange(last.year, last.month)[1]:
        rule = f"that month has no day {s.day}, so its last day"
    else:
        rule = f"the day before the same day of the month {months} months later"
    return f"{months} calendar months from {day_in_words(s)}: {rule}, {day_in_words(last)} (S2)."


def _charge(episode: EpisodeShown) -> str:
    first, last_free = charged_from(episode), episode.enablement_last_day
    if first and last_free and episode.agreed_on:
        return (
            f"The later of the day after enablement's last day ({day_in_words(last_free)}) and the day of the review "
            f"that agreed further support ({day_in_words(episode.agreed_on)}): {day_in_words(first)} (S4)."
        )
    return f"Nothing is chargeable: {_not_charged(episode)} (S4)."


def _not_charged(episode: EpisodeShown) -> str:
    if episode.chargeable_from is not None:
        return f"the episode ended before {day_in_words(episode.chargeable_from)}, when it would have begun"
    if episode.enablement_last_day is None:
        return "enablement had not ended" if episode.ended_on else "enablement has not ended, and nothing is forecast"
    if episode.reviewed_on is None:
        return "no review has agreed further support"
    if episode.outcome == "GOALS_MET":
        return f"the review of {day_in_words(episode.reviewed_on)} says that the goals are met"
    return (
        f"the review of {day_in_words(episode.reviewed_on)} gives no day that has come and lies within the six months"
    )


def _count(episode: EpisodeShown, today: date) -> str:
    to = counted_to(episode, today)
    if episode.s is not None and to < episode.s:
        return f"It ended on {day_in_words(to)}, before day 1, so no day is counted."
    if episode.ended_on is None:
        return f"Counted from day 1 to today, {day_in_words(to)}."
    if episode.in_error:
        return f"Counted from day 1 to {day_in_words(to)}, when it was entered in error or had ended."
    return f"Counted from day 1 to the last day, {day_in_words(to)}."
