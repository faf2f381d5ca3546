"""Naming who works in which department, and ending it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.queries.colleagues import officer_named
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Post
from ..queries.departments import NO_SUCH_DEPARTMENT, departments_in, post_of
from ..queries.matters import area_of

SUBJECT = "evaluation.post"
_A_DAY = timedelta(days=1)


def name_post(actor: Actor, *, pack: str, department: str, username: str, since: date) -> UUID:
    """Name somebody of the area's staff to a department from a day on; from then they see this workspace only.

    Raises:
        Refused: if the actor may not, the pack knows no such department, nobody of this name has a role for the area, or they were
            named to it already.
    """
    area = actor.division_code or ""
    refuse(may(actor, Right.EVALUATION_RUN, division=area))
    if department not in {each.id for each in departments_in(pack, on=clock.today())}:
        raise Refused(NO_SUCH_DEPARTMENT)
    officer = officer_named(username, area)
    if officer is None:
        raise Refused(NO_SUCH_OFFICER)
    try:
        with transaction.atomic(), scoped(actor, area=area_of(actor)):
            post = Post.objects.create(
                division_code=area,
                department=department,
                account_id=officer.account_id,
                account_name=officer.name,
                period=DateRange(since, None),
                made_by_name=actor.name,
            )
            _told(actor, post, ended=False)
    except IntegrityError:
        raise Refused(NAMED_ALREADY) from None
    return post.id


@transaction.atomic
def end_post(actor: Actor, *, post_id: UUID) -> None:
    """End it from today; one that begins later, or today, never counts.

    Raises:
        Refused: if the actor may not, or there is none in force.
    """
    refuse(may(actor, Right.EVALUATION_RUN, division=actor.division_code))
    today = clock.today()
    with scoped(actor, area=area_of(actor)):
        post = post_of(post_id)
        over = post is None or post.period.isempty or (post.period.upper or today + _A_DAY) <= today
        if post is None or over:
            raise Refused(NO_SUCH_POST)
        post.period = DateRange(post.period.lower, max(today, post.period.lower))
        post.save(update_fields=["period"])
        _told(actor, post, ended=True)


def _told(actor: Actor, post: Post, *, ended: bool) -> None:
    ledger.append(
        actor,
        events.PostChanged(
            post.department, post.account_id, clock.today() if ended else post.period.lower, ended
        ),
        subject_type=SUBJECT,
        subject_id=post.id,
        division_code=post.division_code,
        clauses=("YN-96",),
    )


NO_SUCH_OFFICER = Refusal(
    code="evaluation.no_such_officer",
    message=Text(
        "没有这个账户，或它没有本辖区的角色。", "There is no such account, or it has no role for your area."
    ),
    instead=Text(
        "请核对用户名；还没有账户的，请平台管理员先开立本辖区的账户。",
        "Check the user name; the platform operator opens accounts for your area.",
    ),
    at="username",
    status=422,
)
NAMED_ALREADY = Refusal(
    code="evaluation.named_already",
    message=Text("已经任命到这个部门。", "They were named to this department already."),
    instead=Text("要改日期，请先结束原来的任命。", "To change the day, end the present one first."),
    at="username",
    status=409,
)
NO_SUCH_POST = Refusal(
    code="evaluation.no_such_post",
    message=Text("没有这条在任的任命。", "There is no such post in force."),
    instead=Text("请刷新页面，可能已经结束。", "Reload the page: it may have ended."),
    at="post",
    status=404,
)
