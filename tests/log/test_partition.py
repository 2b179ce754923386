"""Every client in any language must find the same partition for a key."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafka_python_murmur2

from services.log.partition import partition_of


@given(st.binary(max_size=80), st.integers(1, 64))
def test_partition_is_the_one_that_both_clients_choose(key: bytes, partitions: int) -> None:
    """For any key and number of partitions our rule gives what kafka-python and aiokafka give."""
    ours = partition_of(key, partitions)

    assert ours == (kafka_python_murmur2(key) & 0x7FFFFFFF) % partitions
    assert ours == (aiokafka_murmur2(key) & 0x7FFFFFFF) % partitions


@pytest.mark.parametrize(
    ("key", "hashed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536), (b"abc", 479470107)],
)
def test_partition_follows_kafkas_own_test_values(key: bytes, hashed: int) -> None:
    """The values of Kafka's own UtilsTest.testMurmur2, made positive as its partitioner does."""
    assert partition_of(key, 2**31) == hashed & 0x7FFFFFFF


def test_keys_of_a_county_spread_over_its_partitions() -> None:
    """No partition of four is left with less than a fifth of many persons."""
    counts = [0, 0, 0, 0]
    for person in range(4_000):
        counts[partition_of(b"person-%d" % person, 4)] += 1

    assert min(counts) > 800
