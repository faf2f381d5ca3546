"""Institutions month by month: what the register says, what they are equipped with, what they did and earned."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .columns import Array, Piece, counts, flags, named, stream, word, worded
from .people import People
from .profile import CENTRES
from .stocks import each_month, flag_of
from .visits import Books
from .world import World


class Institutions:
    """What stays the same of institutions: beds, equipment, standards."""

    def __init__(self, world: World, people: People, rows: int) -> None:
        self.world, self.size = world, world.site_count
        rng = stream(world.seed, "institutions")
        scale = people.count / world.place_weight.sum()  # fewer people than really live there have fewer beds
        sites = world.sites[: self.size]
        bed_days = world.bed_share[: self.size] * rows / len(world.calendar.months) / 30.4
        derived = np.ceil(bed_days / given.OCCUPIED * rng.uniform(0.85, 1.15, self.size)).astype(np.int64)
        can = ~world.site_primary[: self.size] | np.array([site.category in CENTRES for site in sites])
        derived = np.where(can, np.maximum(derived, 1), 0)
        self.beds: Array = np.array(
            [
                d if s.beds is None else max(round(s.beds * scale), 1)
                for s, d in zip(sites, derived, strict=True)
            ],
            np.int64,
        )
        self.luck: Array = rng.random((8, self.size))

    def piece(self, books: Books, staff_cost: Array, first: int, last: int) -> Piece:
        """The fact table; money, bed-days and stays are those of the visits and the staff."""
        month, row = each_month(first, last, self.size)
        accounts = self._accounts(
            books, staff_cost, month - first, row, stream(self.world.seed, "accounts", first)
        )
        beds = {"beds": counts(self.beds[row])} | self.bed_days(books, month, row)
        return Piece("institutions", month, self._registered(row) | beds | self._equipped(row) | accounts)

    def bed_days(self, books: Books, month: Array, row: Array) -> dict[str, pa.Array]:
        """Bed-days open and used in each month; here those of the patients discharged."""
        open_ = np.rint(self.beds[row] * self.world.calendar.lengths[month] * given.OPEN_BEDS)
        used = books.bed_days[month - books.first, row]
        return {"bed_days_open": counts(np.maximum(open_, used)), "bed_days_used": counts(used)}

    def remote(self, row: Array, sort: Array) -> Array:
        """Who can be reached from a distance; ``sort`` is 0 for a hospital, 1 for a centre of primary care, 2 for the rest of it."""
        equipped: Array = self.luck[0, row] < np.array(given.TELEMEDICINE)[sort]
        return equipped & ~self.world.site_idle[row]

    def _registered(self, row: Array) -> dict[str, pa.Array]:
        world, sites = self.world, self.world.sites
        group = world.site_group[row]
        form = np.array([word("institutions", "form", each.form) for each in world.groups] + [-1], np.int32)
        tight = np.array([each.tight for each in world.groups] + [False], np.bool_)
        return {
            "institution": named(row, world.site_names),
            "division": named(world.site_division[row], world.division_names),
            "category": worded("institutions", "category", self._words("category")[row]),
            "tier": worded("institutions", "tier", world.site_tier[row]),
            "grade": worded("institutions", "grade", self._words("grade")[row]),
            **{name: flags(flag_of(sites, name)[row]) for name in ("county_hospital", "public", "urban")},
            "consortium": named(group, world.group_names),
            "role": worded("institutions", "role", world.site_role[row]),
            "tight": flags(tight[group], group < 0),
            "form": worded("institutions", "form", form[group]),
        }

    def _equipped(self, row: Array) -> dict[str, pa.Array]:
        hospital, luck = ~self.world.site_primary[row], self.luck[:, row]
        centre = np.array([site.category in CENTRES for site in self.world.sites[: self.size]])[row]
        sort = np.where(hospital, 0, np.where(centre, 1, 2))
        best, basic = given.CAPABLE
        capability = np.where(luck[6] < best, 2, np.where(luck[6] < basic, 1, 0))
        return {
            "telemedicine": flags(self.remote(row, sort)),
            "connected": flags(luck[1] < np.array(given.CONNECTED)[sort]),
            "ecg": flags(luck[2] < np.array(given.ECG)[sort]),
            "tcm_service": flags(luck[3] < np.array(given.TCM_SERVICE)[sort]),
            "built_to_standard": flags(luck[4] < given.BUILT_TO_STANDARD, hospital),
            "capability": worded("institutions", "capability", np.where(hospital | centre, capability, -1)),
        }

    def _accounts(
        self, books: Books, staff_cost: Array, month: Array, row: Array, rng: np.random.Generator
    ) -> dict[str, pa.Array]:
        stays, income = books.stays[month, row], books.cost[month, row]
        paid = np.rint(staff_cost[month, row] * given.ON_STAFF).astype(np.int64)
        share = np.array(given.SERVICE_INCOME)[self.world.site_tier[row]] * rng.uniform(0.95, 1.05, len(row))
        on_paths = np.rint(stays * given.PATHWAY * (0.8 + 0.4 * self.luck[7][row]))
        return {
            "pathway_patients": counts(on_paths, self.world.site_primary[row]),
            "service_income": counts(np.rint(income * share)),
            "medical_income": counts(income),
            "staff_cost": counts(paid),
            "total_cost": counts(
                paid + np.rint(income * rng.uniform(*given.ON_ELSE, len(row))).astype(np.int64)
            ),
        }

    def _words(self, column: str) -> Array:
        said = [getattr(site, column) for site in self.world.sites[: self.size]]
        return np.array(
            [-1 if each is None else word("institutions", column, each) for each in said], np.int32
        )
