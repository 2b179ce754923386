"""How long a process that ends again and again waits before it is started again."""

from __future__ import annotations

from services.stack.back_off import LONGEST, SHORTEST, STEADY_AFTER, BackOff


def test_a_process_that_keeps_ending_waits_longer_each_time_and_one_that_ran_steadily_not() -> None:
    """The wait doubles up to five seconds, and is short again after half a minute without trouble."""
    clock = [0.0]
    back_off = BackOff(lambda: clock[-1])
    assert is_over(back_off), "the first start waits for nothing"

    for wait in (SHORTEST, 0.4, 0.8, 1.6, 3.2, LONGEST, LONGEST):
        back_off.started()
        began = clock[-1]
        clock.append(began + wait - 0.01)
        assert not is_over(back_off)
        clock.append(began + wait + 0.01)
        assert is_over(back_off)

    clock.append(clock[-1] + STEADY_AFTER)
    back_off.started()
    clock.append(clock[-1] + SHORTEST)
    assert is_over(back_off)


def is_over(back_off: BackOff) -> bool:
    """Asked anew each time."""
    return back_off.over
