"""The month's key while a system runs: the stack looks once an hour, publishes a new month's and destroys old ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.log.errors import BrokerAway
from services.log.kafka_admin import apply, wait_until_ready
from services.log.kafka_public_key import ask
from services.stack.broker import Broker
from services.stack.months import Months
from services.stack.ports import free_port
from services.vault.vault import Vault
from services.words.errors import CannotOpen
from services.words.topics import catalogue


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_a_new_months_key_is_published_and_an_old_one_destroyed(own_kafka: Broker, tmp_path: Path) -> None:
    """Design §6: from the first hour of a month emitters get its key; 35 days after a month its private key is gone."""
    wait_until_ready(own_kafka.bootstrap, 30)
    apply(own_kafka.bootstrap, catalogue())
    clock = [at("2012-07-31T22:30")]
    months = Months(tmp_path, own_kafka.bootstrap, lambda: clock[-1])

    said = []
    for now in ("2012-07-31T22:30", "2012-07-31T23:29", "2012-07-31T23:31", "2012-08-01T00:32", "2012-09-05T00:00"):
        clock.append(at(now))
        said.append((await months.tend()) if months.due else None)

    assert said == [
        ["the key of 2012-07 was published"],
        None,
        [],
        ["the key of 2012-08 was published"],
        ["the key of 2012-09 was published", "the key of 2012-07 was destroyed"],
    ]
    assert ask(own_kafka.bootstrap)[0].key_id == "2012-09"
    vault = Vault(tmp_path, lambda: clock[-1])
    with pytest.raises(CannotOpen, match="a month that the vault does not hold"):
        vault.turn("recorder", "to decide").content_key("2012-07", b"sealed")
    vault.close()


async def test_a_key_that_is_published_is_not_published_again(own_kafka: Broker, tmp_path: Path) -> None:
    """A stack that is started again in the same month finds its key on the topic and leaves it."""
    wait_until_ready(own_kafka.bootstrap, 30)
    apply(own_kafka.bootstrap, catalogue())
    assert await Months(tmp_path, own_kafka.bootstrap, lambda: at("2012-07-01")).tend() != []
    assert await Months(tmp_path, own_kafka.bootstrap, lambda: at("2012-07-02")).tend() == []


async def test_with_the_broker_away_it_is_looked_at_an_hour_later(tmp_path: Path) -> None:
    """A key that could not be published is due again an hour later, and nothing was destroyed meanwhile."""
    clock = [at("2012-07-01")]
    Vault(tmp_path, lambda: clock[-1]).public_key_of_month()
    clock.append(at("2012-09-05"))
    months = Months(tmp_path, f"127.0.0.1:{free_port()}", lambda: clock[-1])
    with pytest.raises(BrokerAway):
        await months.tend()
    assert not months.due
    assert Vault(tmp_path, lambda: clock[-1]).destroy_month_keys_due() == ["2012-07"]
    clock.append(clock[-1] + timedelta(hours=1))
    assert months.due
