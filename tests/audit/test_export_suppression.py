"""Nobody works out a count that was left out, whatever totals are shown beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from services.audit.suppression import SMALL, TOTAL, Cell, suppressed, with_totals

TABLES = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.integers(0, 14), min_size=1, max_size=7
)


def adds_up(cells: Mapping[Cell, int]) -> bool:
    """Whether every total is the sum of its line."""
    rows, columns = {row for row, _ in cells}, {column for _, column in cells}
    return all(sum(cells.get((row, one), 0) for one in columns - {TOTAL}) == cells[row, TOTAL] for row in rows) and all(
        sum(cells.get((one, column), 0) for one in rows - {TOTAL}) == cells[TOTAL, column] for column in columns
    )


def tables_that_fit(cells: Mapping[Cell, int], hidden: set[Cell]) -> Iterator[dict[Cell, int]]:
    """Tables that agree with all that is shown, each hidden count at most 1 off the truth, and never 0: an attacker's.

    Totals follow from the counts, so only hidden counts that are no totals are tried.
    """
    inner = sorted(cell for cell in hidden if TOTAL not in cell)
    shown = {cell: count for cell, count in cells.items() if cell not in hidden}
    truth = {cell: count for cell, count in cells.items() if TOTAL not in cell}
    for steps in product((0, 1, -1), repeat=len(inner)):
        guess = with_totals(truth | {cell: cells[cell] + step for cell, step in zip(inner, steps, strict=True)})
        if guess.keys() == cells.keys() and all(guess[cell] == count for cell, count in shown.items()):
            yield guess


def derivable(cells: Mapping[Cell, int]) -> set[Cell]:
    """Hidden counts that are the same in every table that fits."""
    hidden = suppressed(cells)
    left = set(hidden)
    for guess in tables_that_fit(cells, hidden):
        left -= {cell for cell in hidden if guess[cell] != cells[cell]}
    return left


@given(TABLES)
@example({("a", "x"): 1, ("a", "y"): 1, ("a", "z"): 9, ("b", "x"): 6, ("b", "y"): 7, ("b", "z"): 8})
@example({("a", "x"): 3, ("a", "y"): 20, ("b", "x"): 20, ("b", "y"): 20})
@example({("a", "x"): 2, ("b", "y"): 9})
def test_no_count_that_was_left_out_can_be_worked_out(counts: dict[Cell, int]) -> None:
    """For each there is another table with the same counts and totals shown, in which it is another number."""
    assert derivable(with_totals(counts)) == set()


@given(TABLES)
def test_no_small_count_is_shown(counts: dict[Cell, int]) -> None:
    """Neither in the table nor among its totals."""
    cells = with_totals(counts)
    assert all(count >= SMALL for cell, count in cells.items() if cell not in suppressed(cells))


@given(TABLES)
def test_totals_are_true(counts: dict[Cell, int]) -> None:
    """What is shown is what was counted, never an estimate."""
    assert adds_up(with_totals(counts) or {(TOTAL, TOTAL): 0})


def test_a_table_without_small_counts_is_shown_whole() -> None:
    """Nothing is left out that betrays nobody."""
    assert suppressed(with_totals({("a", "x"): 5, ("a", "y"): 6, ("b", "x"): 7})) == set()


def test_the_attacker_of_these_tests_finds_a_count_that_only_itself_was_left_out() -> None:
    """Leaving out the small counts alone would not do: the row's total gives it away."""
    cells = with_totals({("a", "x"): 3, ("a", "y"): 20, ("b", "x"): 20, ("b", "y"): 20})
    assert [guess["a", "x"] for guess in tables_that_fit(cells, {("a", "x")})] == [3]


def test_two_ones_beside_each_other_are_found_out_by_their_sum() -> None:
    """Hidden counts are at least 1, so two that sum to 2 need another to hide behind."""
    cells = with_totals({("a", "x"): 1, ("a", "y"): 1, ("a", "z"): 9, ("b", "x"): 6, ("b", "y"): 7, ("b", "z"): 8})
    assert {("a", "x"), ("a", "y")} < suppressed(cells)
