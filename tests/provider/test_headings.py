"""What a pack holds stands under the headings of a handover, and the provider's page says which are empty."""

from __future__ import annotations

from typing import Any

from services.provider.headings import HEADINGS, under_headings
from services.provider.reading import Message
from services.provider.shown import shown
from services.words.messages import Pack
from services.words.people import Details
from tests.command_line import ROOT
from tests.words.drawn import example_of

NO_CONTENT = {"offer_id", "handover_id", "issue", "key", "blob"}
"""Fields of a pack that say nothing of the person or the support."""


def test_every_field_of_a_pack_has_a_heading() -> None:
    """Whatever is added to a pack or to a person's details is to be found under a heading."""
    named = {name for names in HEADINGS.values() for name in names}

    assert named == {*Details.model_fields, *Pack.model_fields} - NO_CONTENT


def test_the_headings_are_those_of_the_reference_in_their_order() -> None:
    """Thirteen, from who the person is to what is paid for."""
    assert len(HEADINGS) == 13
    assert (next(iter(HEADINGS)), list(HEADINGS)[-1]) == ("Person demographics", "Funding and hours")


def test_the_providers_page_says_what_each_heading_holds() -> None:
    """The table in docs/providers.md is that of the program, empty headings too."""
    rows = [
        f"| {heading} | {', '.join(f'`{name}`' for name in names) or 'nothing'} |"
        for heading, names in HEADINGS.items()
    ]

    assert "\n".join(rows) in (ROOT / "docs" / "providers.md").read_text("utf-8")


def test_a_pack_is_shown_under_its_headings() -> None:
    """Without the key it shows the clear fields; a detail that the person has not is not named."""
    pack: Any = example_of(Pack)

    row = shown(Message("m-1", pack.handover_id, "2012-10-01T09:00:00Z", 0, pack), "oak", None)

    assert row["headings"]["Funding and hours"] == ["weekly_minutes"]
    assert row["headings"]["Person demographics"] == []
    assert under_headings({"gp_practice", "needs"})["GP practice"] == ["gp_practice"]
