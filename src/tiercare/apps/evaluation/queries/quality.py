"""Quality work by consortium (YN-40): the rules that were filed, the checks that were done, and what they found and is not put
right yet. The numbers (NHC-14) stand on the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.members_by_key import members_by_key
from tiercare.kernel.actor import Actor

from ..rules.kinds import KindId
from ..workflow import OPEN
from .boards import of_kind
from .matters import Listed
from .oversight import roll


@dataclass(frozen=True, slots=True)
class QualityWork:
    """What stands of a consortium's quality work: rules filed, checks, deficiencies that are open."""

    key: str
    name: str
    rules: Sequence[Listed]
    checks: Sequence[Listed]
    open: Sequence[Listed]


def quality_work(actor: Actor) -> list[QualityWork]:
    """What stands of it in every consortium that the actor may see.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    today = clock.today()
    filed = of_kind(actor, KindId.REPORT, topic="quality_rules")
    checks = of_kind(actor, KindId.INSPECTION)
    mending = of_kind(actor, KindId.RECTIFICATION)
    members = {key: {each.key for each in of} for key, of in members_by_key(on=today).items()}

    def inside(lines: Sequence[Listed], key: str) -> list[Listed]:
        return [
            each
            for each in lines
            if each.standing.subject_key == key
            or (
                each.standing.subject_type == "institution"
                and each.standing.subject_key in members.get(key, ())
            )
        ]

    everybody = [each for each in roll(actor, on=today).subjects.values() if each.group == "consortium"]
    return [
        QualityWork(
            each.key,
            each.name,
            [line for line in inside(filed, each.key) if line.standing.subject_type == "consortium"],
            [
                line
                for line in inside(checks, each.key)
                if line.standing.payload.get("mode") == "quality_check"
            ],
            [line for line in inside(mending, each.key) if line.standing.state in OPEN],
        )
        for each in everybody
    ]
