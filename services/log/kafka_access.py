"""Makes a broker's users, rights and quotas true to the table of access, on kafka-python's administration.

Knows SCRAM users and ACLs. Must never keep or show a password, nor know why somebody may do something.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, assert_never

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError

from services.log.connection import Address
from services.log.kafka_admin import ANSWER_SECONDS, administration
from services.log.kafka_quotas import found_quotas, set_quota
from services.words.access import PROVIDER_QUOTA, Grant, grants, principals
from services.words.topics import offers_topic, provider_of_replies, replies_topic

_ITERATIONS = 8192
_EVERY_RIGHT = ACLFilter(
    None,
    None,
    ACLOperation.ANY,
    ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


@dataclass(frozen=True, slots=True)
class MakeUser:
    """The principal has no user, or no password here."""

    principal: str


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """A user that the table does not know."""

    principal: str


@dataclass(frozen=True, slots=True)
class Allow:
    """A right that the table gives and the broker does not."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class Revoke:
    """A right that the broker gives and the table does not; `words` say which."""

    right: Any
    words: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The quota of a provider is not what it must be."""

    principal: str


Change = MakeUser | RemoveUser | Allow | Revoke | Limit


class AccessRefused(Exception):
    """The broker would not make a user or a right."""


def providers_on(address: Address) -> frozenset[str]:
    """The providers that have topics. Raises `BrokerAway`."""
    with closing(administration(address, ANSWER_SECONDS)) as admin:
        names = {topic["name"] for topic in admin.describe_topics()}
    found = {provider_of_replies(name) for name in names if name.startswith("kmpt.sis.replies.")}
    return frozenset(one for one in found if {offers_topic(one), replies_topic(one)} <= names)


def plan(address: Address, providers: frozenset[str], has_password: Callable[[str], bool]) -> list[Change]:
    """What differs from the table. Raises `BrokerAway`."""
    with closing(administration(address, ANSWER_SECONDS)) as admin:
        return _changes(admin, providers, has_password)


def apply(
    address: Address, providers: frozenset[str], has_password: Callable[[str], bool], password_of: Callable[[str], str]
) -> list[Change]:
    """Make users and rights as the table says; returns what was done. Raises `AccessRefused`, `BrokerAway`."""
    with closing(administration(address, ANSWER_SECONDS)) as admin:
        changes = _changes(admin, providers, has_password)
        for change in changes:
            match change:
                case MakeUser(principal):
                    _alter(admin, _credential(principal, password_of(principal)))
                case RemoveUser(principal):
                    _alter(admin, UserScramCredentialDeletion(principal, ScramMechanism.SCRAM_SHA_512))
                case Limit(principal):
                    set_quota(admin, principal, PROVIDER_QUOTA)
                case Allow() | Revoke():
                    pass  # all of them in one question each, below
                case _:
                    assert_never(change)
        _delete(admin, [change.right for change in changes if isinstance(change, Revoke)])
        _create(admin, [_right(change.grant) for change in changes if isinstance(change, Allow)])
        return changes


def set_password(address: Address, principal: str, password: str) -> None:
    """Give a principal this password: the former one opens no new session. Raises `AccessRefused`, `BrokerAway`."""
    with closing(administration(address, ANSWER_SECONDS)) as admin:
        _alter(admin, _credential(principal, password))


def _changes(admin: Any, providers: frozenset[str], has_password: Callable[[str], bool]) -> list[Change]:
    wanted = {_right(grant): grant for grant in grants(providers)}
    found, _ = admin.describe_acls(_EVERY_RIGHT)
    users = set(admin.describe_user_scram_credentials())
    named = principals(providers)
    quotas = found_quotas(admin)
    return [
        *(MakeUser(one) for one in named if one not in users or not has_password(one)),
        *(RemoveUser(one) for one in sorted(users - set(named))),
        *(Allow(grant) for right, grant in sorted(wanted.items(), key=lambda one: one[1]) if right not in found),
        *(Revoke(right, _said(right)) for right in found if right not in wanted),
        *(Limit(one) for one in sorted(providers) if quotas.get(one) != PROVIDER_QUOTA),
    ]


def _right(grant: Grant) -> Any:
    pattern = ACLResourcePatternType.PREFIXED if grant.prefixed else ACLResourcePatternType.LITERAL
    return ACL(
        f"User:{grant.principal}",
        "*",
        ACLOperation[grant.operation.upper()],
        ACLPermissionType.ALLOW,
        ResourcePattern(ResourceType[grant.kind.upper()], grant.name, pattern),
    )


def _said(right: Any) -> str:
    pattern = right.resource_pattern
    return f"{right.principal.removeprefix('User:')} {right.operation.name.lower()} {pattern.resource_name}"


def _credential(principal: str, password: str) -> Any:
    return UserScramCredentialUpsertion(principal, ScramMechanism.SCRAM_SHA_512, password, iterations=_ITERATIONS)


def _alter(admin: Any, alteration: Any) -> None:
    for user, fault in admin.alter_user_scram_credentials([alteration]).items():
        if fault is not None:
            raise AccessRefused(f"the broker would not change user {user}: {fault}")


def _create(admin: Any, rights: Sequence[Any]) -> None:
    if rights and (failed := admin.create_acls(list(rights))["failed"]):
        raise AccessRefused(f"the broker would not give {len(failed)} rights: {failed[0].__name__}")


def _delete(admin: Any, rights: Sequence[Any]) -> None:
    filters = [
        ACLFilter(one.principal, one.host, one.operation, one.permission_type, one.resource_pattern) for one in rights
    ]
    try:
        if filters:
            admin.delete_acls(filters)
    except KafkaError as error:
        raise AccessRefused(f"the broker would not take rights away: {error}") from error
