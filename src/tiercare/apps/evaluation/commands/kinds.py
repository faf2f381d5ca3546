"""The kinds of supervision: what each adds to the one table of matters."""

from __future__ import annotations

from dataclasses import replace

from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..queries import ours
from ..queries.matters import entries_of
from ..rules import oversight
from ..rules import oversight_refusals as refusals
from ..rules.kinds import Kind, KindId, register
from ..rules.standing import Said, Standing
from ..workflow import Act

_CHILDREN = "SELECT origin, state FROM evaluation_matter WHERE parent_id = %(matter)s"
# Whoever waits for the mending of what they found is not late meanwhile.
_WAIT = """
UPDATE evaluation_matter m SET due_on = greatest(m.due_on, c.last + %(days)s::integer)
FROM (SELECT max(due_on) AS last FROM evaluation_matter WHERE parent_id = %(matter)s AND turn <> '') c
WHERE m.id = %(matter)s AND c.last IS NOT NULL AND (m.state = 'SUBMITTED' OR m.kind = 'ALERT' AND m.turn <> '')
"""


def rectification_origin(entry: object) -> str:
    """The key of the rectification that a finding called for: there is one for each."""
    return f"finding:{entry}"


def wait_for_children(standing: Standing) -> None:
    """A matter is due no earlier than what came from it, and the time to verify that. The caller stands in ``scoped``."""
    days = ours.days("supervision_verify_days", standing.pack, on=standing.today).days
    rows(_WAIT + " RETURNING m.id", matter=standing.id, days=days)


def _all_judged(actor: Actor, standing: Standing, said: Said) -> None:
    left = oversight.not_judged(standing.payload, oversight.judged(entries_of(standing.id)))
    if left:
        names = {language: "、".join(each[language] for each in left[:5]) for language in ("zh", "en")}
        raise Refused(replace(refusals.NOT_ALL_JUDGED, fields={"count": len(left), **names}))
    wait_for_children(standing)


def _all_taken_up(actor: Actor, standing: Standing, said: Said) -> None:
    findings = [each for each in oversight.judged(entries_of(standing.id)) if each.finding]
    children = {row["origin"] for row in rows(_CHILDREN, matter=standing.id)}
    left = [each for each in findings if rectification_origin(each.entry) not in children]
    if left:
        raise Refused(replace(refusals.FINDING_WITHOUT_CHILD, fields={"count": len(left)}))


def _confirmed_leads_on(actor: Actor, standing: Standing, said: Said) -> None:
    confirmed = said.figures.get("outcome") == oversight.Outcome.CONFIRMED
    if confirmed and all(row["state"] == "WITHDRAWN" for row in rows(_CHILDREN, matter=standing.id)):
        raise Refused(refusals.CONFIRMED_NEEDS_CHILD)
    wait_for_children(standing)


def _parent_waits(actor: Actor, standing: Standing, said: Said) -> None:
    if standing.parent_id is None:
        return
    days = ours.days("supervision_verify_days", standing.pack, on=standing.today).days
    rows(_WAIT + " RETURNING m.id", matter=standing.parent_id, days=days)


KINDS = (
    Kind(
        KindId.INSPECTION,
        guards={Act.NOTE: oversight.judgement_guard},
        effects={Act.SUBMIT: _all_judged, Act.CLOSE: _all_taken_up},
    ),
    Kind(
        KindId.RECTIFICATION,
        guards={Act.SUBMIT: oversight.proof_guard},
        effects={Act.EXTEND: _parent_waits, Act.RETURN: _parent_waits},
    ),
    Kind(KindId.GOAL, guards={Act.NOTE: oversight.progress_guard, Act.SUBMIT: oversight.result_guard}),
    Kind(KindId.REPORT, guards={Act.SUBMIT: oversight.sheet_guard}),
    Kind(
        KindId.ALERT, guards={Act.SUBMIT: oversight.answer_guard}, effects={Act.SUBMIT: _confirmed_leads_on}
    ),
)


def register_kinds() -> None:
    """Make them known; once."""
    for each in KINDS:
        register(each)
