"""Try a change, hold the network against its cards, keep it or take it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from tiercare.apps.access.rules import Right, may
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import Verdict
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import queries
from .fences import fenced


@contextmanager
def tried(actor: Actor, right: Right, division: str, *, on: date) -> Iterator[None]:
    """Around one change in ``division`` that takes effect on ``on``; the region whose pack is in force there
    is held against its cards.

    Must run inside the command's transaction, which a refusal rolls back.

    Raises:
        Refused: if the actor may not, the database's shape forbids it, or a binding or 原则上 card that held
            before would be violated (with that card's message, remedy and clauses).
    """
    refusal = may(actor, right, division=division)
    if refusal:
        raise Refused(refusal)
    pack_id = mandates.pack_in_force(division, on=on)
    region = queries.region_of(pack_id)
    before = queries.network_facts(region, on=on)
    with fenced():
        yield
    after = queries.network_facts(region, on=on)
    broken = queries.check_changes(pack_id, before, after, on=on)
    if broken:
        raise Refused(*(refusal for verdict in broken for refusal in _refusals(verdict)))


def _refusals(verdict: Verdict) -> list[Refusal]:
    waivable = verdict.card.waivable
    said = [(_plain(verdict.sentence(f), verdict.sentence(f, "en")), f) for f in verdict.findings]
    return [
        Refusal(
            code=verdict.card.id,
            message=message,
            instead=_plain(
                verdict.remedy(f) + ("（原则性规定，可由卫生健康行政部门批准例外。）" if waivable else ""),
                verdict.remedy(f, "en")
                + (" (In principle only: the commission may waive it.)" if waivable else ""),
            ),
            clauses=verdict.card.clauses,
            status=422,
        )
        for message, f in said
    ]


def _plain(zh: str, en: str) -> Text:
    """Finished sentences: a brace in a name must not be taken for a field."""
    return Text(zh.replace("{", "{{").replace("}", "}}"), en.replace("{", "{{").replace("}", "}}"))
