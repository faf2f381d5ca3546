"""What can be asked about residents."""

from __future__ import annotations

from .booking import GroundToBook, acts_for, decides_for, ground_to_book
from .card_keys import public_keys
from .cards import CardOf, Held, arrivals, card_of, card_types, card_uses, not_a_member, show_token
from .care import CareOffer, CareRow, MyCare, Station, care_asked, care_offer, my_care
from .cover import Covered, CoverOn, Insured, cover_at, covers, covers_of, insured_person
from .drawing import Drawn, draw, frame, pseudonym
from .duplicates import (
    DAYS,
    Day,
    MergeRow,
    Metrics,
    OpenPair,
    Unclaimed,
    merges,
    metrics,
    open_pairs,
    unclaimed,
)
from .fact_people import FactPeople, FactPerson
from .fact_rows import fact_contracts, fact_population
from .family import doctors_offered, offered_groups, one_by_number
from .finding import Least, Listed, ends_in, find, least_of, listed, named_like, record_listed
from .first_contact import FirstContact, first_contact_at
from .merging import Effect, Reader, Side, effect
from .mine import grantees_like, my_objections, my_reading, my_readings, shared, ward_of, ward_shown, wards
from .opening import Closed, Opened, opened, person_of
from .record import Identity, Sheet, candidates_shown, groups_to_enter, may_change, sheet
from .sharing import kinds_that_share
from .signing import own_poor_signing, poor_signing, unsigned_poor, village_names
from .telephone import telephone_of
from .territory import (
    MyProviders,
    Offering,
    Provided,
    my_providers,
    provided,
    provider_of,
    providers_of,
    territorial,
    to_choose_from,
)

__all__ = [
    "DAYS",
    "CardOf",
    "CareOffer",
    "CareRow",
    "Closed",
    "CoverOn",
    "Covered",
    "Day",
    "Drawn",
    "Effect",
    "FactPeople",
    "FactPerson",
    "FirstContact",
    "GroundToBook",
    "Held",
    "Identity",
    "Insured",
    "Least",
    "Listed",
    "MergeRow",
    "Metrics",
    "MyCare",
    "MyProviders",
    "Offering",
    "OpenPair",
    "Opened",
    "Provided",
    "Reader",
    "Sheet",
    "Side",
    "Station",
    "Unclaimed",
    "acts_for",
    "arrivals",
    "candidates_shown",
    "card_of",
    "card_types",
    "card_uses",
    "care_asked",
    "care_offer",
    "cover_at",
    "covers",
    "covers_of",
    "decides_for",
    "doctors_offered",
    "draw",
    "effect",
    "ends_in",
    "fact_contracts",
    "fact_population",
    "find",
    "first_contact_at",
    "frame",
    "grantees_like",
    "ground_to_book",
    "groups_to_enter",
    "insured_person",
    "kinds_that_share",
    "least_of",
    "listed",
    "may_change",
    "merges",
    "metrics",
    "my_care",
    "my_objections",
    "my_providers",
    "my_reading",
    "my_readings",
    "named_like",
    "not_a_member",
    "offered_groups",
    "one_by_number",
    "open_pairs",
    "opened",
    "own_poor_signing",
    "person_of",
    "poor_signing",
    "provided",
    "provider_of",
    "providers_of",
    "pseudonym",
    "public_keys",
    "record_listed",
    "shared",
    "sheet",
    "show_token",
    "telephone_of",
    "territorial",
    "to_choose_from",
    "unclaimed",
    "unsigned_poor",
    "village_names",
    "ward_of",
    "ward_shown",
    "wards",
]
