"""The network of one region on one day, as plain values: what every predicate looks at.

The database loads it (``queries.network_facts``), rule cards write it as examples (``Network.from_plain``),
tests make it up; the predicates cannot tell which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from tiercare.kernel.text import Text


class Category(StrEnum):
    """What an institution is (after WS 218, as far as the policies tell kinds apart)."""

    GENERAL = "GENERAL"  # 综合医院
    TCM = "TCM"  # 中医（民族医）医院
    SPECIALTY = "SPECIALTY"  # 专科医院
    PSYCHIATRIC = "PSYCHIATRIC"  # 精神卫生
    MATERNAL_CHILD = "MATERNAL_CHILD"  # 妇幼保健院
    REHABILITATION = "REHABILITATION"  # 康复医院
    NURSING = "NURSING"  # 护理院
    PUBLIC_HEALTH = "PUBLIC_HEALTH"  # 疾控等专业公卫
    TOWNSHIP_CENTRE = "TOWNSHIP_CENTRE"  # 乡镇卫生院
    COMMUNITY_CENTRE = "COMMUNITY_CENTRE"  # 社区卫生服务中心
    COMMUNITY_STATION = "COMMUNITY_STATION"  # 社区卫生服务站
    VILLAGE_CLINIC = "VILLAGE_CLINIC"  # 村卫生室
    CLINIC = "CLINIC"  # 诊所、门诊部


PRIMARY = frozenset(
    {
        Category.TOWNSHIP_CENTRE,
        Category.COMMUNITY_CENTRE,
        Category.COMMUNITY_STATION,
        Category.VILLAGE_CLINIC,
        Category.CLINIC,
    }
)
CENTRES = frozenset({Category.TOWNSHIP_CENTRE, Category.COMMUNITY_CENTRE})


class Owner(StrEnum):
    """Public or run by society (社会办)."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class Affiliation(StrEnum):
    """Who administers an institution (隶属关系)."""

    NATION = "NATION"
    PROVINCE = "PROVINCE"
    PREFECTURE = "PREFECTURE"
    COUNTY = "COUNTY"
    TOWNSHIP = "TOWNSHIP"
    NONE = "NONE"


class Kind(StrEnum):
    """Every kind of consortium in the texts."""

    CITY_GROUP = "CITY_GROUP"  # 城市医疗集团 / 城市医联体
    COUNTY_COMMUNITY = "COUNTY_COMMUNITY"  # 县域医共体
    URBAN_RURAL = "URBAN_RURAL"  # 城乡医联体
    SPECIALTY_ALLIANCE = "SPECIALTY_ALLIANCE"  # 专科联盟
    TELEMEDICINE_NETWORK = "TELEMEDICINE_NETWORK"  # 远程医疗协作网


KIND_NAMES: Mapping[Kind, Text] = {
    Kind.CITY_GROUP: Text("城市医联体", "City medical group"),
    Kind.COUNTY_COMMUNITY: Text("县域医共体", "County medical community"),
    Kind.URBAN_RURAL: Text("城乡医联体", "Urban–rural consortium"),
    Kind.SPECIALTY_ALLIANCE: Text("专科联盟", "Specialty alliance"),
    Kind.TELEMEDICINE_NETWORK: Text("远程医疗协作网", "Telemedicine network"),
}


class Role(StrEnum):
    """What an institution is in a consortium."""

    LEAD = "LEAD"
    MEMBER = "MEMBER"
    COLLABORATOR = "COLLABORATOR"
    ASSISTING = "ASSISTING"
    ENTRUSTED = "ENTRUSTED"


