"""Asking for a run from a page: it is queued, computed in the background, and the board follows."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..queries.asked import TASK

SUBJECT = "evaluation.book"


@transaction.atomic
def ask_run(actor: Actor, pack: str) -> int:
    """Queue the computing of a pack's indicators; answers the job's number. One of a pack waits at a time.

    Raises:
        Refused: if there is no such pack, the actor may not compute its indicators, there are no facts of its region yet, or
            one is waiting already.
    """
    known = mandates.packs().packs.get(pack)
    if known is None:
        raise Refused(mandates.region_without_pack(pack))
    refuse(may(actor, Right.EVALUATION_RUN, division=known.region))
    manifests = Path(settings.FACTS_ROOT) / "manifest"
    if not any(path.stem.startswith(known.region) for path in manifests.glob("*.json")):
        raise Refused(NO_FACTS_YET)
    try:
        with transaction.atomic():
            job = app.configure_task(TASK, queueing_lock=f"{TASK} {pack}").defer(pack=pack)
    except exceptions.AlreadyEnqueued:
        raise Refused(WAITING) from None
    ledger.append(
        actor,
        events.RunAsked(pack),
        subject_type=SUBJECT,
        subject_id=stable_id(SUBJECT, pack),
        division_code=known.region,
    )
    return job


NO_FACTS_YET = Refusal(
    code="evaluation.no_facts_yet",
    message=Text("这个地区还没有可计算的数据。", "There are no facts of this region to compute from yet."),
    instead=Text(
        "请先在“数据导入”中导入，或等平台每日汇总。",
        "Import an extract first, or wait for the platform's own.",
    ),
    at="pack",
)
WAITING = Refusal(
    code="evaluation.run_waiting",
    message=Text("已有一次计算在排队，不必再点。", "A computation of this region is waiting already."),
    instead=Text(
        "算完后看板自动显示新结果，请稍后刷新。",
        "The board shows the new result when it is done; look again soon.",
    ),
    at="pack",
)
