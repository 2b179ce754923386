"""What each user may take of a broker, asked and set by kafka-python's requests: its administration has no call for it.

Knows quotas of users. Must never know who a user is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafka.errors import KafkaError, for_code
from kafka.protocol.admin import AlterClientQuotasRequest, DescribeClientQuotasRequest

_USER, _ANY = "user", 2


class QuotaRefused(Exception):
    """The broker would not say or set a quota."""


def found_quotas(admin: Any) -> Mapping[str, Mapping[str, float]]:
    """Every user's limits by name, as an administration of kafka-python is told them. Raises `QuotaRefused`."""
    request = DescribeClientQuotasRequest
    component = request.ComponentData(entity_type=_USER, match_type=_ANY, match=None)
    answer = _answer(admin, request(components=[component], strict=True))
    _must_be_done(answer.error_code, answer.error_message)
    return {
        entry.entity[0].entity_name: {limit.key: limit.value for limit in entry.values}
        for entry in answer.entries or ()
    }


def set_quota(admin: Any, user: str, limits: Mapping[str, float]) -> None:
    """Give a user these limits. Raises `QuotaRefused`."""
    request = AlterClientQuotasRequest
    entity = request.EntryData.EntityData(entity_type=_USER, entity_name=user)
    ops = [request.EntryData.OpData(key=key, value=float(value), remove=False) for key, value in limits.items()]
    answer = _answer(admin, request(entries=[request.EntryData(entity=[entity], ops=ops)], validate_only=False))
    for entry in answer.entries:
        _must_be_done(entry.error_code, entry.error_message)


def _answer(admin: Any, request: Any) -> Any:
    try:
        return admin._manager.run(_asked, admin._manager, request)
    except KafkaError as error:
        raise QuotaRefused(f"the broker does not answer about quotas: {error}") from error


async def _asked(manager: Any, request: Any) -> Any:
    return await manager.send(request)


def _must_be_done(code: int, words: str | None) -> None:
    if code:
        raise QuotaRefused(f"the broker would not take a quota: {words or for_code(code).__name__}")
