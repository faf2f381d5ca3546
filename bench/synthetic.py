"""A synthetic country for measuring: seeded, uneven, with hot keys, marked as synthetic throughout."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connections
from psycopg.types.range import DateRange

from tiercare.kernel.ids import stable_id

START = date(2018, 10, 1)
OPEN = DateRange(START, None)
PROVINCES = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41"),
    *("42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
)
_SPECIALTIES = ("02", "03", "03.04", "04", "05", "07", "15", "16", "19", "20", "21", "50", "30", "32")
_TOWNSHIPS = 15  # in each county: 41,000 in all, as the nation has
_SINCE = DateRange(date(2017, 1, 1), None)
_TABLES = (
    "terms_adjacency, terms_outline, terms_divisionsuccession, terms_division, "
    "network_cardoutcome, network_judged, network_stamp, network_membership, network_joining, network_charter, "
    "network_responsibility, network_gridplace, network_grid, network_planningarea, network_consortiumversion, "
    "network_consortium, network_licensedspecialty, network_keyspecialty, network_facility, network_reported, "
    "network_institutionversion, network_institution, network_regionalplan"
)


@dataclass(frozen=True)
class Scale:
    """How much of everything."""

    institutions: int
    consortia: int
    memberships: int


@dataclass
class Rows:
    """Rows of a table on their way to COPY."""

    table: str
    columns: Sequence[str]
    rows: list[tuple[object, ...]]


class Country:
    """Makes one country; the same seed and scale make the same rows."""

    def __init__(self, scale: Scale, seed: int = 20190701) -> None:
        self.scale, self.random = scale, random.Random(seed)
        self.prefectures: list[str] = []
        self.counties: list[str] = []
        self.tables: list[Rows] = []

    def lay_down(self) -> None:
        """Empty the network's tables and fill them."""
        self._places()
        people = self._institutions()
        self._consortia(people)
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES} CASCADE")
            for rows in self.tables:
                names = ", ".join(rows.columns)
                with cursor.copy(f"COPY {rows.table} ({names}) FROM STDIN") as copy:
                    for row in rows.rows:
                        copy.write_row(row)
            # What autovacuum would do within minutes; vacuuming, it also marks pages for scans of indexes alone.
            cursor.execute("VACUUM ANALYZE")

    def _add(self, table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
        self.tables.append(Rows(table, columns.split(), list(rows)))

    def _places(self) -> None:
        for province in PROVINCES:
            for n in range(1, self.random.randint(6, 17)):
                prefecture = f"{province}{n:02d}"
                self.prefectures.append(prefecture)
                districts = self.random.randint(1, 4)
                self.counties += [f"{prefecture}{k:02d}" for k in range(1, districts + 1)]
                self.counties += [f"{prefecture}{20 + k}" for k in range(1, self.random.randint(4, 9))]
        self._register()
        self._add("network_stamp", "prefecture version", [(code, 0) for code in self.prefectures])
        self._add(
            "network_planningarea",
            "id region division_code name kind period",
            [
                (self._id("area", c), c[:4], c, f"示例县{c}", "DISTRICT" if c[4] == "0" else "COUNTY", OPEN)
                for c in self.counties
            ],
        )

    def _register(self) -> None:
        """The register of divisions: provinces, prefectures, counties and townships, each with its parent."""
        townships = [f"{county}{n:03d}" for county in self.counties for n in range(_TOWNSHIPS)]
        levels: tuple[tuple[str, Sequence[str], int], ...] = (
            ("PROVINCE", PROVINCES, 0),
            ("PREFECTURE", self.prefectures, 2),
            ("COUNTY", self.counties, 4),
            ("TOWNSHIP", townships, 6),
        )
        self._add(
            "terms_division",
            "id code name initials level kind parent_id period point_basis population population_basis",
            [
                (
                    *(self._id("division", code), code, f"示例{code}", f"sl{code}", level, "DEMO"),
                    *(self._id("division", code[:above]) if above else None, _SINCE, ""),
                    *((400_000, "合成") if level == "COUNTY" else (None, "")),
                )
                for level, codes, above in levels
                for code in codes
            ],
        )

    def _id(self, *parts: str) -> UUID:
        return stable_id("bench", *parts)

    def _weighted(self, count: int) -> Iterator[str]:
        """Counties, some of them again and again: a few cities hold much of everything."""
        weights = [1 / (1 + n) ** 0.45 for n in range(len(self.counties))]
        order = self.counties[:]
        self.random.shuffle(order)
        yield from self.random.choices(order, weights=weights, k=count)

    def _institutions(self) -> dict[str, list[tuple[UUID, str]]]:
        by_county: dict[str, list[tuple[UUID, str]]] = {code: [] for code in self.counties}
        things, versions, specialties, facilities, keys = [], [], [], [], []
        for n, county in enumerate(self._weighted(self.scale.institutions)):
            key = self._id("institution", str(n))
            category, level, affiliation = self._kind(len(by_county[county]))
            by_county[county].append((key, category))
            name = f"示例{county}{'医院' if level > 1 else '卫生院'}{n}（合成）"
            owner = "PRIVATE" if self.random.random() < 0.12 else "PUBLIC"
            things.append((key, f"bench-{n}"))
            versions.append(
                (
                    *(self._id("version", str(n)), key, OPEN, name, f"sl{n}", category, level, "", owner),
                    *(
                        affiliation,
                        "",
                        county,
                        f"{county}{n % _TOWNSHIPS:03d}",
                        self.random.randint(0, 900),
                        "DEMO",
                    ),
                    *("", 110 + n % 100 / 10, 30 + n % 70 / 10, True, False, False, 0, "DEMO"),
                )
            )
            wanted = _SPECIALTIES if level == 3 else self.random.sample(_SPECIALTIES, 3)
            specialties += [(self._id("s", str(n), c), key, c, OPEN) for c in wanted]
            if level == 3:
                keys.append((self._id("k", str(n)), key, "03.04", "PROVINCIAL", OPEN, "DEMO"))
            if self.random.random() < 0.8:
                facilities.append((self._id("f", str(n)), key, "telemedicine_node", OPEN))
        self._add("network_institution", "id slug", things)
        self._add(
            "network_institutionversion",
            "id institution_id period name initials category level grade owner affiliation funding "
            "division_code township_code beds beds_basis licence_number lng lat place_is_illustrative qualified "
            "subcentre managed_as_level basis",
            versions,
        )
        self._add("network_licensedspecialty", "id institution_id code period", specialties)
        self._add("network_keyspecialty", "id institution_id code rank period basis", keys)
        self._add("network_facility", "id institution_id kind period", facilities)
        return by_county

    def _kind(self, nth: int) -> tuple[str, int, str]:
        """A county's first institutions are its hospitals, then come townships, stations and clinics."""
        if nth == 0:
            return "GENERAL", self.random.choice((2, 2, 3)), "COUNTY"
        if nth == 1:
            return "TCM", 2, "COUNTY"
        if nth == 2:
            return "GENERAL", 3, "PREFECTURE"
        return self.random.choice(
            (
                ("TOWNSHIP_CENTRE", 1, "COUNTY"),
                ("TOWNSHIP_CENTRE", 1, "COUNTY"),
                ("COMMUNITY_CENTRE", 1, "COUNTY"),
                ("VILLAGE_CLINIC", 0, "TOWNSHIP"),
                ("CLINIC", 0, "NONE"),
            )
        )

    def _consortia(self, by_county: dict[str, list[tuple[UUID, str]]]) -> None:
        by_prefecture: dict[str, list[tuple[UUID, str]]] = {code: [] for code in self.prefectures}
        for county, rows in by_county.items():
            by_prefecture[county[:4]] += rows
        things, versions, members, joined, grids, places, answers = [], [], [], [], [], [], []
        communities: dict[str, list[UUID]] = {}
        for n in range(self.scale.consortia):
            county = self.counties[n % len(self.counties)]
            key = self._id("consortium", str(n))
            kind = self._consortium_kind(n, county)
            things.append(
                (key, f"bench-c{n}", kind, "03.04" if kind == "SPECIALTY_ALLIANCE" else "", "", "DEMO")
            )
            division = county if kind in {"CITY_GROUP", "COUNTY_COMMUNITY"} else county[:4]
            versions.append(
                (
                    *(
                        self._id("cv", str(n)),
                        key,
                        OPEN,
                        f"示例医联体{n}（合成）",
                        f"ylt{n}",
                        division,
                        n % 3 > 0,
                    ),
                    *(n % 5 == 0, False, []),
                )
            )
            pool = by_county[county] if kind == "COUNTY_COMMUNITY" else by_prefecture[county[:4]]
            left = self.scale.memberships - len(members)
            wanted = left / (self.scale.consortia - n)
            many = min(len(pool), max(1, round(self.random.lognormvariate(-0.25, 0.7) * wanted)))
            chosen = [pool[0], *self.random.sample(pool[1:], many - 1)] if pool else []
            members += [
                (self._id("m", str(n), str(i)), key, one, "LEAD" if i == 0 else "MEMBER", OPEN, START)
                for i, (one, _) in enumerate(chosen)
            ]
            if kind == "COUNTY_COMMUNITY":
                communities.setdefault(county[:4], []).append(key)
            elif kind == "CITY_GROUP" and n < 2 * len(self.counties):
                joined += [
                    (self._id("j", str(n), str(c)), key, c, OPEN) for c in communities.get(county[:4], [])[:3]
                ]
            if n < len(self.counties):
                grid = self._id("grid", county)
                grids.append((grid, f"bench-g{county}", county[:4], f"示例网格{county}", OPEN))
                places.append((self._id("place", county), grid, county, OPEN))
                answers.append((self._id("answer", county), grid, key, OPEN))
        self._add("network_consortium", "id slug kind specialty_code approved_by basis", things)
        self._add(
            "network_consortiumversion",
            "id consortium_id period name initials division_code tight effective committee unified",
            versions,
        )
        self._add("network_membership", "id consortium_id institution_id role period consented_on", members)
        self._add("network_joining", "id parent_id child_id period", joined)
        self._add("network_grid", "id slug region name period", grids)
        self._add("network_gridplace", "id grid_id division_code period", places)
        self._add("network_responsibility", "id grid_id consortium_id period", answers)

    def _consortium_kind(self, n: int, county: str) -> str:
        if n < len(self.counties):
            return "CITY_GROUP" if county[4] == "0" else "COUNTY_COMMUNITY"
        return self.random.choice(("CITY_GROUP", "SPECIALTY_ALLIANCE", "TELEMEDICINE_NETWORK", "URBAN_RURAL"))


def lay_down(scale: Scale) -> dict[str, int]:
    """Fill the database; returns how many rows of each kind there are."""
    country = Country(scale)
    country.lay_down()
    sizes = {rows.table.removeprefix("network_"): len(rows.rows) for rows in country.tables}
    return {key: sizes[key] for key in ("institution", "consortium", "membership", "planningarea", "stamp")}


def on() -> date:
    """The day that is asked about."""
    return START + timedelta(days=300)
