"""Drafting an agreement, new or to follow another: nothing of it holds before the last party has signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ...queries.reading import area_names
from ...queries.tables import Table
from ...rules import Role
from ...rules.papers import RENEWAL_WARNING, paper_kinds, wording
from ..standing import not_there, standing_consortium
from .shared import (
    Owed,
    agreement_area,
    allow_drafting,
    bound,
    leads,
    locked_agreement,
    needs_two_parties,
    record,
    table_of,
    term_empty,
)


@transaction.atomic
def draft_agreement(
    *,
    actor: Actor,
    consortium_id: UUID,
    kind: str,
    start: date,
    end: date,
    institution_ids: Sequence[UUID],
    governments: Sequence[str] = (),
    title: str = "",
    obligations: Sequence[Owed] = (),
) -> models.Agreement:
    """Draft an agreement about a consortium, to hold from ``start`` up to ``end``; its sections start from the
    template of ``kind`` and from what the region's pack wants, with names, term and areas filled in.

    Raises:
        Refused: if the actor may not, there are fewer than two parties, one does not exist on ``start``, the
            term is empty, or there is no such kind.
    """
    consortium = standing_consortium(consortium_id, start)
    allow_drafting(actor, consortium.division_code, {*institution_ids, *leads(consortium_id)})
    refusal = _misfits(kind, len(institution_ids) + len(governments), start, end)
    if refusal:
        raise Refused(refusal)
    all_there(institution_ids, start)
    template = paper_kinds()[kind]
    agreement = models.Agreement.objects.create(
        slug=f"agreement-{uuid7().hex}",
        title=title.strip() or template.title.format(consortium=consortium.name),
        consortium_id=consortium_id,
        period=DateRange(start, end),
    )
    add_parties(agreement, institution_ids, governments)
    add_obligations(agreement, obligations)
    start_sections(agreement, template.sections)
    record(actor, agreement, events.AgreementDrafted(agreement.title, str(consortium_id), ""))
    return agreement


def _misfits(kind: str, parties: int, start: date, end: date) -> Refusal | None:
    if kind not in paper_kinds():
        return Refusal(
            code="no_such_kind_of_agreement",
            message=Text("没有“{kind}”这种协议。", "There is no kind of agreement “{kind}”."),
            instead=Text("请从列表中选择协议类型。", "Choose a kind from the list."),
            fields={"kind": kind},
            at="kind",
            status=422,
        )
    if parties < 2:
        return needs_two_parties()
    return term_empty(start, end) if end <= start else None


def all_there(institution_ids: Sequence[UUID], on: date) -> None:
    """Every institution exists on ``on``.

    Raises:
        Refused: if one does not.
    """
    there = set(
        models.InstitutionVersion.objects.filter(
            institution_id__in=institution_ids, period__contains=on
        ).values_list("institution_id", flat=True)
    )
    if set(institution_ids) - there:
        raise Refused(not_there("institution", Text("机构", "institution"), on))


def add_parties(
    agreement: models.Agreement, institution_ids: Sequence[UUID], governments: Sequence[str]
) -> None:
    """Enter governments and institutions as parties that have still to sign."""
    models.AgreementParty.objects.bulk_create(
        [
            *(models.AgreementParty(agreement=agreement, government_of=code) for code in governments),
            *(models.AgreementParty(agreement=agreement, institution_id=key) for key in institution_ids),
        ]
    )


def add_obligations(agreement: models.Agreement, obligations: Sequence[Owed]) -> None:
    """Enter who owes what to whom by when."""
    models.Obligation.objects.bulk_create(
        models.Obligation(
            agreement=agreement,
            debtor=owed.debtor,
            creditor=owed.creditor,
            text_zh=owed.text.zh,
            text_en=owed.text.en,
            due=owed.due,
            clause=owed.clause,
        )
        for owed in obligations
    )


def start_sections(agreement: models.Agreement, words: Sequence[str]) -> None:
    """Give every section of the kind, and every one that the pack wants, its first wording."""
    table = table_of(agreement, on=agreement.period.lower)
    fields = _fields(agreement, table)
    wanted = {demand.key: (demand.word, demand.party) for demand in table.demands}
    keys = {**{word: (word, "") for word in words if not _has(wanted, word)}, **wanted}
    agreement.texts = {
        **{key: _first_wording(word, party, fields, table) for key, (word, party) in keys.items()},
        **agreement.texts,
    }
    agreement.save(update_fields=["texts"])


def _has(wanted: Mapping[str, tuple[str, str]], word: str) -> bool:
    return any(asked == word for asked, _ in wanted.values())


def _first_wording(word: str, party: str, fields: Mapping[str, str], table: Table) -> str:
    others = "、".join(p.name for p in table.of.parties if p.key != party)
    more = {"party": table.names.get(party, ""), "others": others} if party else {}
    return wording(word, {**fields, **more}, party=party)


def _fields(agreement: models.Agreement, table: Table) -> dict[str, str]:
    """What the templates' fields stand for in this agreement."""
    start: date = agreement.period.lower
    lead = next((p.name for p in table.of.parties if p.role is Role.LEAD), table.lead)
    return {
        "parties": "、".join(p.name for p in table.of.parties),
        "lead": lead,
        "members": "、".join(p.name for p in table.of.parties if p.role is not Role.LEAD),
        "consortium": table.consortium,
        "area": area_names(on=start).get(table.division, ""),
        "start": start.isoformat(),
        "last": (agreement.period.upper - timedelta(days=1)).isoformat() if agreement.period.upper else "",
        "days": str(RENEWAL_WARNING.days),
    }


