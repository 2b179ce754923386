"""A provider's program as it should be, and the shortest that passes the sandbox: `--settings FILE`, nothing else.

It takes every case, books the first visit when it can open the pack, confirms the start when that day has come, and
ends support as soon as it runs: a real program asks its people at each of these. All that it needs to know stands in
the messages, so it may be killed at any moment. Knows the kit. Must never print what a pack holds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from time import monotonic

from services.county.civil_dates import london_day, parse_instant
from services.log.errors import BrokerAway, UnknownTopic
from services.log.month_key import NoPublicKey
from services.log.sealing import DoesNotOpen
from services.provider.connecting import KEY_HOLDS_SECONDS, connected
from services.provider.joining import Joining, SettingsUnusable, read_settings
from services.provider.kit import Connection, details_in
from services.provider.own_key import KeyUnusable, read_key
from services.provider.position import PositionUnreadable
from services.provider.reading import Message, NotUnderstood
from services.words import messages, replies

_PAUSE = 0.2
"""Seconds between two looks at what has come."""
TRY_AGAIN = 75


class Reference:
    """The program: what it answers to each message."""

    def __init__(self, provider_id: str, private_key: bytes) -> None:
        self.provider_id = provider_id
        self._private_key = private_key

    async def look(self, connection: Connection) -> None:
        """Answer all that has come, and only then be done with it."""
        come = await connection.messages()
        over = gone(come)
        for message in come:
            for reply in self.answers(message, over):
                await connection.answer(message, reply)
        await connection.flush()
        for message in come:
            connection.handled(message)

    def answers(self, message: Message, over: frozenset[str]) -> Iterator[replies.Reply]:
        """What it says to one message; offers that are over by now it leaves alone."""
        match message.word:
            case messages.Offer() as offer if offer.offer_id not in over:
                yield replies.Acknowledge(offer_id=offer.offer_id)
                yield replies.Accept(offer_id=offer.offer_id, start_on=offer.wanted_on or offer.respond_by)
            case messages.Pack() | messages.PackReissued() as pack:
                yield from self._begin(pack, london_day(parse_instant(message.time)))
            case messages.HandoverClosed(outcome="COMPLETED") as closed:
                today = london_day(parse_instant(message.time))
                yield replies.EndSupport(handover_id=closed.handover_id, on=today, reason="01")
            case messages.ReplyNotTaken() as said:
                tell(f"{said.reply} was not taken: {said.why}")
            case NotUnderstood() as word:
                tell(f"a message of type {word.type_name} was passed over: {word.why}")
            case _:
                return

    def _begin(self, pack: messages.Pack | messages.PackReissued, today: date) -> Iterator[replies.Reply]:
        try:
            details_in(pack, self.provider_id, self._private_key)
        except DoesNotOpen:
            tell(f"the pack of offer {pack.offer_id} does not open with this key: ask for it to be sent again")
            return
        yield replies.BookFirstVisit(handover_id=pack.handover_id, on=pack.start_on)
        if pack.start_on <= today:
            yield replies.ConfirmStart(handover_id=pack.handover_id, on=pack.start_on)


def gone(come: Sequence[Message]) -> frozenset[str]:
    """Offers that were withdrawn or have lapsed before anybody here looked at them."""
    ends = (message.word for message in come)
    return frozenset(word.offer_id for word in ends if isinstance(word, messages.OfferWithdrawn | messages.OfferLapsed))


def tell(words: str) -> None:
    """A line for whoever runs the program."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


async def run(settings: Joining, program: Reference) -> None:
    """Look again and again, for ever; every day by a new connection, which knows the key of the month."""
    while True:
        async with connected(settings) as connection:
            until = monotonic() + KEY_HOLDS_SECONDS
            while monotonic() < until:
                await program.look(connection)
                await asyncio.sleep(_PAUSE)


def main(kind: type[Reference] = Reference) -> None:
    """Run until it is stopped; 2 if the settings are wrong, 75 if the trust is away: start it again."""
    arguments = argparse.ArgumentParser(description="A provider that takes every case.")
    arguments.add_argument("--settings", type=Path, required=True, help="the provider's file of settings")
    try:
        settings = read_settings(arguments.parse_args().settings)
        if settings.key_file is None:
            raise SettingsUnusable("the settings name no key_file, and without it no pack opens")
        asyncio.run(run(settings, kind(settings.provider, read_key(settings.key_file))))
    except (SettingsUnusable, KeyUnusable, PositionUnreadable) as fault:
        tell(str(fault))
        sys.exit(2)
    except (BrokerAway, UnknownTopic, NoPublicKey) as fault:
        tell(str(fault))
        sys.exit(TRY_AGAIN)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
