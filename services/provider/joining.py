"""The one file with which a provider joins: who it is, where the trust is reached, and where its key and position lie.

Knows TOML, and files that are named relative to this one. Must never hold or print a secret.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from services.words.provider_fields import ProviderId


class SettingsUnusable(Exception):
    """A provider's settings cannot be used; the text says which line is wrong and what to do."""


class Joining(BaseModel):
    """`provider` and `key_file`, and either `bootstrap` (host:port of Kafka) or `exchange` (a folder of files).

    A secured Kafka also needs `password_file` and `ca_file`, the certificate that vouches for it.
    `position_file` keeps where the program stopped; `schemas` is a folder of schemas that were released after it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: ProviderId
    key_file: Path | None = None
    bootstrap: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    exchange: Path | None = None
    position_file: Path | None = None
    schemas: Path | None = None


def read_settings(path: Path) -> Joining:
    """The settings in a file. Raises `SettingsUnusable`."""
    try:
        settings = Joining.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as fault:
        raise SettingsUnusable(f"{path} cannot be read: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsUnusable(f"{path} is not TOML: {fault}") from fault
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False)[0]
        names = ", ".join(Joining.model_fields)
        raise SettingsUnusable(f"{path}: {first['loc'][0]}: {first['msg']}; the names are {names}") from fault
    if (settings.bootstrap is None) == (settings.exchange is None):
        raise SettingsUnusable(f"{path} names either bootstrap (host:port) or exchange (a folder), and not both")
    if (settings.password_file is None) != (settings.ca_file is None):
        raise SettingsUnusable(f"{path} names only one of password_file and ca_file; a secured Kafka needs both")
    return settings.model_copy(update=_beside(path.parent, settings))


def _beside(folder: Path, settings: Joining) -> dict[str, Path]:
    named = {
        name: getattr(settings, name)
        for name in ("key_file", "password_file", "ca_file", "exchange", "position_file", "schemas")
    }
    return {name: folder / value for name, value in named.items() if value is not None}
