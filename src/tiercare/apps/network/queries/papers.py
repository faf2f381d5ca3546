"""Agreements in a list and on their page, drafts among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from psycopg.types.range import DateRange

from tiercare.apps.mandates.queries import NO_PACK
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import models, rules
from ..rules.papers import Life, Standing, life, standing
from .facts import prefix_range
from .reading import area_names
from .tables import Table, agreement_table, government_name


@dataclass(frozen=True, slots=True)
class PaperRow:
    """An agreement in the list; ``signed`` of ``parties`` have signed, ``open`` obligations are not met and
    ``overdue`` of them past their day."""

    id: UUID
    title: str
    consortium_id: UUID | None
    consortium: str
    parties: tuple[str, ...]
    signed: int
    signed_on: date | None
    period: Period
    life: Life
    open: int
    overdue: int
    basis: models.Basis


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party on the agreement's page; ``key`` names it in sections, ``owes_as`` in obligations."""

    id: UUID
    key: str
    owes_as: str
    name: str
    institution_id: UUID | None
    government_of: str
    signed_on: date | None
    signed_by: str


@dataclass(frozen=True, slots=True)
class OwedRow:
    """An obligation by the names of its parties, and how it stands."""

    id: UUID
    debtor: str
    creditor: str
    debtor_id: UUID | None
    text: Text
    due: date
    met_on: date | None
    met_by: str
    clause: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class PaperPage:
    """Everything about one agreement on a day. ``table`` tells what the pack wants in it, as of the day on which
    it was or would be signed; ``followed_by`` is its renewal."""

    id: UUID
    title: str
    consortium_id: UUID | None
    consortium: str
    division: str
    area: str
    signed_on: date | None
    period: Period
    life: Life
    basis: models.Basis
    texts: Mapping[str, str]
    sections: tuple[str, ...]
    parties: tuple[PartyRow, ...]
    obligations: tuple[OwedRow, ...]
    table: Table
    renews: UUID | None
    followed_by: UUID | None

    @property
    def institutions(self) -> set[UUID]:
        """Who may change the draft: its parties, and the lead of the consortium."""
        return {*(p.institution_id for p in self.parties if p.institution_id), *self.table.lead_ids}

    @property
    def begun(self) -> bool:
        """True once somebody has signed."""
        return any(party.signed_on for party in self.parties)


def agreement_rows(region: str, *, on: date) -> list[PaperRow]:
    """Agreements that concern ``region`` on ``on`` or later, and drafts: about one of its consortia, or signed by
    one of its institutions; what wants doing first."""
    low, high = prefix_range("" if region == "00" else region)
    inside = {"division_code__gte": low, "division_code__lt": high, "period__contains": on}
    consortia = models.ConsortiumVersion.objects.filter(**inside).values("consortium_id")
    local = models.InstitutionVersion.objects.filter(**inside).values("institution_id")
    signers = models.AgreementParty.objects.filter(institution_id__in=local).values("agreement_id")
    rows = list(
        models.Agreement.objects.filter(Q(consortium_id__in=consortia) | Q(id__in=signers))
        .annotate(
            open=Count("obligations", filter=_open(on), distinct=True),
            overdue=Count("obligations", filter=_open(on) & Q(obligations__due__lt=on), distinct=True),
        )
        .prefetch_related("parties")
        .order_by("period", "title")
    )
    names = _names([p.institution_id for row in rows for p in row.parties.all() if p.institution_id], on)
    areas = area_names(on=on)
    versions = models.ConsortiumVersion.objects.filter(
        consortium_id__in={row.consortium_id for row in rows}, period__contains=on
    )
    consortium = dict(versions.values_list("consortium_id", "name"))
    found = [
        PaperRow(
            id=row.id,
            title=row.title,
            consortium_id=row.consortium_id if row.consortium_id in consortium else None,
            consortium=consortium.get(row.consortium_id, ""),
            parties=_party_names(row, names, areas),
            signed=sum(p.signed_on is not None and p.signed_on <= on for p in row.parties.all()),
            signed_on=row.signed_on,
            period=_period(row.period),
            life=life(row.signed_on, row.period.lower, row.period.upper, on),
            open=row.open if row.signed_on else 0,
            overdue=row.overdue if row.signed_on else 0,
            basis=models.Basis(row.basis),
        )
        for row in rows
    ]
    order = (Life.DRAFT, Life.ENDING, Life.IN_FORCE, Life.SIGNED, Life.ENDED)
    return sorted(found, key=lambda row: (order.index(row.life), not row.overdue, row.period.end or date.max))


def _open(on: date) -> Q:
    return Q(obligations__isnull=False) & (
        Q(obligations__met_on__isnull=True) | Q(obligations__met_on__gt=on)
    )


def _party_names(
    row: models.Agreement, names: Mapping[UUID, str], areas: Mapping[str, str]
) -> tuple[str, ...]:
    """Governments first, each by name."""
    governments = [government_name(areas, p.government_of) for p in row.parties.all() if p.government_of]
    institutions = [names.get(p.institution_id, "—") for p in row.parties.all() if p.institution_id]
    return (*sorted(governments), *sorted(institutions))


def _names(ids: Sequence[UUID], on: date) -> dict[UUID, str]:
    rows = models.InstitutionVersion.objects.filter(institution_id__in=set(ids), period__contains=on)
    return dict(rows.values_list("institution_id", "name"))


