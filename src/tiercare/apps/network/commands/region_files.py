"""The shape of ``policies/<pack>/region/*.yaml``: a region's network as data, read with its lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from tiercare.engines.policy import PackErrors, Problem
from tiercare.engines.policy.reader import Source, read
from tiercare.engines.policy.schema import Shape, Words, check
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from ..rules import Affiliation, AreaKind, Category, Kind, Owner, Role

S = TypeVar("S", bound=Shape)
BasisWord = Literal["document", "public", "demo"]
From = Annotated[date, Field(alias="from")]
To = Annotated[date | None, Field(alias="to")]


class AreaShape(Shape):
    """A county-level area as the plan counts it."""

    code: str
    kind: Annotated[AreaKind, Field(strict=False)]


class GridShape(Shape):
    """A grid, its places and who answers for it."""

    key: str
    name: str
    places: list[str]
    start: From
    end: To = None
    responsible: list[str] = []


class PlanShape(Shape):
    """A plan that was finished."""

    kind: str
    division: str
    finished_on: date
    basis: BasisWord


class AreasShape(Shape):
    """``areas.yaml``."""

    region: str
    verdict_on: date
    note: Words
    areas: list[AreaShape]
    grids: list[GridShape] = []
    plans: list[PlanShape] = []


class InstitutionShape(Shape):
    """One institution."""

    key: str
    name: str
    category: Annotated[Category, Field(strict=False)]
    level: int
    grade: Literal["A", "B", "C"] | None = None
    owner: Annotated[Owner, Field(strict=False)]
    affiliation: Annotated[Affiliation, Field(strict=False)]
    division: str
    township: str = ""
    beds: int = 0
    beds_basis: BasisWord = "demo"
    basis: BasisWord
    location: tuple[float, float] | None = Field(default=None, strict=False)
    start: From
    end: To = None
    specialties: list[str] = []
    key_specialties: dict[str, Literal["NATIONAL", "PROVINCIAL", "PREFECTURE"]] = {}
    facilities: list[str] = []
    qualified: bool = False
    subcentre: bool = False
    managed_as_level: int = 0


class InstitutionsShape(Shape):
    """``institutions.yaml``."""

    institutions: list[InstitutionShape]


class MemberShape(Shape):
    """A membership."""

    institution: str
    role: Annotated[Role, Field(strict=False)]
    consented_on: date | None = None
    start: Annotated[date | None, Field(alias="from")] = None
    end: To = None


class CommunityShape(Shape):
    """A community that joined as a whole."""

    consortium: str
    start: Annotated[date | None, Field(alias="from")] = None
    end: To = None


class ConsortiumShape(Shape):
    """One consortium."""

    key: str
    name: str
    kind: Annotated[Kind, Field(strict=False)]
    division: str
    tight: bool = False
    specialty: str | None = None
    start: From
    end: To = None
    approved_on: date | None = None
    charter_on: date | None = None
    effective: bool = False
    committee: bool = False
    unified: list[str] = []
    basis: BasisWord
    members: list[MemberShape] = []
    communities: list[CommunityShape] = []


class ObligationShape(Shape):
    """Who owes what to whom by when."""

    debtor: str
    creditor: str
    text: Words
    due: date
    clause: str = ""


class AgreementShape(Shape):
    """One agreement."""

    key: str
    title: str
    consortium: str | None = None
    signed_on: date
    start: From
    end: To = None
    parties: list[str]
    sections: list[str] = []
    basis: BasisWord
    obligations: list[ObligationShape] = []


class TrusteeshipShape(Shape):
    """One trusteeship."""

    trustee: str
    entrusted: str
    start: From
    end: To = None
    agreement: str | None = None


class ConsortiaShape(Shape):
    """``consortia.yaml``."""

    consortia: list[ConsortiumShape]
    agreements: list[AgreementShape] = []
    trusteeships: list[TrusteeshipShape] = []


@dataclass(frozen=True)
class RegionFiles:
    """A region's network, read and checked against itself."""

    areas: AreasShape
    institutions: InstitutionsShape
    consortia: ConsortiaShape
    digest: str


def read_region(folder: Path) -> RegionFiles | None:
    """Read a pack's ``region`` folder; ``None`` if it has none.

    Raises:
        PackErrors: naming file, line, key and fix of every problem.
    """
    base = folder / "region"
    if not base.is_dir():
        return None
    problems: list[Problem] = []
    sources: dict[str, Source] = {}

    def part(name: str, shape: type[S]) -> S | None:
        sources[name], found = read(base / name, f"{folder.name}/region/{name}")
        problems.extend(found)
        checked, found = check(shape, sources[name]) if not found else (None, [])
        problems.extend(found)
        return checked

    areas = part("areas.yaml", AreasShape)
    institutions = part("institutions.yaml", InstitutionsShape)
    consortia = part("consortia.yaml", ConsortiaShape)
    if areas and institutions and consortia:
        problems.extend(_Crosscheck(areas, institutions, consortia, sources).problems())
    if problems or not (areas and institutions and consortia):
        raise PackErrors(problems)
    sha = hashlib.sha256(b"".join((base / name).read_bytes() for name in sorted(sources)))
    return RegionFiles(areas, institutions, consortia, sha.hexdigest())


