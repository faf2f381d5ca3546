"""What can be asked about residents."""

from __future__ import annotations

from .booking import GroundToBook, acts_for, decides_for, ground_to_book
from .card_keys import public_keys
from .cards import CardOf, Held, arrivals, card_of, card_types, card_uses, not_a_member, show_token
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
from .family import doctors_offered, offered_groups, one_by_number
from .finding import Least, Listed, ends_in, find, least_of, listed, named_like, record_listed
from .merging import Effect, Reader, Side, effect
from .mine import grantees_like, my_objections, my_reading, my_readings, shared, ward_of, ward_shown, wards
from .opening import Closed, Opened, opened, person_of
from .record import Identity, Sheet, candidates_shown, groups_to_enter, may_change, sheet
from .sharing import kinds_that_share
from .telephone import telephone_of

__all__ = [
    "DAYS",
    "CardOf",
    "Closed",
    "Day",
    "Effect",
    "GroundToBook",
    "Held",
    "Identity",
    "Least",
    "Listed",
    "MergeRow",
    "Metrics",
    "OpenPair",
    "Opened",
    "Reader",
    "Sheet",
    "Side",
    "Unclaimed",
    "acts_for",
    "arrivals",
    "candidates_shown",
    "card_of",
    "card_types",
    "card_uses",
    "decides_for",
    "doctors_offered",
    "effect",
    "ends_in",
    "find",
    "grantees_like",
    "ground_to_book",
    "groups_to_enter",
    "kinds_that_share",
    "least_of",
    "listed",
    "may_change",
    "merges",
    "metrics",
    "my_objections",
    "my_reading",
    "my_readings",
    "named_like",
    "not_a_member",
    "offered_groups",
    "one_by_number",
    "open_pairs",
    "opened",
    "person_of",
    "public_keys",
    "record_listed",
    "shared",
    "sheet",
    "show_token",
    "telephone_of",
    "unclaimed",
    "ward_of",
    "ward_shown",
    "wards",
]
