"""A form as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tiercare.kernel.text import Text


class Kind(StrEnum):
    """How an item is answered. ``SCALE``: a whole number between two bounds, the higher the better. ``MULTI``: some of the
    choices, joined by ``|``. ``INSTITUTION``: the register key of one. ``TEXT``: in one's own words."""

    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    SCALE = "scale"
    MULTI = "multi"
    INSTITUTION = "institution"
    TEXT = "text"


class Purpose(StrEnum):
    """What a form is for."""

    FOLLOW_UP = "follow_up"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``low`` and ``high`` bound what can be true; ``at_least``, ``at_most`` and ``when`` (choices, or yes and
    no) are the limits beyond which an answer raises an alert, that says ``says``. ``fact`` is the guidelines' name of it,
    under which the answer stands in the record too. ``only_if``: the item is asked only where each of these earlier items was
    answered by one of these (choices, or yes and no)."""

    id: str
    ask: Text
    kind: Kind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: Mapping[str, Text] = field(default_factory=dict)
    at_least: float | None = None
    at_most: float | None = None
    when: frozenset[str] = frozenset()
    says: Text | None = None
    fact: str = ""
    required: bool = False
    only_if: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """A form in one version; ``source`` says whose wording and whose limits these are."""

    id: str
    name: Text
    purpose: Purpose
    version: int
    source: Text
    items: tuple[Item, ...]

    def item(self, key: str) -> Item | None:
        """The item of this id."""
        return next((each for each in self.items if each.id == key), None)
