"""The network of one region on one day, as plain values: what every predicate looks at.

The database loads it (``queries.network_facts``), rule cards write it as examples (``plain.from_plain``),
tests make it up; the predicates cannot tell which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

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
    from ``level`` only for accepted county sub-centres. ``departments`` are the specialty codes its
    departments work under; ``general_practitioners`` counts clinicians whose scope is general practice."""

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
    departments: frozenset[str] = frozenset()
    general_practitioners: int = 0
    township: str = ""
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
    """A consortium on the day; ``division`` is the area it is for. One ``beyond`` is of another area and here
    only because somebody inside belongs to it: no rule of this area judges it."""

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
    council: bool = False
    unified: frozenset[str] = frozenset()
    beyond: bool = False
    charter_sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Membership:
    """An institution's part in a consortium; ``consented`` says that its own consent is on record."""

    consortium: str
    institution: str
    role: Role
    consented: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A consortium that belongs, as a whole, to another one."""

    parent: str
    child: str


@dataclass(frozen=True, slots=True)
class Area:
    """A county-level area of the region, with the townships in it (codes); ``population`` in persons, 0 where
    none is on record."""

    code: str
    name: str = ""
    kind: AreaKind = AreaKind.COUNTY
    townships: tuple[str, ...] = ()
    population: int = 0


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
    """A plan that a government had to finish and report; ``milestones`` counts what it wants done by when."""

    division: str
    kind: str
    finished_on: date
    milestones: int = 0


def _by_id(thing: Institution | Consortium) -> str:
    return thing.id


@dataclass(frozen=True)
class Network:
    """Everything in force on the day in ``region`` or, where that is cut into prefectures to be judged one by
    one, in its ``part`` (the prefecture's code). ``heads`` are the provinces whose own duties are judged
    with this part, so that each is judged once."""

    region: str
    part: str = ""
    heads: frozenset[str] | None = None
    institutions: Mapping[str, Institution] = field(default_factory=dict)
    consortia: Mapping[str, Consortium] = field(default_factory=dict)
    memberships: tuple[Membership, ...] = ()
    memberships_beyond: tuple[Membership, ...] = ()
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
        for membership in (*self.memberships, *self.memberships_beyond):
            found[membership.consortium].append(membership)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def by_institution(self) -> Mapping[str, tuple[Membership, ...]]:
        """Memberships of each institution."""
        found: dict[str, list[Membership]] = defaultdict(list)
        for membership in (*self.memberships, *self.memberships_beyond):
            found[membership.institution].append(membership)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def _joined(self) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
        """Children of each parent, and parents of each child."""
        below: dict[str, list[str]] = defaultdict(list)
        above: dict[str, list[str]] = defaultdict(list)
        for joined in self.joined:
            below[joined.parent].append(joined.child)
            above[joined.child].append(joined.parent)
        return below, above

    def of_kind(self, *kinds: Kind) -> list[Consortium]:
        """Consortia of these kinds, in a stable order; without those beyond."""
        return [c for c in self._own if c.kind in kinds]

    @cached_property
    def _own(self) -> tuple[Consortium, ...]:
        return tuple(sorted((c for c in self.consortia.values() if not c.beyond), key=_by_id))

    def members(self, consortium: str, *roles: Role) -> list[Institution]:
        """Institutions of a consortium, in these roles or in any."""
        rows = self.by_consortium.get(consortium, ())
        return [self.institutions[m.institution] for m in rows if not roles or m.role in roles]

    def leads(self, consortium: str) -> list[Institution]:
        """Its lead; more than one only where something is wrong."""
        return self.members(consortium, Role.LEAD)

    def children(self, consortium: str, kind: Kind = Kind.COUNTY_COMMUNITY) -> list[Consortium]:
        """Consortia that joined this one as a whole."""
        rows = (self.consortia[key] for key in self._joined[0].get(consortium, ()))
        return sorted((c for c in rows if c.kind is kind), key=_by_id)

    def parents(self, consortium: str, *kinds: Kind) -> list[Consortium]:
        """Consortia that this one joined as a whole."""
        rows = (self.consortia[key] for key in self._joined[1].get(consortium, ()))
        return sorted((c for c in rows if not kinds or c.kind in kinds), key=_by_id)

    def consortia_of(self, institution: str, *kinds: Kind) -> list[Consortium]:
        """Consortia that this institution belongs to by itself."""
        rows = (self.consortia[m.consortium] for m in self.by_institution.get(institution, ()))
        return sorted((c for c in rows if not kinds or c.kind in kinds), key=_by_id)

    def local(self) -> tuple[Institution, ...]:
        """Institutions inside the region (or its part), in a stable order."""
        return self._local

    @cached_property
    def _local(self) -> tuple[Institution, ...]:
        if len(self.part) == 2:
            return ()  # a province's own consortia; institutions lie in its prefectures
        inside = self.part or self.region
        return tuple(
            sorted((i for i in self.institutions.values() if i.division.startswith(inside)), key=_by_id)
        )

    def area_name(self, code: str) -> str:
        """The name of an area (or of the prefecture or province around it), or its code."""
        area = self.areas.get(code)
        return area.name if area else self.division_names.get(code, code)
