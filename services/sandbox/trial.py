"""One trial: a program that is connected to the trust, what it is asked, and what it was heard to say.

Knows how time passes in a trial: until something is heard, or for so long at most. Must never judge: behaviours do.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.provider.exchange import Exchange
from services.sandbox.papers import papers_of_nobody
from services.sandbox.program import Program
from services.sandbox.script import LOT, request
from services.sandbox.trust import Heard, Trust
from services.words import messages, replies
from services.words.commissioning import ProviderKeyChanged

_POLL = 0.05
R = TypeVar("R", bound=replies.Reply)


@dataclass(frozen=True, slots=True)
class Case:
    """A case and the offer of it."""

    handover_id: str
    offer_id: str
    message_id: str


class Trial:
    """The trust and the program in one trial; `folder` is the provider's folder if it has no Kafka."""

    def __init__(
        self,
        trust: Trust,
        program: Program,
        public_key: str,
        today: date,
        wait: float,
        exchange: Exchange | None,
        folder: Path | None,
        now: Callable[[], str],
    ) -> None:
        self.trust = trust
        self.program = program
        self.public_key = public_key
        self.today = today
        self._wait = wait
        self.folder = folder
        self.now = now
        self._exchange = exchange

    # What is said to the program

    async def offer(self, *, soon: bool = False) -> Case:
        """Offer a case; `soon`: support is wanted from today."""
        (case,) = await self.offers(1, soon=soon)
        return case

    async def offers(self, number: int, *, soon: bool = False) -> list[Case]:
        """Offer several cases at once."""
        wanted_on = self.today if soon else self.today + timedelta(days=14)
        yesterday = min(self.today, self.trust.book.today or self.today) - timedelta(days=1)
        asked = [request(papers_of_nobody(self.trust.vault), yesterday, wanted_on) for _ in range(number)]
        await self.trust.say(*((one, LOT) for one in asked))
        return [await self.newest_offer(one.handover_id) for one in asked]

    async def newest_offer(self, handover_id: str) -> Case:
        """The newest offer of a case."""
        offered = [
            message
            for message in await self.trust.told()
            if isinstance(message.word, messages.Offer) and message.word.handover_id == handover_id
        ]
        word = offered[-1].word
        assert isinstance(word, messages.Offer)
        return Case(handover_id, word.offer_id, offered[-1].id)

    async def change_key(self, public_key: str, *, reissue: bool) -> None:
        """The commissioner says that the provider has this key from now on."""
        word = ProviderKeyChanged(provider_id=self.trust.provider_id, public_key=public_key, reissue=reissue)
        await self.trust.say((word, self.trust.provider_id))

    # What is heard of it

    async def hears(self, wanted: Callable[[Sequence[Heard]], bool]) -> bool:
        """Wait until the program has said something; the trust does not hear it yet. False if it was not said."""
        return await self._until(wanted, carry=False)

    async def flows(self, wanted: Callable[[Sequence[Heard]], bool]) -> bool:
        """As `hears`, while the trust hears and answers all that is said."""
        return await self._until(wanted, carry=True)

    async def lives(self) -> bool:
        """Whether the program takes another, ordinary offer: then all that came before it lies behind it."""
        case = await self.offer()
        return await self.flows(lambda said: bool(accepted(said, case)))

    async def accepts(self, case: Case) -> bool:
        """Whether the program takes an offer; the trust has not heard it."""
        return await self.hears(lambda said: bool(accepted(said, case)))

    async def not_taken(self, case: Case) -> list[messages.ReplyNotTaken]:
        """What the trust did not take of the program's replies about a case."""
        words = [message.word for message in await self.trust.told()]
        about = (case.handover_id, case.offer_id)
        return [
            word
            for word in words
            if isinstance(word, messages.ReplyNotTaken) and (word.handover_id in about or word.offer_id in about)
        ]

    async def _pass_on(self) -> None:
        """Let the file exchange carry what lies there, if there is one."""
        if self._exchange is not None:
            await self._exchange.step()

    async def _until(self, wanted: Callable[[Sequence[Heard]], bool], *, carry: bool) -> bool:
        until = time.monotonic() + self._wait
        while True:
            await self._pass_on()
            if wanted(await self.trust.heard()):
                if carry:
                    await self.trust.carry()
                    await self._pass_on()
                return True
            if carry:
                await self.trust.carry()
            if time.monotonic() >= until or self.program.ended:
                return False
            await asyncio.sleep(_POLL)


def accepted(said: Sequence[Heard], case: Case) -> set[str]:
    """Ids of the acceptances of an offer."""
    return {one.id for one in said if isinstance(one.reply, replies.Accept) and one.reply.offer_id == case.offer_id}


def steps(said: Sequence[Heard], case: Case) -> int:
    """How many visits and starts were said of a case."""
    return len(of_case(said, case, replies.BookFirstVisit)) + len(of_case(said, case, replies.ConfirmStart))


def of_case(said: Sequence[Heard], case: Case, kind: type[R]) -> list[R]:
    """Replies of one kind about a case."""
    found = [one.reply for one in said if isinstance(one.reply, kind)]
    return [reply for reply in found if getattr(reply, "handover_id", None) == case.handover_id]


def another_key() -> str:
    """A public key whose private half nobody has."""
    return b64encode(X25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
