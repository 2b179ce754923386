"""Java: where it is, and whether it is new enough for the broker.

Never knows what is run with it.
"""

from __future__ import annotations

import re
import shutil
import subprocess

OLDEST = 17
INSTALL = f"sudo apt-get install openjdk-{OLDEST}-jre-headless"


class JavaMissing(Exception):
    """There is no Java on the PATH, or one too old for the broker."""


def java() -> str:
    """The path of a Java that runs the broker (Apache Kafka 4 needs 17). Raises `JavaMissing`."""
    found = shutil.which("java")
    if found is None:
        raise JavaMissing(f"Java is missing; the broker needs {OLDEST} or later. Install it: {INSTALL}")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < OLDEST:
        raise JavaMissing(f"Java is too old; the broker needs {OLDEST} or later. Install it: {INSTALL}")
    return found
