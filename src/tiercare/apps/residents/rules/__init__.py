"""Pure rules of the index of residents: code lists, numbers, registration."""

from __future__ import annotations

from .correction import FIELD_WORDS, KEEP, Correction
from .fields import FIELD_NAMES, SEEN_BY, Field, render_fields, sees
from .groups import Delicacy, delicacy, group_name
from .numbers import Number, contradiction, fold_number, guess_kind, mask_number, read_number
from .registration import (
    ALREADY_REGISTERED,
    LIKELY_DOUBLE,
    Entry,
    Registration,
    blocking_keys,
    read_registration,
    tidy,
)
from .vocabulary import (
    IDENTITY_NAMES,
    RELATION_NAMES,
    SEX_NAMES,
    UNIQUE_KINDS,
    CardEvent,
    IdentityKind,
    Relation,
    Sex,
)

__all__ = [
    "ALREADY_REGISTERED",
    "FIELD_NAMES",
    "FIELD_WORDS",
    "IDENTITY_NAMES",
    "KEEP",
    "LIKELY_DOUBLE",
    "RELATION_NAMES",
    "SEEN_BY",
    "SEX_NAMES",
    "UNIQUE_KINDS",
    "CardEvent",
    "Correction",
    "Delicacy",
    "Entry",
    "Field",
    "IdentityKind",
    "Number",
    "Registration",
    "Relation",
    "Sex",
    "blocking_keys",
    "contradiction",
    "delicacy",
    "fold_number",
    "group_name",
    "guess_kind",
    "mask_number",
    "read_number",
    "read_registration",
    "render_fields",
    "sees",
    "tidy",
]
