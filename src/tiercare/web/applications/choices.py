"""What the forms offer: institutions, areas, specialties and consortia of the region on the page's day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.reading import InstitutionRow, area_names
from tiercare.apps.network.rules import Kind
from tiercare.apps.terms import queries as terms
from tiercare.web import labels
from tiercare.web.frame import Frame
from tiercare.web.pages import said

_FEW = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """An institution as the forms name it: ``label`` is its name, told apart where two share one."""

    id: str
    label: str
    initials: str
    slug: str
    division_code: str
    area_name: str

    def fits(self, text: str) -> bool:
        """True if ``text`` (lower case) is part of its name, its pinyin initials or its short name."""
        return text in self.label.lower() or text in self.initials or text in self.slug


@dataclass(frozen=True)
class Choices:
    """Everything for one page, each list read at most once."""

    frame: Frame

    @cached_property
    def institutions(self) -> Mapping[str, Choice]:
        """By id, the highest level first."""
        rows = network.institution_rows(self.frame.pack.region, on=self.frame.on)
        same = Counter(row.name for row in rows)
        return {str(row.id): _choice(row, alone=same[row.name] == 1) for row in rows}

    @cached_property
    def areas(self) -> list[tuple[str, str]]:
        """Planning areas of the region, the region itself first."""
        region = self.frame.pack.region
        names = {code: name for code, name in area_names(on=self.frame.on).items() if code.startswith(region)}
        return sorted((names | {region: said(self.frame.pack.name)}).items())

    @cached_property
    def specialties(self) -> list[tuple[str, str]]:
        """First- and second-level licensed specialties: what alliances are told apart by."""
        names = terms.specialty_names(on=self.frame.on)
        return [(code, f"{code} {name}") for code, name in sorted(names.items()) if code.count(".") < 2]

    @cached_property
    def consortia(self) -> Sequence[network.ConsortiumRow]:
        """Consortia of the region."""
        return network.consortium_rows(self.frame.pack.region, on=self.frame.on)

    @property
    def communities(self) -> list[tuple[str, str]]:
        """County communities: they join as a whole."""
        return [(str(row.id), row.name) for row in self.consortia if row.kind is Kind.COUNTY_COMMUNITY]

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a community can join, by kind."""
        return [
            (name, rows)
            for code, name in labels.choices("kind")
            if code != Kind.COUNTY_COMMUNITY
            and (rows := [(str(row.id), row.name) for row in self.consortia if row.kind == code])
        ]

    def named(self, text: str) -> list[Choice]:
        """Institutions meant by ``text``: the one of just this name, else all that it fits; at most a few."""
        wanted = text.strip().lower()
        exact = [c for c in self.institutions.values() if wanted in (c.label.lower(), c.initials, c.slug)]
        return exact[:_FEW] or [c for c in self.institutions.values() if c.fits(wanted)][:_FEW]

    def members(self, picked: Collection[str], search: str, open_area: str) -> MemberPicker:
        """The list of boxes to tick."""
        wanted = search.strip().lower()
        rest = [c for c in self.institutions.values() if c.id not in picked]
        by_area: dict[str, list[Choice]] = {}
        for choice in sorted(rest, key=lambda c: c.division_code):
            by_area.setdefault(choice.division_code, []).append(choice)
        return MemberPicker(
            picked=[c for c in self.institutions.values() if c.id in picked],
            found=[c for c in rest if c.fits(wanted)] if wanted else [],
            areas=[(rows[0].area_name, code == open_area, rows) for code, rows in by_area.items()],
            search=search.strip(),
        )


@dataclass(frozen=True, slots=True)
class MemberPicker:
    """Boxes to tick: those ticked, those found by the search, or all others by area (name, open, boxes)."""

    picked: list[Choice]
    found: list[Choice]
    areas: list[tuple[str, bool, list[Choice]]]
    search: str


def _choice(row: InstitutionRow, *, alone: bool) -> Choice:
    label = row.name if alone else f"{row.name}（{row.slug}）"
    return Choice(str(row.id), label, row.initials, row.slug, row.division_code, row.area_name)
