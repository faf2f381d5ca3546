"""What decisions on the ground of a result, and pay runs, add to the one table of matters."""

from __future__ import annotations

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..queries.matters import handed_in_by
from ..rules.kinds import Kind, KindId, register
from ..rules.standing import Said, Standing
from ..rules.uses import decision_guard
from ..workflow import Act


def _second_person(actor: Actor, standing: Standing, said: Said) -> None:
    """Money is approved by somebody else than who handed it in."""
    if handed_in_by(standing.id) == actor.account_id:
        raise Refused(SECOND_PERSON)


SECOND_PERSON = Refusal(
    code="evaluation.second_person",
    message=Text("提交的人不能自己审定。", "Whoever handed it in does not approve it."),
    instead=Text("请同事核对后审定。", "Have a colleague check and approve it."),
    at="matter",
    status=403,
)
KINDS = (
    Kind(KindId.RESULT_USE, guards={Act.SUBMIT: decision_guard}),
    Kind(KindId.PAY_RUN, effects={Act.APPROVE: _second_person}),
)


def register_uses() -> None:
    """Make them known; once."""
    for each in KINDS:
        register(each)
