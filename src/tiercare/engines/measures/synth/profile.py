"""The region that is to be filled with facts: places with people, institutions, consortia."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

PRIMARY = frozenset({"TOWNSHIP_CENTRE", "COMMUNITY_CENTRE", "COMMUNITY_STATION", "VILLAGE_CLINIC", "CLINIC"})
CENTRES = frozenset({"TOWNSHIP_CENTRE", "COMMUNITY_CENTRE"})
COUNTY = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where people live: a township or sub-district of 9 digits; ``people`` weighs places against each other (and beds). Its ``name`` is for
    people who read: nothing is made of it."""

    code: str
    people: float
    urban: bool = False
    consortium: str | None = None
    name: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Site:
    """An institution, in the words of ``facts.yaml``.

    Attributes:
        division: 6, 9 or 12 digits; it serves the places that begin with it, or the one that it begins with.
        pull: how many patients it draws against another of the same layer.
        beds: as registered for all the people of the places, so that fewer synthetic people get fewer; derived from its patients
            if not given.
        idle: gives its consortium nothing and gets nothing: no referrals, remote services, support.
    """

    key: str
    division: str
    category: str
    tier: str
    grade: str | None = None
    county_hospital: bool = False
    public: bool = True
    urban: bool = False
    consortium: str | None = None
    role: str | None = None
    pull: float = 1.0
    beds: int | None = None
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A consortium."""

    key: str
    form: str
    tight: bool
    division: str
    lead: str
    lead_level: int
    started: date
    lead_public: bool = True
    group_led: bool | None = None
    effective: bool | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A dated duty of the packs that somebody owes; ``done`` is empty while it is not done."""

    clause: str
    body: str
    division: str
    due: date
    stage: str = "done"
    done: date | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A region.

    Attributes:
        region: code of the division whose extract it is; its places begin with ``stem``.
        outside: hospitals elsewhere to which residents go; they are in no register of the region.
        visitors: places elsewhere whose people are seen here.
    """

    region: str
    places: tuple[Place, ...]
    sites: tuple[Site, ...]
    groups: tuple[Group, ...]
    outside: tuple[Site, ...] = ()
    visitors: tuple[Place, ...] = ()
    duties: tuple[Duty, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse what could not be filled."""
        leads = {group.lead for group in self.groups}
        known = {site.key for site in self.sites}
        if len(known | {site.key for site in self.outside}) < len(self.sites) + len(self.outside):
            raise ValueError("two institutions with one key")
        named = {site.consortium for site in self.sites} | {place.consortium for place in self.places}
        strangers = named - {None} - {group.key for group in self.groups}
        if not self.places or not any(site.tier != "primary" for site in self.sites):
            raise ValueError("a region needs a place where people live and a hospital")
        if leads - known or strangers:
            raise ValueError(f"unknown: {sorted(leads - known)} {sorted(map(str, strangers))}")

    @property
    def stem(self) -> str:
        """The digits with which everything in the region begins: 3402 of 340200."""
        return self.region[:-2] if self.region.endswith("00") else self.region

    @classmethod
    def invented(cls, seed: int, counties: int = 4, *, region: str = "9999", townships: int = 5) -> Profile:
        """A prefecture that exists nowhere (99 is no province): hot lead hospitals, uneven places, one consortium a county.

        Args:
            counties: at least one; of every three the first is a city's district.
            townships: of a county on average.
        """
        return _invented(np.random.Generator(np.random.PCG64([seed, 17])), counties, region, townships)


def _invented(rng: np.random.Generator, counties: int, region: str, townships: int) -> Profile:
    prefix = region[:4]
    places: list[Place] = []
    sites: list[Site] = []
    groups: list[Group] = []
    for nth in range(counties):
        urban = nth % 3 == 0
        code = f"{prefix}{2 + nth:02}" if urban else f"{prefix}{20 + nth}"
        mine = _county(rng, code, urban, max(2, int(rng.poisson(townships))))
        places += mine[0]
        sites += mine[1]
        groups.append(mine[2])
    city = _city(rng, prefix, groups)
    groups[0] = replace(groups[0], lead=city[0].key, lead_level=3, group_led=True)
    sites = [
        replace(site, role="member") if site.key == f"SYN-{groups[0].division}-H1" else site for site in sites
    ]
    away = (
        Site(f"SYN-{region}-OUT-A", "999801001", "GENERAL", "tertiary", "A", pull=2.5, urban=True),
        Site(f"SYN-{region}-OUT-B", "989705002", "SPECIALTY", "tertiary", "A", pull=0.8, urban=True),
    )
    people = sum(place.people for place in places)
    visitors = (Place("999821003", people * 0.02), Place("989802001", people * 0.01, urban=True))
    duties = _duties(rng, region, groups)
    return Profile(region, tuple(places), (*sites, *city), tuple(groups), away, visitors, duties)


