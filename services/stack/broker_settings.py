"""What the embedded broker is told: its listeners and the settings that decide correctness.

Knows names and values of Kafka's settings. Never knows a process, a file or a port in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CONTROLLER = "CONTROLLER"


@dataclass(frozen=True, slots=True)
class Listener:
    """One address that clients may use: its name, Kafka's security protocol, and its port on 127.0.0.1."""

    name: str
    protocol: str
    port: int


DURABLE: Mapping[str, str] = {
    # A mistyped topic must fail, not appear.
    "auto.create.topics.enable": "false",
    # A copy that lags behind must never become the truth.
    "unclean.leader.election.enable": "false",
    # Now is the broker's clock, never an emitter's.
    "log.message.timestamp.type": "LogAppendTime",
    # An emitter or worker away for two years finds its position again.
    "offsets.retention.minutes": "1051200",
    # The longest Kafka takes (24.8 days): an owner that was idle is still fenced by its successor.
    "transactional.id.expiration.ms": "2147483647",
    # A write outside its transaction is refused (KIP-890).
    "transaction.partition.verification.enable": "true",
}
"""Settings that hold wherever the system runs."""

SINGLE: Mapping[str, str] = {
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # Nobody else will join: do not wait three seconds for them.
    "group.initial.rebalance.delay.ms": "0",
}
"""Settings of a broker that stands alone, as on one machine."""

SMALL: Mapping[str, str] = {
    # Only Kafka's own few topics are compacted; the usual 128 MB would be half of the heap's use.
    "log.cleaner.dedupe.buffer.size": "16777216",
    # After a crash the broker may register again only when its former life has timed out: 3 seconds, not 9.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}
"""Settings that keep the embedded broker small and soon back."""


CONTAINER: Mapping[str, str] = {
    "listeners": "INTERNAL://:9091,SASL_SSL://:9092,OUTSIDE://:9094,CONTROLLER://:9093",
    "advertised.listeners": "INTERNAL://localhost:9091,SASL_SSL://broker:9092,OUTSIDE://127.0.0.1:9094",
    "listener.security.protocol.map": "INTERNAL:SSL,SASL_SSL:SASL_SSL,OUTSIDE:SASL_SSL,CONTROLLER:SSL",
    "controller.quorum.bootstrap.servers": "localhost:9093",
}
"""What a secured broker in a container is told instead: containers use 9092, clients on this machine 9094."""


def server_properties(
    listeners: Iterable[Listener], *, controller_port: int, data: str, controller: str = "PLAINTEXT"
) -> dict[str, str]:
    """All of `server.properties` of a broker that is its own controller; by the first listener it reaches itself.

    `controller` is the security protocol of the controller's own port.
    """
    listeners = list(listeners)
    addresses = ",".join(f"{each.name}://127.0.0.1:{each.port}" for each in listeners)
    protocols = ",".join(f"{each.name}:{each.protocol}" for each in listeners)
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller_port}",
        "listeners": f"{addresses},{CONTROLLER}://127.0.0.1:{controller_port}",
        "advertised.listeners": addresses,
        "controller.listener.names": CONTROLLER,
        "inter.broker.listener.name": listeners[0].name,
        "listener.security.protocol.map": f"{protocols},{CONTROLLER}:{controller}",
        "log.dirs": data,
        **DURABLE,
        **SINGLE,
        **SMALL,
    }
