"""What people do with mandates: put a pack in force, waive by name, take a waiver back, fill in a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import events, queries, rules
from .models import ListEdition, Mandate, Waiver


@transaction.atomic
def put_in_force(*, actor: Actor, pack_id: str, start: date) -> Mandate:
    """Put a pack in force in its own area from a day on; does nothing if it is already.

    Raises:
        Refused: if there is no such pack.
    """
    known = queries.packs()
    if pack_id not in known.packs:
        raise Refused(queries.region_without_pack(pack_id))
    pack = known.packs[pack_id]
    current = Mandate.objects.filter(division_code=pack.region, period__contains=start).first()
    if current is not None and current.pack == pack_id:
        return current
    if current is not None:
        current.period = DateRange(current.period.lower, start)
        current.save(update_fields=["period"])
    mandate = Mandate.objects.create(division_code=pack.region, pack=pack_id, period=DateRange(start, None))
    ledger.append(
        actor,
        events.PackPutInForce(pack.region, pack_id, known.digest(pack_id), start),
        subject_type="mandate",
        subject_id=mandate.id,
        division_code=pack.region,
    )
    return mandate


@transaction.atomic
def grant_waiver(
    *,
    actor: Actor,
    pack_id: str,
    card_key: str,
    subject: str,
    subject_name: str,
    reason: str,
    start: date,
    end: date | None,
) -> Waiver:
    """Except ``subject`` from a 原则上 rule until ``end`` (not included).

    Raises:
        Refused: if the wording allows no waiver, the actor may not waive there, reason or end is missing,
            or another waiver for the same subject is in force.
    """
    pack = queries.packs().packs.get(pack_id)
    if pack is None:
        raise Refused(queries.region_without_pack(pack_id))
    card = queries.card(card_key)
    refusal = may(actor, Right.MANDATES_WAIVE, division=pack.region) or rules.may_be_waived(card)
    refusal = refusal or rules.waiver_is_complete(reason, start, end)
    if refusal:
        raise Refused(refusal)
    assert actor.account_id is not None and end is not None, (
        "system does not waive; the rule asked for an end"
    )
    try:
        with transaction.atomic():
            waiver = Waiver.objects.create(
                pack=pack_id,
                card=card_key,
                subject=subject,
                subject_name=subject_name,
                reason=reason.strip(),
                period=DateRange(start, end),
                granted_by_id=actor.account_id,
                granted_by_name=actor.name,
                granted_at=clock.now(),
            )
    except IntegrityError as error:
        raise Refused(_already_waived(subject_name)) from error
    ledger.append(
        actor,
        events.WaiverGranted(pack_id, card_key, subject, waiver.reason, start, end),
        subject_type="waiver",
        subject_id=waiver.id,
        division_code=pack.region,
        clauses=card.clauses,
    )
    return waiver


def _already_waived(name: str) -> Refusal:
    return Refusal(
        code="one_waiver_at_a_time",
        message=Text(
            "{name}在这段时间已有同一规则的豁免。", "{name} already has a waiver of this rule then."
        ),
        instead=Text("请先撤销原豁免，或改选时间。", "Revoke that one first, or choose other dates."),
        fields={"name": name},
        at="start",
    )


@transaction.atomic
def revoke_waiver(*, actor: Actor, waiver_id: object) -> Waiver:
    """Take a waiver back from now on.

    Raises:
        Refused: if the actor may not, or it is unknown or already revoked.
    """
    waiver = Waiver.objects.select_for_update().filter(id=waiver_id).first()
    if waiver is None or waiver.revoked_at is not None:
        raise Refused(
            Refusal(
                code="no_such_waiver",
                message=Text("没有这条有效的豁免。", "There is no such waiver in force."),
                instead=Text("请刷新列表再试。", "Reload the list and try again."),
                status=404,
            )
        )
    region = queries.packs().packs[waiver.pack].region
    refusal = may(actor, Right.MANDATES_WAIVE, division=region)
    if refusal:
        raise Refused(refusal)
    waiver.revoked_by_name, waiver.revoked_at = actor.name, clock.now()
    waiver.save(update_fields=["revoked_by_name", "revoked_at"])
    ledger.append(
        actor,
        events.WaiverRevoked(waiver.card, waiver.subject),
        subject_type="waiver",
        subject_id=waiver.id,
        division_code=region,
    )
    return waiver


@transaction.atomic
def edit_list(*, actor: Actor, pack_id: str, list_id: str, items: Sequence[Text], start: date) -> ListEdition:
    """Give a named list its items from a day on; the edition before ends there.

    Raises:
        Refused: if the actor may not, there is no such list, or ``start`` is not after the last edition's.
    """
    pack = queries.packs().packs[pack_id]
    refusal = may(actor, Right.MANDATES_EDIT_LIST, division=pack.region)
    if refusal:
        raise Refused(refusal)
    named, _ = queries.named_list(pack_id, list_id, on=start)
    rows = ListEdition.objects.select_for_update().filter(pack=pack_id, list_id=list_id)
    last = max(rows, key=lambda row: row.period.lower, default=None)
    if last is not None and last.period.lower >= start:
        raise Refused(
            Refusal(
                code="list_edition_in_the_past",
                message=Text(
                    "{name}已有自 {start} 起的版本。", "{name} already has an edition from {start} on."
                ),
                instead=Text("请选更晚的日期。", "Choose a later day."),
                fields={"name": named.name, "start": last.period.lower},
                at="start",
                status=422,
            )
        )
    if last is not None:
        last.period = DateRange(last.period.lower, start)
        last.save(update_fields=["period"])
    edition = ListEdition.objects.create(
        id=stable_id("list-edition", pack_id, list_id, start.isoformat()),
        pack=pack_id,
        list_id=list_id,
        items=[{"zh": item.zh, "en": item.en} for item in items],
        period=DateRange(start, None),
    )
    ledger.append(
        actor,
        events.ListEdited(pack_id, list_id, tuple(item.zh for item in items), start),
        subject_type="list",
        subject_id=edition.id,
        division_code=pack.region,
        clauses=(named.clause,),
    )
    return edition
