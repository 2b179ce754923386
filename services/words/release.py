"""The release whose rules this program has; a changed rule is a new one, named in each inbox before it holds."""

RELEASE = "1"
RELEASED_AT = "2026-11-22T00:00:00Z"
"""When these rules were settled; part of the word that adopts them, so it never differs between two starts."""
