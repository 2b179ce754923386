"""Reads the reference tables that are shipped inside this package.

Knows where they lie. Never knows what they mean: each module turns its own table into values, once, at import.
"""

import tomllib
from importlib import resources
from typing import Any


def table(name: str) -> dict[str, Any]:
    """Return the content of `data/<name>.toml`; FileNotFoundError if the package ships no such table."""
    return tomllib.loads(resources.files("services.county").joinpath("data", f"{name}.toml").read_text("utf-8"))
