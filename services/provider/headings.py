"""A pack under the headings of a handover, shaped on those of the Professional Record Standards Body.

Knows names of fields. Must never know a value, nor claim for a heading what no pack holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "Person demographics": (
        *("family_name", "given_names", "birth_date", "nhs_number", "address_lines", "postcode", "telephone"),
    ),
    "GP practice": ("gp_practice",),
    "Referrer details": (),
    "Reason for referral and expectations": ("needs", "start_on"),
    "About me": (),
    "Needs and goals": ("needs",),
    "Risks and alerts": ("risk",),
    "Communication and reasonable adjustments": (),
    "Current services and contacts": (),
    "Accommodation and key access": ("address_lines", "postcode"),
    "Legal information": (),
    "Consent and information-sharing basis": (),
    "Funding and hours": ("weekly_minutes",),
}
"""Heading to the fields of a pack and of the details sealed in it.

Nothing: a pack is made of the request and the person's details (design §6, §8), and neither carries anything of it. Of
some the person's own ledger knows a part (the team that referred, agencies told of, an exemption under section 117),
which no request takes along: a provider is told what it needs to begin, and asks for the rest.
"""


def under_headings(held: Collection[str]) -> dict[str, list[str]]:
    """Every heading, in order, with those of its fields that a pack holds."""
    return {heading: [name for name in names if name in held] for heading, names in HEADINGS.items()}
