"""The jars of the embedded broker: fetched once by Maven into a cache folder, then taken from there.

Knows Maven, `broker/pom.xml` and the cache. Never knows how a broker runs.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

POM = Path(__file__).parents[2] / "broker" / "pom.xml"
INSTALL = "sudo apt-get install maven"
_POM_VERSION = "{http://maven.apache.org/POM/4.0.0}version"


class MavenMissing(Exception):
    """Maven is needed once to fetch the broker's jars and is not on the PATH."""


class JarsNotFetched(Exception):
    """Maven could not fetch the broker's jars; the text holds what it said."""


def broker_jars() -> Path:
    """The folder of the broker's jars, fetched if it is not there yet.

    The cache is `$SIS_CACHE`, else `~/.cache/str-sis`. Several processes may call this at once: one fetches, the
    others wait. Raises `MavenMissing`, `JarsNotFetched`.
    """
    jars = jars_folder()
    if not jars.is_dir():
        jars.parent.mkdir(parents=True, exist_ok=True)
        with (jars.parent / "fetching.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not jars.is_dir():
                _fetch(jars)
    return jars


def jars_folder() -> Path:
    """Where the broker's jars are, or will be once they are fetched."""
    cache = Path(os.environ.get("SIS_CACHE") or Path.home() / ".cache" / "str-sis").resolve()
    return cache / f"kafka-{_kafka_version()}"


def _kafka_version() -> str:
    version = ET.parse(POM).getroot().findtext(_POM_VERSION)  # noqa: S314  # our own file, not a stranger's
    assert version, f"{POM} names no version"
    return version


def _fetch(jars: Path) -> None:
    """Fetch beside `jars` and rename: an interrupted fetch leaves no folder that looks whole."""
    if shutil.which("mvn") is None:
        raise MavenMissing(f"Maven is missing; it fetches the broker's jars once. Install it: {INSTALL}")
    with tempfile.TemporaryDirectory(dir=jars.parent) as scratch:
        fetched = Path(scratch) / "jars"
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        maven = subprocess.run(command, capture_output=True, text=True, check=False)
        if maven.returncode != 0:
            raise JarsNotFetched(
                "Maven could not fetch the broker's jars; check the network and Maven's mirror settings.\n"
                + (maven.stdout + maven.stderr)[-2000:]
            )
        fetched.rename(jars)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{broker_jars()}\n")
    except (MavenMissing, JarsNotFetched) as missing:
        sys.exit(str(missing))
