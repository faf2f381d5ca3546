"""What a book of guidelines consists of: facts, grades, rows, each with where it comes from and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .expressions import Expression


class Kind(StrEnum):
    """What a fact is: a measured number, present or not, or one of some codes."""

    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"


class Direction(StrEnum):
    """Where a row sends the patient."""

    UP = "up"
    DOWN = "down"


class Urgency(IntEnum):
    """How soon; the lower goes first. The times that belong to it stand in the packs."""

    EMERGENCY = 0
    URGENT = 1
    ROUTINE = 2


class Confidence(StrEnum):
    """How sure it is that the source says so: read there, known with high or with middling confidence, or set by us."""

    SEEN = "seen"
    HIGH = "high"
    MEDIUM = "medium"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that can be observed. ``low`` and ``high`` bound what is plausible of a number, in ``unit``;
    ``group`` puts flags together that are asked as one list (symptoms)."""

    id: str
    kind: Kind
    name: Text
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: Mapping[str, Text] | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A document that rows come from."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True)
class Step:
    """A value of a grade, and when it is that."""

    value: str
    name: Text
    when: Expression


@dataclass(frozen=True, slots=True)
class Grade:
    """A derived fact: the first step that holds, highest first; or, with ``counted``, how many of them hold."""

    id: str
    name: Text
    steps: tuple[Step, ...] = ()
    counted: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A criterion: from which tiers it sends where, when, how urgently, on whose word."""

    id: str
    disease: str
    direction: Direction
    tiers: tuple[int, ...]
    to: int
    urgency: Urgency
    when: Expression
    says: Text
    source: Source
    confidence: Confidence
    period: Period
    able: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """How long until the next contact, in days."""

    days: int
    when: Expression
    says: Text
    source: Source
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one disease."""

    disease: str
    name: Text
    icd10: tuple[str, ...]
    grades: tuple[Grade, ...]
    rows: tuple[Row, ...]
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Guidelines:
    """Everything that holds in a region; ``version`` is the digest of the files it was read from."""

    facts: Mapping[str, Fact]
    tables: Mapping[str, Table]
    version: str
