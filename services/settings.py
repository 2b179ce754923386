"""What can be set: one frozen class, environment variables with the prefix SIS_, or the same names in a file.

Knows names, defaults and meanings. Only stack, cli and `__main__` modules may import it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, ValidationError, field_serializer, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

if TYPE_CHECKING:
    from sqlalchemy import URL

PREFIX = "SIS_"


class UnknownSetting(Exception):
    """A setting has a name that nobody knows or a value that it cannot have; the text says which and what to do."""


class Settings(BaseSettings):
    """The settings of one system. Field descriptions are what `sis config schema` prints."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file="sis.env", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    data: Path = Field(
        Path("data"), description="The one folder of an embedded system: broker, vault, view, keys, logs."
    )
    calendar: Literal["feed", "clock"] = Field(
        "feed", description="Whose days count: those of feeds, or the ticker's at midnight in Europe/London."
    )
    bootstrap: str | None = Field(
        None, description="host:port of a Kafka that runs already; without it one is embedded."
    )
    secure: bool = Field(
        False, description="TLS, a user for each principal and deny by default; fixed at the first start of a folder."
    )
    emitters: Literal["open", "signed"] = Field(
        "open",
        description="Whether teams and the commissioner must sign what they say, as they must if it is secured; "
        "fixed at the first start of a folder. A wrong signature is refused in any case.",
    )
    view: SecretStr = Field(
        SecretStr(""),
        description="PostgreSQL for the read view, as postgresql+psycopg://user:password@host/database; "
        "empty, it is SQLite in the data folder. Its password is never shown.",
    )
    production: bool = Field(
        False, description="Take real NHS numbers and refuse synthetic ones; the default is the reverse."
    )
    episodes_partitions: int = Field(
        4, ge=1, description="Partitions of the episodes topics; fixed at the first start."
    )

    @field_validator("view")
    @classmethod
    def _is_postgresql(cls, view: SecretStr) -> SecretStr:
        if view.get_secret_value():
            _database(view)
        return view

    @field_serializer("view")
    def _without_password(self, view: SecretStr) -> str:
        """User, host and name; what stands after a question mark may be secret too."""
        return _database(view).set(query={}).render_as_string() if view.get_secret_value() else ""

    @property
    def must_sign(self) -> bool:
        """Whether what is not signed by its emitter is refused."""
        return self.secure or self.emitters == "signed"

    @property
    def keys(self) -> Path | None:
        """The folder of passwords and of the broker's certificate; None where nothing is secured."""
        return self.data / "keys" if self.secure else None


def _database(view: SecretStr) -> URL:
    """The parts of a PostgreSQL URL. What is said of another repeats nothing of it."""
    from sqlalchemy import make_url  # here, for it takes longer than all else of settings, and few set a PostgreSQL
    from sqlalchemy.exc import ArgumentError

    another = PydanticCustomError("not_postgresql", "this is not postgresql+psycopg://user:password@host/database")
    try:
        url = make_url(view.get_secret_value())
    except (ArgumentError, ValueError):  # a password in the place of the port is no number
        raise another from None
    if url.drivername != "postgresql+psycopg" or not url.database:
        raise another
    if "@" in f"{url.host}{url.database}":
        raise PydanticCustomError("not_postgresql", "an @ in a password is written %40")
    return url


def load(**given: object) -> Settings:
    """Settings from `given`, the environment and `sis.env`, in this order. Raises `UnknownSetting`."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | {"SIS_CACHE"}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise UnknownSetting(f"{unknown[0]} is not a setting; `sis config schema` lists those there are")
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks each value
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False)[0]
        name = f"{PREFIX}{first['loc'][0]}".upper()
        raise UnknownSetting(f"{name}: {first['msg']}; `sis config schema` says what it may be") from fault


def origins(**given: object) -> dict[str, str]:
    """Each setting's name to where its value comes from: command line, environment, `sis.env` or default."""
    sources = {
        "command line": {name for name, value in given.items() if value is not None},
        "environment": set(EnvSettingsSource(Settings)()),
        "sis.env": set(DotEnvSettingsSource(Settings)()),
    }
    return {
        name: next((origin for origin, names in sources.items() if name in names), "default")
        for name in Settings.model_fields
    }