class AreaKind(StrEnum):
    """County-level areas as the plans tell them apart."""

    DISTRICT = "DISTRICT"  # 市辖区
    ZONE = "ZONE"  # 开发区
    COUNTY = "COUNTY"  # 县、县级市


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution on the day. ``division`` is the code of its county-level area; ``slug`` its short name
    in the packs; ``qualified`` says that somebody recorded it as able to lead; ``managed_as_level`` differs
    from ``level`` only for accepted county sub-centres."""

    id: str
    name: str = ""
    slug: str = ""
    category: Category = Category.GENERAL
    level: int = 2
    grade: str = ""
    owner: Owner = Owner.PUBLIC
    affiliation: Affiliation = Affiliation.COUNTY
    division: str = ""
    beds: int = 0
    qualified: bool = False
    subcentre: bool = False
    managed_as_level: int = 0
    specialties: frozenset[str] = frozenset()
    key_specialties: Mapping[str, str] = field(default_factory=dict)
    facilities: frozenset[str] = frozenset()
    changed_on_joining: tuple[str, ...] = ()

    @property
    def primary(self) -> bool:
        """True for primary care."""
        return self.category in PRIMARY

    @property
    def public(self) -> bool:
        """True for an institution run by the state."""
        return self.owner is Owner.PUBLIC


@dataclass(frozen=True, slots=True)
class Consortium:
    """A consortium on the day; ``division`` is the area it is for."""

    id: str
    name: str = ""
    kind: Kind = Kind.CITY_GROUP
    division: str = ""
    tight: bool = False
    specialty: str = ""
    approved: bool = False
    charter: bool = False
    effective: bool = False
    committee: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """An institution's part in a consortium."""

    consortium: str
    institution: str
    role: Role


@dataclass(frozen=True, slots=True)
class Joined:
    """A consortium that belongs, as a whole, to another one."""

    parent: str
    child: str


