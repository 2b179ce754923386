"""What is declared for a day, and whose share used is lower (rulings 72 and 74)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.handover.contract import Contract

DAY = date(2012, 10, 1)
minutes = st.integers(1, 10_000_000)


def a_contract(capacity: int = 600, taken: int = 0) -> Contract:
    """A contract with so much declared for today, and so much taken."""
    return Contract("c", "oak", "EAST_KENT", frozenset(), 1, capacity, DAY, DAY, used=taken, capacity=capacity)


@given(minutes, minutes, minutes, minutes)
def test_ruling_74_shares_are_compared_as_exact_fractions(one: int, of_one: int, other: int, of_other: int) -> None:
    """However near two shares are, the lower comes first, and equal ones are equal."""
    ranks = a_contract(of_one, one).rank, a_contract(of_other, other).rank
    shares = Fraction(one, of_one), Fraction(other, of_other)

    assert (ranks[0] < ranks[1]) == (shares[0] < shares[1])
    assert (ranks[0] == ranks[1]) == (shares[0] == shares[1])


def test_ruling_74_the_nearest_two_shares_that_there_can_be_are_told_apart() -> None:
    """Of two contracts of almost 10,000,000 minutes, one minute's difference decides."""
    lower, higher = a_contract(9_999_999, 9_999_998), a_contract(10_000_000, 9_999_999)

    assert lower.rank < higher.rank


@pytest.mark.parametrize(
    ("declared", "capacity"),
    [
        ((), 600),
        (((0, 500),), 500),
        (((1, 500),), 600),
        (((-3, 500), (-1, 200), (-2, 300)), 200),
        (((-1, 500), (-1, 200)), 200),
        (((-1, 200), (-1, 500)), 500),
        (((0, 0),), 0),
        (((-9, 100), (0, 600), (1, 50)), 600),
    ],
)
def test_ruling_72_capacity_is_that_of_the_latest_declaration(
    declared: tuple[tuple[int, int], ...], capacity: int
) -> None:
    """The latest day not after today counts, of equal days the later recorded; without any, the contract's minutes."""
    contract = a_contract()._replace(declared=tuple((DAY + timedelta(days=days), value) for days, value in declared))

    assert contract.capacity_on(DAY) == capacity


@pytest.mark.parametrize(("days", "active", "over"), [(-1, False, False), (0, True, False), (1, False, True)])
def test_ruling_73_a_contracts_first_and_last_day_belong_to_it(days: int, active: bool, over: bool) -> None:
    """A contract of one day is active on that day only."""
    contract = a_contract().on(DAY + timedelta(days=days), can_be_asked=True)

    assert (contract.active, contract.open, contract.over) == (active, active, over)