def agreement_page(agreement_id: UUID, *, on: date) -> PaperPage:
    """One agreement on ``on``.

    Raises:
        Refused: if there is none of this id.
    """
    row = (
        models.Agreement.objects.filter(id=agreement_id)
        .annotate(
            followed_by=Subquery(
                models.Agreement.objects.filter(renews_id=OuterRef("id")).order_by("id").values("id")[:1]
            )
        )
        .prefetch_related(
            Prefetch("parties", models.AgreementParty.objects.select_related("institution")), "obligations"
        )
        .first()
    )
    if row is None:
        raise Refused(_no_such_agreement())
    areas = area_names(on=on)
    parties = list(row.parties.all())
    table = _table(row, parties, on, areas)
    order = list(table.names)
    shown = tuple(sorted((_party_row(p, table) for p in parties), key=lambda p: order.index(p.key)))
    return PaperPage(
        id=row.id,
        title=row.title,
        consortium_id=row.consortium_id,
        consortium=table.consortium,
        division=table.division,
        area=areas.get(table.division, table.division),
        signed_on=row.signed_on,
        period=_period(row.period),
        life=life(row.signed_on, row.period.lower, row.period.upper, on),
        basis=models.Basis(row.basis),
        texts=row.texts,
        sections=tuple(row.sections),
        parties=shown,
        obligations=_owed(row, shown, on),
        table=table,
        renews=row.renews_id,
        followed_by=row.followed_by,
    )


def _table(
    row: models.Agreement, parties: Sequence[models.AgreementParty], on: date, areas: Mapping[str, str]
) -> Table:
    """What is wanted in it as of the day on which it was or would be signed; where no policy was in force yet, as of ``on``."""

    def wanted(day: date) -> Table:
        return agreement_table(
            row.consortium_id,
            division="" if row.consortium_id else _division(parties),
            institution_ids=[p.institution_id for p in parties if p.institution_id],
            governments=[p.government_of for p in parties if p.government_of],
            on=day,
            except_id=row.id,
            areas=areas,
        )

    try:
        return wanted(max(row.signed_on or on, row.period.lower))
    except Refused as refused:
        if refused.refusals[0].code != NO_PACK:
            raise
    return wanted(on)


def _division(parties: Sequence[models.AgreementParty]) -> str:
    """Where an agreement about no consortium lies: a government's area, else an institution's."""
    government = next((p.government_of for p in parties if p.government_of), "")
    if government:
        return government
    versions = models.InstitutionVersion.objects.filter(institution_id=parties[0].institution_id)
    found: str = versions.order_by("-period").values_list("division_code", flat=True)[0]
    return found


def _party_row(party: models.AgreementParty, table: Table) -> PartyRow:
    key = str(party.institution_id) if party.institution_id else f"gov:{party.government_of}"
    return PartyRow(
        id=party.id,
        key=key,
        owes_as=f"institution:{party.institution.slug}" if party.institution else key,
        name=table.names[key],
        institution_id=party.institution_id,
        government_of=party.government_of,
        signed_on=party.signed_on,
        signed_by=party.signed_by,
    )


def _owed(row: models.Agreement, parties: Sequence[PartyRow], on: date) -> tuple[OwedRow, ...]:
    by_key = {party.owes_as: party for party in parties}
    return tuple(
        OwedRow(
            id=owed.id,
            debtor=by_key[owed.debtor].name if owed.debtor in by_key else owed.debtor,
            creditor=by_key[owed.creditor].name if owed.creditor in by_key else owed.creditor,
            debtor_id=by_key[owed.debtor].institution_id if owed.debtor in by_key else None,
            text=Text(owed.text_zh, owed.text_en or owed.text_zh),
            due=owed.due,
            met_on=owed.met_on if owed.met_on and owed.met_on <= on else None,
            met_by=owed.met_by,
            clause=owed.clause,
            standing=standing(owed.due, owed.met_on, on),
        )
        for owed in sorted(row.obligations.all(), key=lambda owed: (owed.due, owed.text_zh))
    )


def _no_such_agreement() -> Refusal:
    return Refusal(
        code="no_such_agreement",
        message=Text("没有这份协议。", "There is no such agreement."),
        instead=Text("请从协议列表中选择。", "Choose one from the list of agreements."),
        status=404,
    )


def _period(stored: DateRange) -> Period:
    assert stored.lower is not None, "every agreement has a first day"
    return Period(stored.lower, stored.upper)


def institutions_named(text: str, *, on: date, limit: int = 6) -> list[tuple[UUID, str]]:
    """Institutions that a name or its pinyin initials stand for: the one of just this name, else those that hold
    the text, a few of them."""
    rows = models.InstitutionVersion.objects.filter(period__contains=on)
    exact = list(rows.filter(name=text).values_list("institution_id", "name")[:limit])
    holding = rows.filter(Q(name__icontains=text) | Q(initials__istartswith=text.lower()))
    return exact or list(holding.order_by("name").values_list("institution_id", "name")[:limit])


@dataclass(frozen=True, slots=True)
class OfferedConsortium:
    """A consortium to choose from."""

    id: UUID
    name: str
    kind: rules.Kind
    division_code: str


def consortia_offered(region: str, *, on: date) -> list[OfferedConsortium]:
    """Consortia of ``region`` on ``on`` by kind, area and name; one query."""
    low, high = prefix_range("" if region == "00" else region)
    rows = models.ConsortiumVersion.objects.filter(
        division_code__gte=low, division_code__lt=high, period__contains=on
    ).values_list("consortium_id", "name", "consortium__kind", "division_code")
    found = [OfferedConsortium(key, name, rules.Kind(kind), code) for key, name, kind, code in rows]
    kinds = list(rules.Kind)
    return sorted(found, key=lambda row: (kinds.index(row.kind), row.division_code, row.name))
