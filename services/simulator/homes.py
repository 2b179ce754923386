"""Names, towns and streets from which people who do not exist are made up, and where they live.

Knows lists alone. Postcodes end in 9ZZ and telephone numbers are of the range kept for drama: none is ever given out.
"""

from __future__ import annotations

from random import Random

from services.simulator.told import Event

TOWNS = {
    "ashford": ("Ashford", "TN24"),
    "canterbury": ("Canterbury", "CT2"),
    "dover": ("Dover", "CT16"),
    "folkestone-and-hythe": ("Folkestone", "CT20"),
    "swale": ("Sittingbourne", "ME10"),
    "thanet": ("Margate", "CT9"),
    "dartford": ("Dartford", "DA1"),
    "gravesham": ("Gravesend", "DA12"),
    "maidstone": ("Maidstone", "ME14"),
    "sevenoaks": ("Sevenoaks", "TN13"),
    "tonbridge-and-malling": ("Tonbridge", "TN9"),
    "tunbridge-wells": ("Tunbridge Wells", "TN1"),
    "medway": ("Gillingham", "ME7"),
}
_PLACES = tuple(TOWNS)
# Maidstone, where the pilot was (R13), has more; Medway, which no contract covers, some.
_PLACE_WEIGHTS = (8, 9, 7, 7, 8, 9, 6, 6, 16, 6, 7, 6, 5)
_FAMILY_NAMES = (
    *(
        "Ansley",
        "Barrowdale",
        "Brenchcombe",
        "Castlow",
        "Chidding",
        "Cobbam",
        "Denstead",
        "Elhurst",
        "Fagge",
        "Gathergood",
    ),
    *(
        "Hollinsby",
        "Iwade",
        "Kemsing",
        "Larkfield",
        "Mereworth",
        "Nackholt",
        "Okonjo",
        "Petham",
        "Quarrender",
        "Rahman",
    ),
    *("Selling", "Tappenden", "Ulcombe", "Vigo", "Wichling", "Yalding", "Kowalczyk", "Adeyemi", "Singh-Lenham", "Tran"),
)
_GIVEN_NAMES = (
    *("Ada", "Bashir", "Clare", "Dominic", "Esther", "Farah", "Graham", "Hannah", "Imran", "Joan", "Kwame", "Lydia"),
    *("Marek", "Nora", "Olive", "Piotr", "Queenie", "Rosa", "Stanley", "Thuy", "Ursula", "Victor", "Wendy", "Zain"),
)
_STREETS = (
    "Cherry",
    "Cobnut",
    "Drove",
    "Ferry",
    "Hoppers",
    "Lathe",
    "Marsh",
    "Orchard",
    "Pilgrim",
    "Ragstone",
    "Sheerway",
)
_STREET_KINDS = ("Lane", "Row", "Hill", "Close", "Street")


def home(chance: Random, district: str) -> Event:
    """An address that is nowhere, with a postcode and a telephone number that are never given out."""
    town, outward = TOWNS[district]
    street = f"{chance.randint(1, 99)} {chance.choice(_STREETS)} {chance.choice(_STREET_KINDS)}"
    return {
        "address_lines": [street, town],
        "postcode": f"{outward} 9ZZ",
        "telephone": f"01632 960{chance.randint(0, 999):03}",
        "gp_practice": f"Synthetic Practice {chance.randint(1, 40)}",
    }


def some_district(chance: Random) -> str:
    """A district of Kent, or Medway."""
    return chance.choices(_PLACES, _PLACE_WEIGHTS)[0]


def name(chance: Random) -> Event:
    """A family name and a given name."""
    return {"family_name": chance.choice(_FAMILY_NAMES), "given_names": chance.choice(_GIVEN_NAMES)}
