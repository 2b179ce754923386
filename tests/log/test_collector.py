"""A process that spares the collector of cycles ends without a word."""

from __future__ import annotations

import subprocess
import sys

from tests.command_line import ROOT


def test_a_process_that_spares_the_collector_ends_silently() -> None:
    """What all commands together have imported is let go at the end: no library complains of leaks."""
    imported = "import services.cli.reference as all, services.episodes.postgres_driver; list(all.commands())"
    program = f"{imported}; import services.log.collector as c; c.spare_the_collector()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)

    assert (ended.stdout, ended.stderr) == ("", "")