@dataclass(frozen=True)
class _Crosscheck:
    """References and periods between the files."""

    areas: AreasShape
    institutions: InstitutionsShape
    consortia: ConsortiaShape
    sources: dict[str, Source]

    def problems(self) -> Iterator[Problem]:
        known = {i.key: i for i in self.institutions.institutions}
        groups = {c.key: c for c in self.consortia.consortia}
        yield from self._twice(
            "institutions.yaml", "institutions", [i.key for i in self.institutions.institutions]
        )
        yield from self._twice("consortia.yaml", "consortia", [c.key for c in self.consortia.consortia])
        for n, c in enumerate(self.consortia.consortia):
            yield from self._members(n, c, known)
            for m, joined in enumerate(c.communities):
                if joined.consortium not in groups:
                    place = ("consortia", n, "communities", m)
                    yield self._unknown("consortia.yaml", place, joined.consortium)
        for n, grid in enumerate(self.areas.grids):
            for key in grid.responsible:
                if key not in groups:
                    yield self._unknown("areas.yaml", ("grids", n), key)
        yield from self._papers(known, groups)

    def _members(self, n: int, c: ConsortiumShape, known: dict[str, InstitutionShape]) -> Iterator[Problem]:
        seen: dict[str, list[Period]] = {}
        for m, member in enumerate(c.members):
            place = ("consortia", n, "members", m)
            institution = known.get(member.institution)
            if institution is None:
                yield self._unknown("consortia.yaml", place, member.institution)
                continue
            start = member.start or c.start
            if not institution.start <= start or (institution.end and start >= institution.end):
                yield self._problem(
                    "consortia.yaml",
                    place,
                    Text(
                        f"{institution.name}在 {start} 尚未成立或已关闭。",
                        f"{institution.name} does not exist, or is closed, on {start}.",
                    ),
                    Text(
                        "请改成员起始日期，或更正机构的 from / to。",
                        "Mend the member's start or the institution's dates.",
                    ),
                )
            period = Period(start, member.end or c.end)
            if any(period.overlaps(other) for other in seen.setdefault(member.institution, [])):
                yield self._problem(
                    "consortia.yaml",
                    place,
                    Text(
                        f"{institution.name}的成员期间重叠。", f"Memberships of {institution.name} overlap."
                    ),
                    Text(
                        "请让后一段从前一段结束之日开始。", "Let the later one start when the earlier ends."
                    ),
                )
            seen[member.institution].append(period)

    def _papers(
        self, known: dict[str, InstitutionShape], groups: dict[str, ConsortiumShape]
    ) -> Iterator[Problem]:
        papers = {a.key for a in self.consortia.agreements}
        for n, a in enumerate(self.consortia.agreements):
            wrong = [p for p in a.parties if not p.startswith("gov:") and p not in known]
            wrong += [a.consortium] if a.consortium and a.consortium not in groups else []
            for key in wrong:
                yield self._unknown("consortia.yaml", ("agreements", n), key)
        for n, t in enumerate(self.consortia.trusteeships):
            wrong = [key for key in (t.trustee, t.entrusted) if key not in known]
            wrong += [t.agreement] if t.agreement and t.agreement not in papers else []
            for key in wrong:
                yield self._unknown("consortia.yaml", ("trusteeships", n), key)

    def _twice(self, file: str, part: str, keys: list[str]) -> Iterator[Problem]:
        for n, key in enumerate(keys):
            if key in keys[:n]:
                message = Text(f"“{key}”写了两次。", f"“{key}” is written twice.")
                yield self._problem(file, (part, n), message, Text("请改用另一个 key。", "Use another key."))

    def _unknown(self, file: str, place: tuple[str | int, ...], key: str) -> Problem:
        message = Text(f"没有“{key}”。", f"There is no “{key}”.")
        fix = Text("请检查拼写，或先登记它。", "Check the spelling or record it first.")
        return self._problem(file, place, message, fix)

    def _problem(self, file: str, place: tuple[str | int, ...], message: Text, fix: Text) -> Problem:
        source = self.sources[file]
        return Problem(source.file, source.line(place), ".".join(map(str, place)), message, fix)


def slug_of(pack: str, key: str) -> str:
    """What the register calls an institution or consortium that a region's file calls ``key``."""
    return f"{pack}-{key}"
