"""Handing papers over: a locked result to other assessments (WH-52), reports to those above (WH-53, NHC-33), and what they
answer."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.measures.bulletins import Feed
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import events, sql
from ..models import Delivery
from ..queries.bulletins import circulation_of
from ..queries.deliveries import delivery, outbox, sends
from ..queries.matters import area_of, standing_of
from ..queries.reports_up import counts_paper, participation_paper, result_paper
from ..rules import bulletins as rules
from ..rules.standing import NO_SUCH_MATTER
from .bulletins import SUBJECT, hand_over

_RECEIPT = """
UPDATE evaluation_delivery SET receipt = %(receipt)s, read_at = coalesce(read_at, tiercare_now()), read_by_name = %(name)s
WHERE id = %(delivery)s RETURNING id
"""
_COUNTY = "county"


@transaction.atomic
def hand_over_result(actor: Actor, matter_id: UUID, feed_key: str) -> list[UUID]:
    """Hand a locked assessment to another assessment: the city's, or those of every county with its own units; answers the
    deliveries, each with a number.

    Raises:
        Refused: if the actor may not, no text asks for it, the assessment is not locked, or it was handed over already.
    """
    refuse(may(actor, Right.EVALUATION_RUN))
    with scoped(actor, area=area_of(actor)):
        rows(sql.LOCKED, matter=matter_id)
        standing = standing_of(matter_id)
        if standing is None:
            raise Refused(NO_SUCH_MATTER)
        refuse(may(actor, Right.EVALUATION_RUN, division=standing.issuer.area))
        feed = _feed(standing.pack, feed_key)
        before = [
            each
            for each in outbox(actor, matter_id=matter_id, purpose=rules.RESULT, limit=500)
            if each.feed == feed.key and each.withdrawn_at is None
        ]
        if before:
            raise Refused(replace(rules.HANDED_ALREADY, fields={"number": before[0].number}))
        made = []
        region = standing.issuer.area
        for county in _counties(region) if feed.level == _COUNTY else [""]:
            try:
                paper = result_paper(actor, matter_id, feed, county)
            except Refused as refused:
                if county and refused.refusals[0].code == rules.NOTHING_TO_REPORT.code:
                    continue  # nobody of this county was assessed
                raise
            row = Delivery(
                matter_id=matter_id,
                purpose=rules.RESULT,
                feed=feed.key,
                title=paper["title"],
                from_area=region,
                to_area=county,
                outside="" if county else paper["to"],
            )
            made.append(hand_over(actor, row, paper))
        if not made:
            raise Refused(rules.NOTHING_TO_REPORT)
    return made


@transaction.atomic
def report_participation(actor: Actor, pack: str, year: str) -> UUID:
    """Draw up what provincial hospitals took part in and record that it was sent to the province; answers the delivery.

    Raises:
        Refused: if the actor may not, no text asks for it, or there is no provincial hospital here.
    """
    region = _region(actor, pack)
    if not circulation_of(pack).participation:
        raise Refused(rules.NOT_ASKED_FOR)
    return _upward(actor, region, participation_paper(region, year))


@transaction.atomic
def report_counts(actor: Actor, pack: str, year: str) -> UUID:
    """Count what county hospitals reported and record that it was sent to those above; answers the delivery.

    Raises:
        Refused: if the actor may not, no text asks for it, or nobody reported.
    """
    region = _region(actor, pack)
    asked = circulation_of(pack).counts
    if asked is None:
        raise Refused(rules.NOT_ASKED_FOR)
    return _upward(actor, region, counts_paper(actor, pack, region, year, asked))


@transaction.atomic
def note_receipt(actor: Actor, delivery_id: UUID, receipt: str) -> None:
    """Write down the number of the receipt that somebody outside the platform gave.

    Raises:
        Refused: if there is none for the actor, the receiver signs on the platform, or no number is given.
    """
    sent = delivery(actor, delivery_id)
    if not sends(actor, sent):
        raise Refused(rules.NO_SUCH_DELIVERY)
    if sent.on_platform:
        raise Refused(rules.ON_PLATFORM)
    said = receipt.strip()
    if not 0 < len(said) <= rules.LONGEST_RECEIPT:
        raise Refused(rules.RECEIPT_NEEDED)
    with scoped(actor, area=area_of(actor)):
        rows(_RECEIPT, delivery=delivery_id, receipt=said, name=actor.name)
        ledger.append(
            actor,
            events.Received(sent.purpose),
            subject_type=SUBJECT,
            subject_id=delivery_id,
            division_code=sent.from_area,
        )


def _upward(actor: Actor, region: str, paper: dict[str, object]) -> UUID:
    with scoped(actor, area=area_of(actor)):
        row = Delivery(
            matter_id=None,
            purpose=str(paper["kind"]),
            title=str(paper["title"]),
            from_area=region,
            outside=str(paper["to"]),
        )
        return hand_over(actor, row, paper)


def _region(actor: Actor, pack: str) -> str:
    known = mandates.packs().packs.get(pack)
    if known is None:
        raise Refused(mandates.region_without_pack(pack))
    refuse(may(actor, Right.EVALUATION_RUN, division=known.region))
    return known.region


def _feed(pack: str, key: str) -> Feed:
    found = next((each for each in circulation_of(pack).feeds if each.key == key), None)
    if found is None:
        raise Refused(rules.NOT_ASKED_FOR)
    return found


def _counties(region: str) -> list[str]:
    areas = network.network_facts(region, on=clock.today()).areas
    return sorted(code for code in areas if code.startswith(region) and len(code) > len(region))
