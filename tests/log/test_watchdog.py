"""The watchdog ends a process whose step does not end, whatever that process is doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

PREPARE = "import sys, time; from services.log.watchdog import Watchdog\n"


def process(body: str) -> subprocess.Popen[str]:
    """A process that does `body` under the watchdog's eyes; says 'ready' on its first line."""
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE + body], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_step_that_does_not_end_ends_the_process() -> None:
    """A step that outlives the limit ends the process with code 70 and one line that names the step."""
    body = "with Watchdog(0.3, 'recorder 2') as dog:\n  dog.kick('commit')\n  time.sleep(30)"

    with process(body) as running:
        _, errors = running.communicate(timeout=10)

    assert running.returncode == 70
    assert errors == "recorder 2: step 'commit' has taken 0 s, limit 0.3 s; the process ends\n"


@pytest.mark.parametrize("body", ["while True: pass", "import threading; threading.Event().wait()"])
def test_busy_or_blocked_process_is_ended_alike(body: str) -> None:
    """It does not matter whether the process works for nothing or waits for ever."""
    with process(f"with Watchdog(0.3, 'allocator'):\n  {body}") as running:
        _, errors = running.communicate(timeout=10)

    assert (running.returncode, errors.count("\n")) == (70, 1)


def test_process_that_goes_on_is_left_alone() -> None:
    """A process that kicks in time runs as long as it likes, and longer than the limit in all."""
    body = "with Watchdog(0.5, 'recorder 0') as dog:\n  for n in range(12):\n    dog.kick('read'); time.sleep(0.1)"

    with process(body + "\nprint('done')") as running:
        output, errors = running.communicate(timeout=10)

    assert (running.returncode, output, errors) == (0, "done\n", "")


def test_process_outside_the_watch_is_left_alone() -> None:
    """After the watch is over nothing ends the process."""
    body = "with Watchdog(0.2, 'recorder 0'): pass\ntime.sleep(0.6); print('done')"

    with process(body) as running:
        output, _ = running.communicate(timeout=10)

    assert (running.returncode, output) == (0, "done\n")


@pytest.mark.parametrize("next_step", ["time.sleep(30)", "dog.kick('write'); print('woke up and wrote', flush=True)"])
def test_process_woken_past_its_limit_ends_before_it_does_anything(next_step: str) -> None:
    """A process stopped by SIGSTOP for longer than the limit ends when it is woken, even if it would kick at once."""
    body = (
        "with Watchdog(1.0, 'recorder 1') as dog:\n"
        "  dog.kick('write'); print('ready', flush=True)\n"
        f"  sys.stdin.readline()\n  {next_step}"
    )
    with subprocess.Popen(
        [sys.executable, "-c", PREPARE + body],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        os.kill(running.pid, signal.SIGSTOP)
        running.stdin.write("go\n")
        running.stdin.flush()

        time.sleep(1.2)
        os.kill(running.pid, signal.SIGCONT)
        output, errors = running.communicate(timeout=10)

    assert (running.returncode, output) == (70, "")
    assert "recorder 1: step 'write'" in errors
