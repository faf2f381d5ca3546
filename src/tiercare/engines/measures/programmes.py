"""Work programmes (重点工作) that a region's texts ask for: what their projects say when they begin and when they end, which steps lie
between, and which standards of the register show where one is wanted.

Read from the packs by ``programmes_load``; what a clause does not list on a day is not in force on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tiercare.kernel.text import Text

from .oversight import Field


class Of(StrEnum):
    """Whose projects they are: the commissions of counties, or institutions of a sort."""

    COUNTIES = "counties"
    PRIMARY = "primary"
    COUNTY_HOSPITALS = "county_hospitals"
    PROVINCIAL_HOSPITALS = "provincial_hospitals"
    INSTITUTIONS = "institutions"


class Measure(StrEnum):
    """What a standard asks of a specialty, by the words of the texts."""

    SPECIALTY = "specialty"  # on the licence
    TALENT = "talent"  # people who practise in it
    EQUIPMENT = "equipment"
    ALLIANCE = "alliance"  # membership of a specialty alliance


OF_NAMES: Mapping[Of, Text] = {
    Of.COUNTIES: Text("县市区", "counties"),
    Of.PRIMARY: Text("基层医疗卫生机构", "primary institutions"),
    Of.COUNTY_HOSPITALS: Text("县级医院", "county hospitals"),
    Of.PROVINCIAL_HOSPITALS: Text("国家级、省级医院", "national and provincial hospitals"),
    Of.INSTITUTIONS: Text("医疗卫生机构", "institutions"),
}
MEASURE_NAMES: Mapping[Measure, Text] = {
    Measure.SPECIALTY: Text("诊疗科目", "On the licence"),
    Measure.TALENT: Text("人员", "Staff"),
    Measure.EQUIPMENT: Text("设备", "Equipment"),
    Measure.ALLIANCE: Text("专科联盟", "Alliance"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A measure, a core domain or a milestone of a project; ``file``: done only with its evidence."""

    id: str
    name: Text
    file: bool = False


@dataclass(frozen=True, slots=True)
class Blank:
    """Something a project says.

    Attributes:
        field: what; beside the types of a sheet it may be an ``institution``, by its register key.
        part: the part it belongs to, with which it goes; empty: none.
        listed_in: the parameter that lists its answers; empty: those of the file.
        lead: an institution that leads a consortium of the project's own.
    """

    field: Field
    part: str = ""
    listed_in: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Opens:
    """What the first page opens with where a programme says so: an indicator for its first part, and a panel whose rows are its
    other parts, in their order."""

    indicator: str
    panel: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme.

    Attributes:
        yearly: a sheet that everybody fills in once a year; otherwise a project with a plan and an end.
        days: within which it is to be done where whoever opens it says nothing.
        priority: one of the top-level programmes under which every other one stands, ``takes`` those under it.
        listed_in: the parameter that names it; where it does not, there is none.
        parts_in: the parameters that list its parts, in their order; ``ordered``: one after the other.
        file: it ends with a document.
    """

    id: str
    name: Text
    says: Text
    clauses: tuple[str, ...]
    of: Of
    yearly: bool
    days: int
    priority: bool
    takes: tuple[str, ...]
    listed_in: str
    parts: tuple[Part, ...]
    parts_in: tuple[str, ...]
    ordered: bool
    plan: tuple[Blank, ...]
    sheet: tuple[Blank, ...]
    file: bool
    opens: Opens | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A specialty that a standard looks at.

    Attributes:
        codes: licensed specialties that show it, those below them included; ``kinds``: equipment that belongs to it.
        answers: what a project that closes a gap of it says by default, by blank.
        least: what there must be of a measure; what is not named is shown and asks for nothing.
    """

    id: str
    name: Text
    codes: tuple[str, ...]
    kinds: tuple[str, ...]
    answers: Mapping[str, str]
    least: Mapping[Measure, int]


@dataclass(frozen=True, slots=True)
class Standard:
    """What the register is compared with, institution by institution; a project of ``programme`` takes a gap up.

    Attributes:
        columns: the measures that are shown; ``columns_in`` and ``needs_in`` are parameters that list them and the needs.
    """

    id: str
    name: Text
    says: Text
    clauses: tuple[str, ...]
    of: Of
    programme: str
    columns: tuple[Measure, ...]
    columns_in: str
    needs: tuple[Need, ...]
    needs_in: str


@dataclass(frozen=True, slots=True)
class Known:
    """What programmes may name: kinds of equipment of the register, indicators and panels of the pack."""

    equipment: Collection[str]
    indicators: Collection[str]
    panels: Collection[str]


@dataclass(frozen=True, slots=True)
class Works:
    """What is in force, by id in the order of the files.

    Attributes:
        tops: under which top-level programme each one stands, itself where there are none.
        unlisted: what stands in the files and is not in force, with the clause that does not list it.
    """

    programmes: Mapping[str, Programme] = field(default_factory=dict)
    standards: Mapping[str, Standard] = field(default_factory=dict)
    tops: Mapping[str, str] = field(default_factory=dict)
    unlisted: Mapping[str, str] = field(default_factory=dict)

    @property
    def opening(self) -> Programme | None:
        """The programme with which the first page opens."""
        return next((each for each in self.programmes.values() if each.opens), None)

    def below(self, top: str) -> Sequence[Programme]:
        """A top-level programme and those that stand under it."""
        return [each for each in self.programmes.values() if self.tops[each.id] == top]