@dataclass(frozen=True, slots=True)
class Area:
    """A county-level area of the region, with the townships in it (codes)."""

    code: str
    name: str = ""
    kind: AreaKind = AreaKind.COUNTY
    townships: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid: the area codes that make it up, and the consortia that answer for it."""

    id: str
    name: str = ""
    places: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement in force: who signed (institution ids and ``gov:<division>``), about which consortium."""

    id: str
    consortium: str = ""
    parties: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trusteeship:
    """``trustee`` runs ``entrusted``; ``agreement`` says that a dated agreement stands behind it."""

    trustee: str
    entrusted: str
    agreement: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that a government had to finish and report."""

    division: str
    kind: str
    finished_on: date


@dataclass(frozen=True)
class Network:
    """Everything in force on the day."""

    region: str
    institutions: Mapping[str, Institution] = field(default_factory=dict)
    consortia: Mapping[str, Consortium] = field(default_factory=dict)
    memberships: tuple[Membership, ...] = ()
    joined: tuple[Joined, ...] = ()
    areas: Mapping[str, Area] = field(default_factory=dict)
    grids: Mapping[str, Grid] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()
    trusteeships: tuple[Trusteeship, ...] = ()
    plans: tuple[Plan, ...] = ()
    specialty_names: Mapping[str, str] = field(default_factory=dict)
    division_names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_consortium(self) -> Mapping[str, tuple[Membership, ...]]:
        """Memberships of each consortium."""
        found: dict[str, list[Membership]] = defaultdict(list)
        for membership in self.memberships:
            found[membership.consortium].append(membership)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def by_institution(self) -> Mapping[str, tuple[Membership, ...]]:
        """Memberships of each institution."""
        found: dict[str, list[Membership]] = defaultdict(list)
        for membership in self.memberships:
            found[membership.institution].append(membership)
        return {key: tuple(rows) for key, rows in found.items()}

    def of_kind(self, *kinds: Kind) -> list[Consortium]:
        """Consortia of these kinds, in a stable order."""
        return sorted((c for c in self.consortia.values() if c.kind in kinds), key=lambda c: c.id)

    def members(self, consortium: str, *roles: Role) -> list[Institution]:
        """Institutions of a consortium, in these roles or in any."""
        rows = self.by_consortium.get(consortium, ())
        return [self.institutions[m.institution] for m in rows if not roles or m.role in roles]

    def leads(self, consortium: str) -> list[Institution]:
        """Its lead; more than one only where something is wrong."""
        return self.members(consortium, Role.LEAD)

    def children(self, consortium: str, kind: Kind = Kind.COUNTY_COMMUNITY) -> list[Consortium]:
        """Consortia that joined this one as a whole."""
        rows = (self.consortia[j.child] for j in self.joined if j.parent == consortium)
        return sorted((c for c in rows if c.kind is kind), key=lambda c: c.id)

    def parents(self, consortium: str, *kinds: Kind) -> list[Consortium]:
        """Consortia that this one joined as a whole."""
        rows = (self.consortia[j.parent] for j in self.joined if j.child == consortium)
        return sorted((c for c in rows if not kinds or c.kind in kinds), key=lambda c: c.id)

    def consortia_of(self, institution: str, *kinds: Kind) -> list[Consortium]:
        """Consortia that this institution belongs to by itself."""
        rows = (self.consortia[m.consortium] for m in self.by_institution.get(institution, ()))
        return sorted((c for c in rows if not kinds or c.kind in kinds), key=lambda c: c.id)

    def local(self) -> Iterable[Institution]:
        """Institutions inside the region, in a stable order."""
        return sorted(
            (i for i in self.institutions.values() if i.division.startswith(self.region)), key=lambda i: i.id
        )

    def area_name(self, code: str) -> str:
        """The name of an area (or of the prefecture or province around it), or its code."""
        area = self.areas.get(code)
        return area.name if area else self.division_names.get(code, code)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Network:
        """From the short form of rule-card examples: ``institutions: {H1: {level: 3}}`` and so on; a
        consortium may name its ``lead``, ``members``, ``communities`` (joined as a whole) in place.

        Raises:
            ValueError: for a key or a name that does not exist.
        """
        return _Plain(plain).network()


def _build(shape: type[Any], name: str, given: Mapping[str, Any]) -> Any:
    """One value of ``shape`` with its enums and sets made from plain text."""
    known = {f.name: f for f in fields(shape)}
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"{shape.__name__} {name} has no field {', '.join(sorted(unknown))}")
    return shape(**{key: _cast(str(known[key].type), value) for key, value in given.items()})


_CASTS: Mapping[str, Any] = {
    "Category": Category,
    "Owner": Owner,
    "Affiliation": Affiliation,
    "Kind": Kind,
    "Role": Role,
    "AreaKind": AreaKind,
    "frozenset[str]": frozenset,
    "tuple[str, ...]": tuple,
}


def _cast(kind: str, value: Any) -> Any:
    cast = _CASTS.get(kind)
    return cast(value) if cast else value


@dataclass
class _Plain:
    """Reads the short form."""

    plain: Mapping[str, Any]

    def network(self) -> Network:
        unknown = set(self.plain) - {f.name for f in fields(Network)}
        if unknown:
            raise ValueError(f"a network has no {', '.join(sorted(unknown))}")
        institutions = self._named("institutions", Institution, "id")
        memberships, joined, consortia = self._consortia()
        for membership in memberships:
            if membership.institution not in institutions:
                raise ValueError(
                    f"{membership.consortium} names the unknown institution {membership.institution}"
                )
        return Network(
            region=str(self.plain.get("region", "")),
            institutions=institutions,
            consortia=consortia,
            memberships=tuple(memberships),
            joined=tuple(joined),
            areas=self._named("areas", Area, "code"),
            grids=self._named("grids", Grid, "id"),
            agreements=tuple(self._listed("agreements", Agreement)),
            trusteeships=tuple(self._listed("trusteeships", Trusteeship)),
            plans=tuple(self._listed("plans", Plan)),
            specialty_names=dict(self.plain.get("specialty_names", {})),
            division_names=dict(self.plain.get("division_names", {})),
        )

    def _named(self, part: str, shape: type[Any], key: str) -> dict[str, Any]:
        rows = self.plain.get(part, {})
        return {
            name: _build(shape, name, {"name": name, **(row or {}), key: name}) for name, row in rows.items()
        }

    def _listed(self, part: str, shape: type[Any]) -> list[Any]:
        return [_build(shape, part, row) for row in self.plain.get(part, [])]

    def _consortia(self) -> tuple[list[Membership], list[Joined], dict[str, Consortium]]:
        memberships: list[Membership] = []
        joined: list[Joined] = []
        consortia: dict[str, Consortium] = {}
        parts = {"leads": Role.LEAD, "members": Role.MEMBER, "collaborators": Role.COLLABORATOR}
        for name, row in self.plain.get("consortia", {}).items():
            given = dict(row or {})
            lead = given.pop("lead", None)
            if lead:
                given["leads"] = [lead]
            for part, role in parts.items():
                memberships += [Membership(name, institution, role) for institution in given.pop(part, [])]
            joined += [Joined(name, child) for child in given.pop("communities", [])]
            consortia[name] = _build(Consortium, name, {"name": name, **given, "id": name})
        return memberships, joined, consortia
