"""The jars' cache: fetched once, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.stack.jars import JarsNotFetched, MavenMissing, broker_jars


def maven(folder: Path, script: str) -> None:
    """A program called mvn in `folder` that does as `script` says."""
    program = folder / "mvn"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a PATH with nothing but the shell's own programs and what the test puts into `bin`."""
    (tmp_path / "bin").mkdir()
    for name in ("mkdir", "touch"):
        (tmp_path / "bin" / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("SIS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_without_maven_it_says_what_to_install(cache: Path) -> None:
    """Where jars and Maven are both missing, the refusal says in plain words how to install Maven."""
    with pytest.raises(MavenMissing, match=r"Maven is missing.*apt-get install maven"):
        broker_jars()
    assert not list(cache.glob("kafka-*"))


def test_they_are_fetched_once(cache: Path) -> None:
    """What Maven fetched is kept under Kafka's version, and Maven is not asked again."""
    maven(
        cache.parent / "bin",
        'for last; do :; done; folder="${last#-DoutputDirectory=}"; mkdir "$folder"; touch "$folder/kafka.jar"',
    )
    jars = broker_jars()
    assert jars.parent == cache
    assert [jar.name for jar in jars.iterdir()] == ["kafka.jar"]

    (cache.parent / "bin" / "mvn").unlink()
    assert broker_jars() == jars


def test_half_a_fetch_leaves_nothing(cache: Path) -> None:
    """When Maven fails midway its words are passed on, and no folder is left that looks whole."""
    maven(
        cache.parent / "bin",
        'for last; do :; done; mkdir "${last#-DoutputDirectory=}"; echo "no route to the mirror"; exit 1',
    )
    with pytest.raises(JarsNotFetched, match="no route to the mirror"):
        broker_jars()
    assert not list(cache.glob("kafka-*"))
