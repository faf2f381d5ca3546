"""What assessments, self-reports and proposals to adjust add to the one table of matters.

Known from the start of every process; what they do brings the engine along, and is loaded when it is done.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..rules.kinds import Kind, KindId, register
from ..workflow import Act

_GUARDS = "tiercare.apps.evaluation.rules.assessing"
_EFFECTS = "tiercare.apps.evaluation.commands.settling"


class _Later:
    """A function of a module that is loaded when it is first called."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self, *given: Any) -> Any:
        return getattr(import_module(self.module), self.name)(*given)


KINDS = (
    Kind(
        KindId.ASSESSMENT,
        effects={
            Act.APPROVE: _Later(_EFFECTS, "compute"),
            Act.REOPEN: _Later(_EFFECTS, "clear"),
            Act.LOCK: _Later(_EFFECTS, "lock"),
            Act.WITHDRAW: _Later(_EFFECTS, "withdraw_reports"),
        },
    ),
    Kind(
        KindId.SELF_REPORT,
        guards={Act.SUBMIT: _Later(_GUARDS, "numbers_guard"), Act.CLOSE: _Later(_GUARDS, "decided_guard")},
        effects={Act.CLOSE: _Later(_EFFECTS, "accept")},
    ),
    Kind(KindId.ADJUSTMENT),
)


def register_assessing() -> None:
    """Make them known; once."""
    for each in KINDS:
        register(each)
