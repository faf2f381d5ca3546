"""Changing a draft: wording, title and term, parties, obligations; giving it up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ...rules.papers import section_key, whole_sections
from .drafting import add_obligations, add_parties, all_there, start_sections
from .shared import Owed, blank, needs_two_parties, no_such, open_draft, record, revised, term_empty


@transaction.atomic
def write_sections(*, actor: Actor, agreement_id: UUID, texts: Mapping[str, str]) -> models.Agreement:
    """Write sections of a draft: keys as ``section_key`` makes them; a blank one stays and has to be filled
    before signing if the pack wants it.

    Raises:
        Refused: if the draft is unknown, signed by somebody, or not the actor's to change.
    """
    agreement = open_draft(actor, agreement_id)
    changed = tuple(sorted(key for key, text in texts.items() if agreement.texts.get(key) != text.strip()))
    agreement.texts = {**agreement.texts, **{key: text.strip() for key, text in texts.items()}}
    agreement.sections = whole_sections(agreement.texts)
    agreement.save(update_fields=["texts", "sections"])
    revised(actor, agreement, changed)
    return agreement


@transaction.atomic
def change_draft(*, actor: Actor, agreement_id: UUID, title: str, start: date, end: date) -> models.Agreement:
    """Give a draft another title or term.

    Raises:
        Refused: as ``write_sections``; if the title is blank or the term empty.
    """
    agreement = open_draft(actor, agreement_id)
    if not title.strip():
        raise Refused(blank("title", Text("标题", "title")))
    if end <= start:
        raise Refused(term_empty(start, end))
    before = (agreement.title, agreement.period.lower, agreement.period.upper)
    agreement.title, agreement.period = title.strip(), DateRange(start, end)
    agreement.save(update_fields=["title", "period"])
    changed = ("title",) if before[0] != agreement.title else ()
    revised(actor, agreement, (*changed, *(("term",) if before[1:] != (start, end) else ())))
    return agreement


@transaction.atomic
def add_party(
    *, actor: Actor, agreement_id: UUID, institution_id: UUID | None = None, government_of: str = ""
) -> models.Agreement:
    """Add a party to a draft, with the sections that the pack wants for it.

    Raises:
        Refused: as ``write_sections``; if the institution does not exist, or stands in the draft already.
    """
    agreement = open_draft(actor, agreement_id)
    if institution_id is not None:
        all_there([institution_id], agreement.period.lower)
    if agreement.parties.filter(institution_id=institution_id, government_of=government_of).exists():
        raise Refused(
            Refusal(
                code="party_already",
                message=Text("这一方已在协议中。", "This party stands in the agreement already."),
                instead=Text("请另选一方。", "Choose another one."),
                at="party",
                status=422,
            )
        )
    if institution_id is None and not government_of:
        raise Refused(blank("party", Text("一方", "party")))
    add_parties(
        agreement, [institution_id] if institution_id else [], [government_of] if government_of else []
    )
    start_sections(agreement, ())
    revised(actor, agreement, ("parties",))
    return agreement


@transaction.atomic
def remove_party(*, actor: Actor, agreement_id: UUID, party_id: UUID) -> models.Agreement:
    """Take a party out of a draft, with its own sections.

    Raises:
        Refused: as ``write_sections``; if fewer than two would stay, or it owes or is owed something.
    """
    agreement = open_draft(actor, agreement_id)
    parties = {party.id: party for party in agreement.parties.select_related("institution")}
    gone = parties.get(party_id)
    if gone is None:
        raise Refused(no_such(Text("一方", "party")))
    if len(parties) <= 2:
        raise Refused(needs_two_parties())
    key = party_key(gone)
    if any(key in {owed.debtor, owed.creditor} for owed in agreement.obligations.all()):
        raise Refused(
            Refusal(
                code="party_has_obligations",
                message=Text("这一方在义务清单中。", "This party stands in the list of obligations."),
                instead=Text("请先删除与它有关的义务。", "Remove the obligations that concern it first."),
                at="party",
                status=422,
            )
        )
    own = section_key("", str(gone.institution_id) if gone.institution_id else f"gov:{gone.government_of}")
    agreement.texts = {name: text for name, text in agreement.texts.items() if not name.endswith(own)}
    agreement.sections = whole_sections(agreement.texts)
    agreement.save(update_fields=["texts", "sections"])
    gone.delete()
    revised(actor, agreement, ("parties",))
    return agreement


def party_key(party: models.AgreementParty) -> str:
    """How obligations name a party: ``institution:<slug>`` or ``gov:<division>``."""
    return f"institution:{party.institution.slug}" if party.institution else f"gov:{party.government_of}"


@transaction.atomic
def add_obligation(*, actor: Actor, agreement_id: UUID, owed: Owed) -> models.Agreement:
    """Add to a draft who owes what to whom by when.

    Raises:
        Refused: as ``write_sections``; if debtor or creditor is no party, they are one, the text is blank, or
            the day does not lie in the term.
    """
    agreement = open_draft(actor, agreement_id)
    keys = {party_key(party) for party in agreement.parties.select_related("institution")}
    refusal = _owed_misfits(owed, keys, agreement)
    if refusal:
        raise Refused(refusal)
    add_obligations(agreement, [owed])
    revised(actor, agreement, ("obligations",))
    return agreement


def _owed_misfits(owed: Owed, keys: set[str], agreement: models.Agreement) -> Refusal | None:
    for at, key in (("debtor", owed.debtor), ("creditor", owed.creditor)):
        if key not in keys:
            return blank(
                at, Text("义务方或权利方（须是协议的一方）", "debtor or creditor (a party of the agreement)")
            )
    if owed.debtor == owed.creditor:
        return blank("creditor", Text("另一方作为权利方", "other party as creditor"))
    if not owed.text.zh.strip():
        return blank("text", Text("义务内容", "obligation"))
    if owed.due not in agreement.period:
        return Refusal(
            code="due_outside_term",
            message=Text("期限 {due} 不在协议期限内。", "The day {due} does not lie in the term."),
            instead=Text(
                "请选 {start} 起、{end} 之前的日期。", "Choose a day from {start} on and before {end}."
            ),
            fields={"due": owed.due, "start": agreement.period.lower, "end": agreement.period.upper},
            at="due",
            status=422,
        )
    return None


@transaction.atomic
def remove_obligation(*, actor: Actor, agreement_id: UUID, obligation_id: UUID) -> models.Agreement:
    """Take an obligation out of a draft.

    Raises:
        Refused: as ``write_sections``; if there is no such obligation in it.
    """
    agreement = open_draft(actor, agreement_id)
    deleted, _ = agreement.obligations.filter(id=obligation_id).delete()
    if not deleted:
        raise Refused(no_such(Text("义务", "obligation")))
    revised(actor, agreement, ("obligations",))
    return agreement


@transaction.atomic
def discard_draft(*, actor: Actor, agreement_id: UUID) -> None:
    """Give a draft up; what was signed by all can only be ended.

    Raises:
        Refused: as ``write_sections``.
    """
    agreement = open_draft(actor, agreement_id)
    record(actor, agreement, events.DraftDiscarded(agreement.title))
    agreement.delete()
