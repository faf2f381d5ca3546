"""What people come with: the rows of ``data/diseases.csv`` as arrays."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .columns import Array, Rows
from .people import DISEASES

# which column of the file, and whether children may be born
_BANDS = (("child", False), ("adult", True), ("adult", False), ("elder", False))
TECHNIQUES = 4


class Diseases:
    """Arrays by code: the index of a row is the code everywhere.

    Attributes:
        chronic: index of the chronic disease, or -1. ``operated``: share of its stays with the operation ``procedure``.
    """

    def __init__(self) -> None:
        text = files(__package__).joinpath("data", "diseases.csv").read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines()))
        self.names = pa.array([row["code"] for row in rows])
        procedures = sorted({row["procedure"] for row in rows} - {""})
        self.procedures = pa.array(procedures)
        self.procedure: Array = np.array(
            [procedures.index(r["procedure"]) if r["procedure"] else -1 for r in rows], np.int32
        )
        self.through_vessels: Array = np.array([row["procedure"][:2] in {"36", "39"} for row in rows])
        specialties = sorted({row["specialty"] for row in rows} | {"02"})
        self.specialties = pa.array(specialties)
        self.general = specialties.index("02")
        self.specialty: Array = np.array([specialties.index(row["specialty"]) for row in rows], np.int32)
        self.chronic: Array = np.array(
            [DISEASES.index(row["chronic"]) if row["chronic"] else -1 for row in rows], np.int8
        )
        self.serious, self.emergency, self.stay, self.operated, self.level, self.cost = (
            np.array([float(row[name]) for row in rows], np.float32)
            for name in ("serious", "emergency", "stay", "operated", "level", "cost")
        )
        self.day_case: Array = (self.operated > 0) & (self.level <= 2) & (self.emergency < 0.1)
        self.rows = Rows(*_shares(rows))
        self._slot = _slots()

    def draw(self, rng: np.random.Generator, chronic: Array, age: Array, winter: Array) -> Array:
        """A code for each person: one of their chronic diseases, or what people of their age come with."""
        many = np.bitwise_count(chronic)
        ill = (many > 0) & (rng.random(len(chronic), np.float32) < given.CHRONIC_SHARE)
        rank = (rng.random(len(chronic), np.float32) * many).astype(np.int64)
        own = self._slot[chronic, np.minimum(rank, np.maximum(many, 1) - 1)]
        band = np.searchsorted(np.array([given.ADULT, given.MIDDLE, given.ELDERLY]), age, side="right")
        row = np.where(ill, own, len(DISEASES) + band) * 2 + winter
        return self.rows.draw(rng, row).astype(np.int16)


@cache
def diseases() -> Diseases:
    """The file, read once."""
    return Diseases()


def _shares(rows: list[dict[str, str]]) -> tuple[list[list[float]], list[list[int]]]:
    """Shares of the codes for every chronic disease and every band of age, first outside winter, then in it."""
    weights, what = [], []
    of_chronic = [("elder", False, each) for each in DISEASES]
    for column, births, chronic in of_chronic + [(*band, "") for band in _BANDS]:
        fitting = [
            i
            for i, row in enumerate(rows)
            if row["chronic"] == chronic and float(row[column]) > 0 and (births or row["code"][0] != "O")
        ]
        for winter in (False, True):
            weights.append(
                [float(rows[i][column]) * (float(rows[i]["winter"]) if winter else 1) for i in fitting]
            )
            what.append(fitting)
    return weights, what


def _slots() -> Array:
    """Of each set of chronic diseases the first, the second, …; 0 beyond."""
    table = np.zeros((256, 8), np.int64)
    for mask in range(256):
        own = [bit for bit in range(8) if mask >> bit & 1]
        table[mask, : len(own)] = own
    return table
