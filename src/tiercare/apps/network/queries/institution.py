"""Everything about one institution on a day, for its page: one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import rules
from .detail import ObligationRow, Standing, standing
from .freshness import Freshness, registers
from .institution_sql import INSTITUTION
from .ranges import day, parts

PEOPLE = 60
_PARTNERS = 20


@dataclass(frozen=True, slots=True)
class Version:
    """What the institution was in a period; ``fields`` are the columns of its register by name."""

    period: Period
    fields: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it was called."""
        return str(self.fields["name"])


@dataclass(frozen=True, slots=True)
class Kin:
    """What became of another institution here, or of this one elsewhere (``onward``)."""

    on: date
    merged: bool
    onward: bool
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Belonging:
    """A part in a consortium; ``through`` names the community by which it is joined as a whole."""

    consortium_id: UUID
    name: str
    kind: rules.Kind
    role: rules.Role
    period: Period
    consented_on: date | None
    through: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Another institution by what ties the two: consortia, agreements, trusteeship (``runs`` or ``run_by``)."""

    id: UUID
    name: str
    level: int
    consortia: int
    agreements: int
    trusteeship: str

    @property
    def ties(self) -> int:
        """How many ties there are."""
        return self.consortia + self.agreements + bool(self.trusteeship)


@dataclass(frozen=True, slots=True)
class Worker:
    """A clinician who works here; ``elsewhere`` are the other places with the ground of each."""

    name: str
    code: str
    title: str
    scope_code: str
    ground: str
    since: date
    agreement: str
    elsewhere: tuple[tuple[UUID, str, str], ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """An agreement in force to which the institution is a party, and what of it is not met yet."""

    id: UUID
    title: str
    signed_on: date | None
    period: Period
    consortium_id: UUID | None
    consortium: str
    others: tuple[str, ...]
    open: tuple[ObligationRow, ...]


@dataclass(frozen=True, slots=True)
class InstitutionPage:
    """All of one institution; ``current`` is ``None`` on a day on which it does not exist."""

    id: UUID
    slug: str
    social_credit_code: str
    current: Version | None
    versions: tuple[Version, ...]
    kin: tuple[Kin, ...]
    belongings: tuple[Belonging, ...]
    past: tuple[Belonging, ...]
    partners: tuple[Partner, ...]
    partner_count: int
    departments: tuple[tuple[str, str], ...]
    equipment: tuple[tuple[str, str, int], ...]
    people: tuple[Worker, ...]
    people_counts: Mapping[str, int]
    facilities: tuple[str, ...]
    key_specialties: tuple[tuple[str, str], ...]
    specialties: tuple[str, ...]
    agreements: tuple[Signed, ...]
    registers: tuple[Freshness, ...]
    area_name: str

    @property
    def shown(self) -> Version:
        """The version of the day, else the latest."""
        return self.current or self.versions[-1]


def institution_page(institution_id: UUID, *, on: date, people_page: int = 1) -> InstitutionPage:
    """All of one institution on ``on``; of its clinicians the page asked for (``PEOPLE`` each).

    Raises:
        Refused: if there is none of this id.
    """
    values = {
        "id": institution_id,
        "on": on,
        "people": PEOPLE,
        "skip": (people_page - 1) * PEOPLE,
        "partners": _PARTNERS,
    }
    row = parts(INSTITUTION, values)
    identity, versions, kin, belongings, wholes, partners, partner_count = row[:7]
    (
        departments,
        equipment,
        people,
        people_counts,
        facilities,
        keys,
        specialties,
        papers,
        reports,
        kept,
        area,
    ) = row[7:]
    if identity is None or not versions:
        raise Refused(no_such_institution(institution_id))
    periods = tuple(_version(each) for each in versions)
    direct = tuple(_belonging(each) for each in belongings or ())
    return InstitutionPage(
        id=institution_id,
        slug=identity[0],
        social_credit_code=identity[1] or "",
        current=next((version for version in periods if on in version.period), None),
        versions=periods,
        kin=tuple(
            Kin(date.fromisoformat(when), kind == "MERGED", onward, UUID(key), name or "")
            for when, kind, onward, key, name in kin or ()
        ),
        belongings=(
            *(each for each in direct if on in each.period),
            *(_belonging(each) for each in wholes or ()),
        ),
        past=tuple(each for each in direct if on not in each.period),
        partners=tuple(Partner(UUID(each[0]), *each[1:]) for each in partners or ()),
        partner_count=partner_count,
        departments=tuple((name, code) for name, code in departments or ()),
        equipment=tuple((kind, model, count) for kind, model, count in equipment or ()),
        people=tuple(_worker(each) for each in people or ()),
        people_counts=dict(people_counts or {}),
        facilities=tuple(facilities or ()),
        key_specialties=tuple((code, rank) for code, rank in keys or ()),
        specialties=tuple(specialties or ()),
        agreements=tuple(_signed(each, on) for each in papers or ()),
        registers=registers(
            {key: (count, day(began)) for key, (count, began) in (kept or {}).items()}, reports or (), on=on
        ),
        area_name=area or "",
    )


def no_such_institution(institution_id: UUID) -> Refusal:
    """There is none of this id."""
    return Refusal(
        code="network.no_such_institution",
        message=Text("没有这家机构。", "There is no such institution."),
        instead=Text("请从机构列表中选择。", "Pick one from the list of institutions."),
        fields={"id": institution_id},
        at="institution",
        status=404,
    )


def _period(start: str, end: str | None) -> Period:
    return Period(date.fromisoformat(start), day(end))


def _version(row: Mapping[str, Any]) -> Version:
    fields = dict(row)
    period = _period(fields.pop("start"), fields.pop("end"))
    fields["licence_until"] = day(fields["licence_until"])
    return Version(period, fields)


def _belonging(row: Sequence[Any]) -> Belonging:
    key, name, kind, role, start, end, consented_on, through = row
    return Belonging(
        UUID(key),
        name or "",
        rules.Kind(kind),
        rules.Role(role),
        _period(start, end),
        day(consented_on),
        through or "",
    )


def _worker(row: Sequence[Any]) -> Worker:
    name, code, title, scope, ground, since, agreement, elsewhere = row
    return Worker(
        name,
        code or "",
        title,
        scope,
        ground,
        date.fromisoformat(since),
        agreement or "",
        tuple((UUID(key), place or "", other) for key, place, other in elsewhere or ()),
    )


def _signed(row: Sequence[Any], on: date) -> Signed:
    key, title, signed_on, start, end, consortium_id, consortium, others, owed = row
    obligations = tuple(
        ObligationRow(
            debtor=debtor,
            creditor=creditor,
            text_zh=zh,
            text_en=en,
            due=date.fromisoformat(due),
            met_on=day(met_on),
            clause=clause,
            standing=standing(date.fromisoformat(due), day(met_on), on),
        )
        for debtor, creditor, zh, en, due, met_on, clause in owed or ()
    )
    return Signed(
        id=UUID(key),
        title=title,
        signed_on=day(signed_on),
        period=_period(start, end),
        consortium_id=UUID(consortium_id) if consortium_id else None,
        consortium=consortium or "",
        others=tuple(others or ()),
        open=tuple(each for each in obligations if each.standing is not Standing.MET),
    )
