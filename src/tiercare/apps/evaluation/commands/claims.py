"""Listing paid visits that rules flag, on record each time, and putting one before the commission (YN-96)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.engines.measures.claim_rules import ClaimRule
from tiercare.engines.measures.claims import Flagged, Row, flagged
from tiercare.engines.measures.periods import NoPeriod, Span
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.store.manifest import regions_in
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..queries import ours
from ..queries.book import oversight_of
from ..queries.departments import NOT_YOURS, workspaces
from ..queries.matters import area_of
from ..queries.oversight import names
from ..rules.kinds import KindId
from ..rules.standing import Party
from .matters import Issue, issue

MOST = 200
_SUBJECT = "evaluation.claims"
_TEMPLATE = "signal_check"


def claims_store(actor: Actor) -> Store:
    """The facts of the regions that the actor's area lies in, or that lie in it."""
    root, area = Path(settings.FACTS_ROOT), actor.division_code or ""
    mine = [code for code in regions_in(root) if code.startswith(area) or area.startswith(code)]
    return Store(root, regions=mine or ["none"])


def look(actor: Actor, *, pack: str, span: str) -> tuple[list[Flagged], Span | None, bool]:
    """What each rule of the pack flags in a period (the newest year if empty), in counts; the period, and whether it is made up.

    Raises:
        Refused: if insured services are not the actor's to supervise, or the period is none.
    """
    refuse(may_supervise(actor, pack))
    with claims_store(actor) as store:
        months = store.months("visits")
        if not months:
            return [], None, False
        period = _span(span or str(months[-1] // 100))
        found = [
            flagged(store, rule, period, area=actor.division_code or "", most=0)
            for rule in oversight_of(pack).claims.values()
        ]
        return found, period, store.synthetic


def list_claims(actor: Actor, *, pack: str, rule: str, span: str, institution: str = "") -> Flagged:
    """The newest visits that one rule flags, at most 200, without who they are about; that it was done is on record.

    Raises:
        Refused: as ``look``; or there is no such rule.
    """
    refuse(may_supervise(actor, pack))
    asked, period = rule_of(pack, rule), _span(span)
    with claims_store(actor) as store:
        found = flagged(
            store, asked, period, area=actor.division_code or "", institution=institution, most=MOST
        )
    with transaction.atomic():
        ledger.append(
            actor,
            events.CasesListed(
                f"claims:{asked.id}", str(period), institution or actor.division_code or "", found.total
            ),
            subject_type=_SUBJECT,
            subject_id=stable_id("claims", asked.id, str(period)),
            division_code=actor.division_code,
            clauses=asked.clauses,
        )
    return found


@transaction.atomic
def raise_claim(actor: Actor, *, pack: str, rule: str, span: str, mark: str, institution: str = "") -> UUID:
    """Put a flagged visit before the commission of the area as an alert: it looks into it and has put right what must be. The same
    visit of the same rule is raised once.

    Raises:
        Refused: as ``list_claims``; the visit is not among those listed, or was raised before.
    """
    refuse(may_supervise(actor, pack))
    asked, period, area = rule_of(pack, rule), _span(span), actor.division_code or ""
    with claims_store(actor) as store:
        found = flagged(store, asked, period, area=area, institution=institution, most=MOST)
        synthetic = store.synthetic
    row = next((each for each in found.rows if each.mark == mark), None)
    if row is None:
        raise Refused(NOT_LISTED)
    today = clock.today()
    with scoped(actor, area=area_of(actor)):
        made = issue(
            Actor.system("web"),
            Issue(
                KindId.ALERT,
                f"{asked.name.zh}：{names([], on=today).subject('institution', row.institution)}"[:120],
                Party(area),
                today + days(pack),
                words=f"{asked.says.zh}由{actor.name}提请核实。"[:4000],
                clauses=asked.clauses,
                pack=pack,
                period=str(period),
                subject_type="institution",
                subject_key=row.institution,
                subject_name=names([], on=today).subject("institution", row.institution),
                origin=f"claim:{area}:{asked.id}:{row.mark}",
                payload={
                    "rule": asked.id,
                    "account": False,
                    "template": _TEMPLATE if _TEMPLATE in oversight_of(pack).inspections else "",
                    "synthetic": synthetic,
                    "content": _told(asked, row),
                },
            ),
            issuer=Party(area),
        )
        if made is None:
            raise Refused(RAISED_BEFORE)
        ledger.append(
            actor,
            events.ClaimRaised(asked.id, str(period), row.mark, made),
            subject_type=_SUBJECT,
            subject_id=made,
            division_code=area,
            clauses=asked.clauses,
        )
    return made


def may_supervise(actor: Actor, pack: str) -> Refusal | None:
    """Why insured services are not the actor's to supervise, if so: the right, and a department that looks after them."""
    refusal = may(actor, Right.CLAIMS_SUPERVISE, division=actor.division_code)
    if refusal is not None:
        return refusal
    mine: Sequence[object] = [each for each in workspaces(actor, pack, on=clock.today()) if each.claims]
    return None if mine else NOT_YOURS


def rule_of(pack: str, rule: str) -> ClaimRule:
    """A rule of the pack.

    Raises:
        Refused: if there is none.
    """
    found = oversight_of(pack).claims.get(rule)
    if found is None:
        raise Refused(NO_SUCH_RULE)
    return found


def days(pack: str) -> timedelta:
    """How long there is to look into one: as long as to look over what was submitted."""
    return ours.days("supervision_review_days", pack, on=clock.today())


def _told(rule: ClaimRule, row: Row) -> dict[str, object]:
    yuan = f"{row.cost / 100:,.2f}"
    return {
        "zh": f"{row.day}，总费用{yuan}元，基金{row.fund / 100:,.2f}元；就诊标记{row.mark}。{rule.says.zh}",
        "en": f"{row.day}, cost {yuan} yuan, of the fund {row.fund / 100:,.2f}; visit {row.mark}. {rule.says.en}",
        "keys": [each for each in (row.mark, row.other) if each],
    }


def _span(text: str) -> Span:
    try:
        return span_named(text)
    except NoPeriod:
        raise Refused(NO_SUCH_PERIOD) from None


NO_SUCH_RULE = Refusal(
    code="evaluation.no_such_claim_rule",
    message=Text("没有这条检查规则。", "There is no such rule."),
    instead=Text("请从列表中打开。", "Open one from the list."),
    at="rule",
    status=404,
)
NO_SUCH_PERIOD = Refusal(
    code="evaluation.no_claim_period",
    message=Text("没有这个时期。", "There is no such period."),
    instead=Text("请写成 2025、2025Q3 或 2025-07。", "Write 2025, 2025Q3 or 2025-07."),
    at="span",
    status=422,
)
NOT_LISTED = Refusal(
    code="evaluation.claim_not_listed",
    message=Text("名单里已经没有这次就诊。", "This visit is no longer on the list."),
    instead=Text("数据可能已更正，请重新列出。", "The data may have been corrected; list them again."),
    at="mark",
    status=404,
)
RAISED_BEFORE = Refusal(
    code="evaluation.claim_raised_before",
    message=Text("这次就诊已经提请核实。", "This visit was raised already."),
    instead=Text("请在督导事项里查看进展。", "See how it stands among the matters."),
    at="mark",
    status=409,
)
