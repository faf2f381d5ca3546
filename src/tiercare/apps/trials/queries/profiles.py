"""A pack's region files as the profile of a simulated region: its places, institutions and consortia. Reads no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from tiercare.apps.network.commands.region_files import (
    ConsortiumShape,
    InstitutionShape,
    RegionFiles,
    read_region,
    slug_of,
)
from tiercare.apps.network.rules.facts import PRIMARY, AreaKind, Kind, Owner, Role
from tiercare.apps.terms.bundled import entries
from tiercare.apps.terms.rules import DivisionLevel
from tiercare.engines.measures.synth import Group, Place, Profile, Site
from tiercare.engines.policy import Pack
from tiercare.kernel.refusal import Refused

from ..rules.trials import BAD_REGION, NO_REGION

_TIERS = {2: "secondary", 3: "tertiary"}
_FORMS = {
    Kind.CITY_GROUP: "city_group",
    Kind.COUNTY_COMMUNITY: "county_community",
    Kind.URBAN_RURAL: "urban_rural",
    Kind.SPECIALTY_ALLIANCE: "specialty_alliance",
    Kind.TELEMEDICINE_NETWORK: "telemedicine_network",
}
_AREAL = {Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY}
_UNCOUNTED = (
    30_000  # people of a township whose number is not bundled; they only weigh places against each other
)
Towns: TypeAlias = Mapping[str, Sequence[tuple[str, float, str]]]


@dataclass(frozen=True, slots=True)
class _Named:
    """Keys of the region files as the register has them, so that a number leads to its institution's page."""

    pack: str

    def __call__(self, key: str) -> str:
        return slug_of(self.pack, key)


def profile_of(pack: Pack) -> Profile:
    """The profile of a pack's region.

    Raises:
        Refused: the pack lays no region down, or one without people or hospitals, or whose parts do not fit together.
    """
    return _profile(pack.id, pack.folder, pack.region, region_digest(pack))


def region_digest(pack: Pack) -> str:
    """A fingerprint of the files that lay the region down; a pack's own digest leaves them out."""
    sha = sha256()
    folder = Path(pack.folder) / "region"
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        sha.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()


@lru_cache(maxsize=8)
def _profile(pack: str, folder: str, region: str, digest: str) -> Profile:
    files = read_region(Path(folder))
    if files is None:
        raise Refused(replace(NO_REGION, fields={"pack": pack}))
    try:
        return _made(pack, region, files)
    except ValueError as problem:  # people, hospitals or a member of a consortium that there is none of
        raise Refused(replace(BAD_REGION, fields={"pack": pack, "why": str(problem)})) from problem


def _made(pack: str, region: str, files: RegionFiles) -> Profile:
    towns = _towns(files)
    named = _Named(pack)
    belongs = _belonging(files, named)
    answers = {
        place: named(consortium)
        for grid in files.areas.grids
        for consortium in grid.responsible[:1]
        for place in grid.places
    }
    urban = {area.code for area in files.areas.areas if area.kind is not AreaKind.COUNTY}
    places = tuple(
        Place(code, people, county in urban, answers.get(code, answers.get(county)), name)
        for county, inside in towns.items()
        for code, people, name in inside
    )
    sites = tuple(_site(each, towns, urban, belongs, named) for each in files.institutions.institutions)
    groups = tuple(_group(each, files, towns, named) for each in files.consortia.consortia if _lead(each))
    away = (Site("SYN-OUT-A", "999801001", "GENERAL", "tertiary", "A", pull=2.5, urban=True),)
    return Profile(region, places, sites, groups, away)


def _towns(files: RegionFiles) -> Towns:
    """County of the plan → its townships as they are coded today, with their people and name."""
    on = files.areas.verdict_on
    known = [each for each in entries() if on in each.period]
    counties = {each.id: each.code for each in known if each.level is DivisionLevel.COUNTY}
    wanted = {area.code for area in files.areas.areas}
    found: dict[str, list[tuple[str, float, str]]] = defaultdict(list)
    for each in known:
        county = counties.get(each.parent) if each.parent else None
        if each.level is DivisionLevel.TOWNSHIP and county in wanted:
            found[county].append((each.code, float(each.population or _UNCOUNTED), each.name))
    for county in sorted(wanted - found.keys()):
        found[county].append((f"{county}001", float(_UNCOUNTED), ""))
    return found


def _belonging(files: RegionFiles, named: _Named) -> Mapping[str, tuple[str, str]]:
    """Institution (as in the files) → its consortium and its role: that of its area before any other."""
    found: dict[str, tuple[str, str]] = {}
    for each in sorted(files.consortia.consortia, key=lambda c: c.kind not in _AREAL):
        for member in each.members:
            role = (
                "lead"
                if member.role is Role.LEAD
                else "member"
                if member.role is Role.MEMBER
                else "collaborator"
            )
            found.setdefault(member.institution, (named(each.key), role))
    return found


def _site(
    shape: InstitutionShape,
    towns: Towns,
    urban: set[str],
    belongs: Mapping[str, tuple[str, str]],
    named: _Named,
) -> Site:
    consortium, role = belongs.get(shape.key, (None, None))
    primary = shape.category in PRIMARY
    return Site(
        key=named(shape.key),
        division=shape.township or towns.get(shape.division, [(shape.division, 0.0, "")])[0][0],
        category=shape.category.value,
        tier="primary" if primary else _TIERS.get(shape.level, "other"),
        grade=shape.grade,
        county_hospital=not primary and shape.level == 2 and shape.division not in urban,
        public=shape.owner is Owner.PUBLIC,
        urban=shape.division in urban,
        consortium=consortium,
        role=role,
        pull=max(1.0, (shape.beds or 50) / 200),
        beds=shape.beds or None,
    )


def _lead(shape: ConsortiumShape) -> str | None:
    return next((each.institution for each in shape.members if each.role is Role.LEAD), None)


def _group(
    shape: ConsortiumShape,
    files: RegionFiles,
    towns: Towns,
    named: _Named,
) -> Group:
    lead = next(each for each in files.institutions.institutions if each.key == _lead(shape))
    return Group(
        key=named(shape.key),
        form=_FORMS.get(shape.kind, "other"),
        tight=shape.tight,
        division=towns.get(shape.division, [(shape.division, 0.0, "")])[0][0],
        lead=named(lead.key),
        lead_level=lead.level,
        started=shape.start,
        lead_public=lead.owner is Owner.PUBLIC,
        group_led=lead.level == 3,
        effective=shape.effective,
    )
