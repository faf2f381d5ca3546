"""How the run stands that somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tiercare.apps.ledger.prepared import rows

TASK = "evaluation.run_pack"
_LAST = """
SELECT j.status::text AS status, max(e.at) AS at FROM procrastinate_jobs j
JOIN procrastinate_events e ON e.job_id = j.id
WHERE j.task_name = %(task)s AND j.args ->> 'pack' = %(pack)s
GROUP BY j.id ORDER BY j.id DESC LIMIT 1
"""


class Stage(StrEnum):
    """Where a run that was asked for stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


_STAGES = {"todo": Stage.WAITING, "doing": Stage.RUNNING, "succeeded": Stage.DONE}


@dataclass(frozen=True, slots=True)
class LastAsked:
    """The run of a pack asked for last; ``at``: when it got to where it stands."""

    stage: Stage
    at: datetime


def last_asked(pack: str) -> LastAsked | None:
    """How the run of a pack stands that was asked for last; ``None`` if nobody has for a while."""
    found = rows(_LAST, task=TASK, pack=pack)
    if not found:
        return None
    return LastAsked(_STAGES.get(found[0]["status"], Stage.FAILED), found[0]["at"])