def _county(
    rng: np.random.Generator, code: str, urban: bool, townships: int
) -> tuple[list[Place], list[Site], Group]:
    key = f"SYN-C{code}"
    lead = f"SYN-{code}-H1"
    sizes = rng.lognormal(10.2, 0.6, townships)
    places, sites = (
        [],
        [
            Site(lead, f"{code}001", "GENERAL", "secondary", "A", True, True, urban, key, "lead", 3.0),
            Site(
                f"SYN-{code}-T1", f"{code}001", "TCM", "secondary", "B", True, True, urban, key, "member", 1.0
            ),
            Site(
                f"SYN-{code}-M1",
                f"{code}002",
                "MATERNAL_CHILD",
                "secondary",
                None,
                False,
                True,
                urban,
                key,
                "member",
                0.5,
            ),
        ],
    )
    for n, size in enumerate(sizes, 1):
        place = f"{code}{n:03}"
        town = urban or n == 1
        places.append(Place(place, float(size), town, key))
        centre = "COMMUNITY_CENTRE" if town else "TOWNSHIP_CENTRE"
        sites.append(
            Site(f"SYN-{place}-Z", place, centre, "primary", None, False, True, town, key, "member", 1.4)
        )
        for m in range(1, 1 + max(1, int(rng.poisson(2.5)))):
            private = bool(rng.random() < 0.25)
            category = "CLINIC" if private else "COMMUNITY_STATION" if town else "VILLAGE_CLINIC"
            pull = float(rng.lognormal(0, 0.5))
            sites.append(
                Site(
                    f"SYN-{place}-{m}", f"{place}{m:03}", category, "primary", None, False, not private, town,
                    None if private else key, None if private else "member", pull,
                )
            )  # fmt: skip
    started = date(2017 + int(rng.integers(0, 5)), int(rng.integers(1, 13)), 1)
    form = "city_group" if urban else "county_community"
    tight, effective = bool(rng.random() < 0.7), bool(rng.random() < 0.6)
    return places, sites, Group(key, form, tight, code, lead, 2, started, effective=effective)


def _city(rng: np.random.Generator, prefix: str, groups: Sequence[Group]) -> list[Site]:
    """Tertiary hospitals of the prefecture, in its first county, whose consortium the first of them leads."""
    code, key = groups[0].division, groups[0].key
    return [
        Site(
            f"SYN-{prefix}-A",
            f"{code}001",
            "GENERAL",
            "tertiary",
            "A",
            urban=True,
            consortium=key,
            role="lead",
            pull=float(rng.uniform(2, 4)),
        ),
        Site(
            f"SYN-{prefix}-B", f"{code}002", "TCM", "tertiary", "B", urban=True, consortium=key, role="member"
        ),
        Site(
            f"SYN-{prefix}-P", f"{code}002", "PSYCHIATRIC", "secondary", urban=True, public=False, pull=0.15
        ),
    ]


def _duties(rng: np.random.Generator, region: str, groups: Sequence[Group]) -> tuple[Duty, ...]:
    due = date(2024, 12, 31)
    done = [date(2024, 6, 30) if rng.random() < 0.6 else None for _ in groups]
    finished = [Duty("SYN-01", g.key, g.division, due, done=on) for g, on in zip(groups, done, strict=True)]
    return (*finished, Duty("SYN-02", f"SYN-{region}", region.ljust(COUNTY, "0"), due, "plan"))


def spread_members(profile: Profile, consortium: str, members: int) -> tuple[Profile, tuple[str, ...]]:
    """The region after ``consortium`` has put its name on up to ``members`` institutions without doing anything for them.

    Taken first are those of no consortium, then primary care of others.

    Raises:
        ValueError: if there is no such consortium.
    """
    group = next((each for each in profile.groups if each.key == consortium), None)
    if group is None:
        raise ValueError(f"{consortium}: no such consortium")
    loose = [site for site in profile.sites if site.tier == "primary" and site.consortium != consortium]
    loose.sort(key=lambda site: (site.consortium is not None, site.key))
    taken = tuple(site.key for site in loose[:members])
    sites = tuple(
        replace(site, consortium=consortium, role="collaborator", idle=True) if site.key in taken else site
        for site in profile.sites
    )
    groups = tuple(replace(each, tight=False) if each is group else each for each in profile.groups)
    return replace(profile, sites=sites, groups=groups), taken
