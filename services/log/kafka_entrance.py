"""Why a secured broker keeps a principal out: the clients only say that they could not connect.

Knows one bare connection, begun and closed. Must never know a topic, nor show a password.
"""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor

from aiokafka.conn import create_conn
from aiokafka.errors import AuthenticationFailedError, KafkaError, SaslAuthenticationFailed

from services.log.connection import MECHANISM, PROTOCOL, Address, Connection
from services.log.errors import NotAllowed

_LOOK_SECONDS = 5.0
_HANGS_UP_SECONDS = 0.5
"""After a tenth of a second a broker hangs up on whom it does not know; until then connections stand half closed."""


async def why_kept_out(address: Address) -> NotAllowed | None:
    """The broker's reason against this principal; None if it has none, is away, or is not secured."""
    if isinstance(address, str):
        return None
    try:
        await asyncio.wait_for(_knock(address), _LOOK_SECONDS)
    except ssl.SSLCertVerificationError:
        return NotAllowed(
            f"the certificate of the broker at {address.bootstrap} is not one that {address.ca} vouches for"
        )
    except (AuthenticationFailedError, SaslAuthenticationFailed):
        await asyncio.sleep(_HANGS_UP_SECONDS)
        return NotAllowed(
            f"the broker does not let principal {address.principal} in: its password is not the one that "
            "`sis access` made"
        )
    except (OSError, TimeoutError, KafkaError):
        return None
    return None


def kept_out(address: Address) -> NotAllowed | None:
    """The same, asked by a thread that may have an event loop of its own."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        return beside.submit(asyncio.run, why_kept_out(address)).result()


async def _knock(connection: Connection) -> None:
    host, _, port = connection.bootstrap.partition(",")[0].rpartition(":")
    entrance = await create_conn(
        host.strip("[]"),
        int(port),
        security_protocol=PROTOCOL,
        ssl_context=connection.context(),
        sasl_mechanism=MECHANISM,
        sasl_plain_username=connection.principal,
        sasl_plain_password=connection.password(),
    )
    await entrance.close()