@transaction.atomic
def renew_agreement(*, actor: Actor, agreement_id: UUID, end: date) -> models.Agreement:
    """Draft an agreement that follows a signed one on the day it ends, with its parties and its wording; what is
    still owed comes along, due by the last day of the new term where its own day has passed by then.

    Raises:
        Refused: if the actor may not, it was never signed, never ends, or has a renewal already; if ``end`` is
            not after its end.
    """
    before = locked_agreement(agreement_id)
    allow_drafting(actor, agreement_area(before), bound(before))
    refusal = _not_to_renew(before, end)
    if refusal:
        raise Refused(refusal)
    start: date = before.period.upper
    last = end - timedelta(days=1)
    draft = models.Agreement.objects.create(
        slug=f"agreement-{uuid7().hex}",
        title=before.title,
        consortium_id=before.consortium_id,
        texts=before.texts,
        sections=before.sections,
        renews=before,
        period=DateRange(start, end),
    )
    parties = list(before.parties.order_by("id"))
    add_parties(
        draft,
        [p.institution_id for p in parties if p.institution_id],
        [p.government_of for p in parties if p.government_of],
    )
    add_obligations(
        draft,
        [
            Owed(
                o.debtor,
                o.creditor,
                Text(o.text_zh, o.text_en),
                o.due if o.due >= start else last,
                o.clause,
            )
            for o in before.obligations.filter(met_on__isnull=True)
        ],
    )
    start_sections(draft, [word for word in before.sections if word not in before.texts])
    record(actor, draft, events.AgreementDrafted(draft.title, str(draft.consortium_id or ""), str(before.id)))
    return draft


def _not_to_renew(before: models.Agreement, end: date) -> Refusal | None:
    if before.signed_on is None or before.period.upper is None:
        return Refusal(
            code="nothing_to_renew",
            message=Text(
                "“{title}”还没有签署，或没有终止日期，不必续签。", "“{title}” is not signed, or never ends."
            ),
            instead=Text("请直接修改草案，或先提前终止。", "Change the draft, or end the agreement first."),
            fields={"title": before.title},
        )
    if before.renewals.exists():
        return Refusal(
            code="renewal_exists",
            message=Text("“{title}”已有续签协议。", "“{title}” has a renewal already."),
            instead=Text("请打开已有的续签草案。", "Open the renewal that is there."),
            fields={"title": before.title},
        )
    return term_empty(before.period.upper, end) if end <= before.period.upper else None
