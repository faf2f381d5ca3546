"""What plans and opinions on them add to the one table of matters. Known to every process, so nothing heavy is read before it is needed."""

from __future__ import annotations

from importlib import import_module

from tiercare.apps.evaluation.queries.matters import handed_in_by
from tiercare.apps.evaluation.rules.kinds import Kind, KindId, register
from tiercare.apps.evaluation.rules.standing import Said, Standing
from tiercare.apps.evaluation.workflow import Act
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

from .rules.plans import SAY_WHETHER, SECOND_PERSON


def _second_person(actor: Actor, standing: Standing, said: Said) -> None:
    if handed_in_by(standing.id) == actor.account_id:
        raise Refused(SECOND_PERSON)


def _whether(standing: Standing, said: Said) -> list[Refusal]:
    return [] if isinstance(said.figures.get("agrees"), bool) else [SAY_WHETHER]


def _adopt(actor: Actor, standing: Standing, said: Said) -> None:
    import_module(f"{__package__}.commands.discussing").adopt(actor, standing)


KINDS = (
    Kind(KindId.PLAN, effects={Act.APPROVE: _second_person, Act.LOCK: _adopt}),
    Kind(KindId.OPINION, guards={Act.SUBMIT: _whether}),
)
for each in KINDS:
    register(each)
