"""A waiting line gives its entries by their order, whatever the order in which they came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.handover.line import Line, after_first, entries, joined


def lined_up(orders: list[int]) -> Line | None:
    """A line of these, joined one by one."""
    line: Line | None = None
    for order in orders:
        line = joined(line, Line(order, f"case {order}"))
    return line


def in_order(line: Line | None) -> list[int]:
    """All orders of a line, first come first."""
    found = []
    while line is not None:
        found.append(line.order)
        line = after_first(line)
    return found


@given(st.lists(st.integers(), max_size=60), st.lists(st.integers(), max_size=60))
def test_lines_come_out_in_order_and_joining_changes_neither(one: list[int], other: list[int]) -> None:
    """Two lines joined give all entries of both by their order; the two themselves are as they were."""
    first, second = lined_up(one), lined_up(other)

    assert in_order(joined(first, second)) == sorted(one + other)
    assert in_order(first) == sorted(one)
    assert sorted(entry.order for entry in entries(second)) == sorted(other)


def test_a_line_of_many_is_not_deep() -> None:
    """Fifty thousand in the order of their coming, and out again."""
    orders = list(range(50_000))

    assert in_order(lined_up(orders)) == orders
