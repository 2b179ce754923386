"""A broker that is frozen is found out, and one that only pauses is left alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from services.stack.broker import Broker
from services.stack.pulse import EVERY, LOST_AFTER, Pulse


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Seconds by now."""
        return self.seconds


@pytest.fixture
def frozen(own_kafka: Broker) -> Iterator[Broker]:
    """A broker that holds its port and says nothing."""
    assert own_kafka.pid is not None
    os.killpg(own_kafka.pid, signal.SIGSTOP)
    yield own_kafka
    os.killpg(own_kafka.pid, signal.SIGCONT)


def silent_for(pulse: Pulse, clock: Clock, seconds: float) -> bool:
    """Whether the broker is held for lost after so many seconds of asking."""
    lost = False
    for _ in range(int(seconds / EVERY)):
        clock.seconds += EVERY
        lost = pulse.is_lost()
    return lost


def test_a_broker_that_answers_is_never_lost(own_kafka: Broker) -> None:
    """However long it is asked, a broker that answers is left alone."""
    clock = Clock()
    assert not silent_for(Pulse(own_kafka.bootstrap, clock), clock, 10 * LOST_AFTER)


def test_a_frozen_broker_is_lost_after_a_minute(frozen: Broker) -> None:
    """It lives and its port is open, but it says nothing: after a pause that none was seen to survive, it is lost."""
    clock = Clock()
    pulse = Pulse(frozen.bootstrap, clock)
    assert not silent_for(pulse, clock, LOST_AFTER - EVERY)
    assert silent_for(pulse, clock, 2 * EVERY)


def test_a_broker_that_answers_again_is_not_lost(own_kafka: Broker) -> None:
    """A pause that ends in time is forgotten, and so is what was before a new start."""
    clock = Clock()
    pulse = Pulse(own_kafka.bootstrap, clock)
    assert own_kafka.pid is not None
    for _ in range(2):
        os.killpg(own_kafka.pid, signal.SIGSTOP)
        assert not silent_for(pulse, clock, LOST_AFTER - EVERY)
        os.killpg(own_kafka.pid, signal.SIGCONT)
        assert not silent_for(pulse, clock, EVERY)


def test_time_in_which_nobody_asked_is_no_silence(frozen: Broker) -> None:
    """After a long pause of the asker itself one question without an answer means little; a new start clears all."""
    clock = Clock()
    pulse = Pulse(frozen.bootstrap, clock)
    clock.seconds += 10 * LOST_AFTER
    assert not pulse.is_lost()
    assert silent_for(pulse, clock, LOST_AFTER)
    pulse.begin()
    assert not pulse.is_lost()
