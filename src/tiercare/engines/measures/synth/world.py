"""A profile as arrays: who stands where, belongs to whom, and where people of each place go with what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .columns import Array, Calendar, Rows, stream, word
from .planted import Heaping, Impossible, LandGrab, PileUp, Planted, Siphon, Truth
from .profile import CENTRES, COUNTY, Place, Profile, Site, spread_members

USUAL = -1  # stands for the primary institution that somebody usually goes to
OUTPATIENT, EMERGENCY, INPATIENT = range(3)  # in the order of the words of visits.kind
NOBODY = np.int32(2**30)  # a day that never comes


class World:
    """What does not change from month to month.

    Attributes:
        site_*: arrays by institution, those outside the region last; ``site_count`` is how many stand in it.
        place_*: arrays by place, those of visitors last; ``place_count`` is how many lie in it.
        lead: of each consortium the index of its lead.
    """

    def __init__(self, profile: Profile, calendar: Calendar, seed: int, planted: Sequence[Planted]) -> None:
        self.truth = Truth(profile.region, seed, calendar.months)
        self.calendar, self.seed = calendar, seed
        self.planted = tuple(planted)
        self.profile = self._grabbed(profile)
        self._sites()
        self._places()
        self._hidden()
        rng = stream(seed, "habits")
        self.choice = Rows(*_habits(rng, self.places, self.sites, self.profile))
        usual = [_usual(place, self.profile.sites) for place in self.places]
        self.usual = Rows([[self.sites[i].pull for i in each] for each in usual], usual)
        self._sizes()

    def _grabbed(self, profile: Profile) -> Profile:
        for each in self.planted:
            if isinstance(each, LandGrab):
                profile, taken = spread_members(profile, each.consortium, each.members)
                self.truth.planted[each], self.truth.concerned[each] = len(taken), taken
        return profile

    def _sites(self) -> None:
        profile = self.profile
        self.sites: tuple[Site, ...] = (*profile.sites, *profile.outside)
        self.site_count = len(profile.sites)
        self.groups = profile.groups
        self.site_names = pa.array([site.key for site in self.sites])
        self.group_names = pa.array([group.key for group in self.groups] or [""])
        self.at = {site.key: i for i, site in enumerate(self.sites)}
        group_at = {group.key: i for i, group in enumerate(self.groups)}
        self.lead: Array = np.array([self.at[group.lead] for group in self.groups], np.int32)
        self.site_tier = self._words("tier", [site.tier for site in self.sites])
        self.site_role = self._words("role", [site.role for site in self.sites])
        self.site_group: Array = np.array(
            [group_at.get(s.consortium or "", -1) for s in self.sites], np.int32
        )
        self.site_inside: Array = np.arange(len(self.sites)) < self.site_count
        self.site_primary: Array = np.array([site.tier == "primary" for site in self.sites])
        self.site_idle: Array = np.array([site.idle for site in self.sites])
        self.site_tcm: Array = np.array(
            [
                given.TCM_HOSPITAL if s.category == "TCM" else given.TCM[t]
                for s, t in zip(self.sites, self.site_tier, strict=True)
            ]
        )
        self.site_up: Array = np.array([self._above(i) for i in range(len(self.sites))], np.int32)

    @staticmethod
    def _words(column: str, words: Sequence[str | None]) -> Array:
        return np.array(
            [-1 if each is None else word("institutions", column, each) for each in words], np.int32
        )

    def _above(self, i: int) -> int:
        """To whom an institution refers first: its lead, else the biggest hospital of its county, else of all."""
        site = self.sites[i]
        if self.site_group[i] >= 0 and not site.idle and self.lead[self.site_group[i]] != i:
            return int(self.lead[self.site_group[i]])
        hospitals = [s for s in self.profile.sites if s.tier != "primary" and s is not site] or [site]
        near = [s for s in hospitals if s.division[:COUNTY] == site.division[:COUNTY]]
        higher = [s for s in hospitals if s.tier == "tertiary"] if site.tier == "secondary" else near
        return self.at[max(higher or near or hospitals, key=lambda s: s.pull).key]

    def _places(self) -> None:
        profile = self.profile
        self.places: tuple[Place, ...] = (*profile.places, *profile.visitors)
        self.place_count = len(profile.places)
        divisions = dict.fromkeys([p.code for p in self.places] + [s.division for s in self.sites])
        at = {code: i for i, code in enumerate(divisions)}
        self.division_names = pa.array(list(divisions))
        self.site_division: Array = np.array([at[site.division] for site in self.sites], np.int32)
        self.place_division: Array = np.array([at[place.code] for place in self.places], np.int32)
        counties = sorted({place.code[:COUNTY] for place in self.places})
        self.county_names = pa.array(counties)
        self.place_county: Array = np.array([counties.index(p.code[:COUNTY]) for p in self.places], np.int32)
        group_at = {group.key: i for i, group in enumerate(self.groups)}
        self.place_group: Array = np.array(
            [group_at.get(p.consortium or "", -1) for p in self.places], np.int32
        )
        self.place_urban: Array = np.array([place.urban for place in self.places])
        self.place_inside: Array = np.arange(len(self.places)) < self.place_count
        self.place_weight: Array = np.array([place.people for place in self.places], np.float64)
        self.place_centre: Array = np.array([self._centre(place) for place in self.places], np.int32)

    def _centre(self, place: Place) -> int:
        """The township's or community's centre, which answers for the place; else any primary care near by."""
        near = [self.at[s.key] for s in self.profile.sites if s.category in CENTRES and serves(s, place)]
        return (near or _usual(place, self.profile.sites))[0]

    def _hidden(self) -> None:
        """Where the planted things are, as indices."""
        group_at = {group.key: i for i, group in enumerate(self.groups)}
        self.siphons: list[tuple[Siphon, int, int]] = []
        self.at_sites: list[tuple[Heaping | PileUp | Impossible, int]] = []
        for each in self.planted:
            if isinstance(each, Siphon):
                group = group_at[each.consortium]
                first = sum(month < each.from_month for month in self.calendar.months)
                self.siphons.append((each, group, first))
                self.truth.concerned[each] = (self.groups[group].lead,)
                self.truth.count(each, 0)
            elif not isinstance(each, LandGrab):
                self.at_sites.append((each, self.at[each.institution]))
                self.truth.concerned[each] = (each.institution,)
                self.truth.count(each, 0)

    def _sizes(self) -> None:
        """What share of all outpatients and of all bed-days is expected where, by the habits of the places."""
        kinds = len(given.LAYERS)
        weight = self.place_weight / self.place_weight.sum()
        seen = np.zeros((kinds, len(self.sites)))
        for row, shares in enumerate(self.choice.shares):
            place, kind = divmod(row, kinds)
            for site, share in shares.items():
                if site != USUAL:
                    seen[kind, site] += weight[place] * share
                    continue
                for usual, part in self.usual.shares[place].items():
                    seen[kind, usual] += weight[place] * share * part
        classes = np.array(given.CLASSES)
        self.outpatient_share: Array = classes[:4] @ seen[:4]
        self.bed_share: Array = (classes[4:] * np.array(given.STAY_DAYS) * 1.2) @ seen[4:]

    def group_of(self, sites: Array) -> Array:
        """Consortium of each institution."""
        return self.site_group[sites]


def serves(site: Site, place: Place) -> bool:
    """Whether an institution stands in a place (a village's clinic too) or its division holds the place."""
    return site.division.startswith(place.code) or place.code.startswith(site.division)


def _usual(place: Place, sites: Sequence[Site]) -> list[int]:
    """Primary care of the place, else of its county, else whatever there is."""
    primary = [i for i, site in enumerate(sites) if site.tier == "primary"] or list(range(len(sites)))
    here = [i for i in primary if serves(sites[i], place)]
    near = [i for i in primary if sites[i].division[:COUNTY] == place.code[:COUNTY]]
    return here or near or primary


def _habits(
    rng: np.random.Generator, places: Sequence[Place], sites: Sequence[Site], profile: Profile
) -> tuple[list[list[float]], list[list[int]]]:
    """For each place and class of visit where people go: the layers of LAYERS, unevenly by place and by pull."""
    inside = range(len(profile.sites))
    weights, what = [], []
    city = [i for i in inside if sites[i].tier == "tertiary"]
    away = list(range(len(profile.sites), len(sites)))
    for place in places:
        centre = [i for i in inside if sites[i].category in CENTRES and serves(sites[i], place)]
        hospitals = [i for i in inside if sites[i].tier not in {"primary", "tertiary"}]
        county = [i for i in hospitals if sites[i].division[:COUNTY] == place.code[:COUNTY]]
        layers = [[USUAL], centre or [USUAL], county or city or hospitals, city or county or hospitals, away]
        home = place.code.startswith(profile.stem)
        tilt = rng.lognormal(0, given.DIFFERS, len(layers))
        for shares in given.LAYERS:
            row: dict[int, float] = {}
            for layer, share, bias in zip(layers, shares, tilt, strict=True):
                pulls = [_pull(sites[i]) if i >= 0 else 1.0 for i in layer]
                for i, pull in zip(layer, pulls, strict=True):
                    gone = share * bias * pull / sum(pulls)
                    row[i] = row.get(i, 0.0) + (
                        gone if home or i in city else gone * 0.02 * (i < len(profile.sites))
                    )
            kept = {i: share for i, share in row.items() if share > 0}
            weights.append(list(kept.values()))
            what.append(list(kept))
    return weights, what


def _pull(site: Site) -> float:
    return site.pull * (given.LEAD_PULL / 3 * 2 if site.role == "lead" else 1.0)
