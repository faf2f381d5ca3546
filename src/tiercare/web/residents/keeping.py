"""The small forms on a resident's page: household, guardian, key groups, responsible doctor, cover. One command a POST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules import Relation
from tiercare.apps.residents.rules.cover import Given
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import once, page

from .record import address, detail
from .typed import refusals_told

Command = Callable[[], object]

_LONGEST = 300
_TYPED = (
    *("member_number", "relation", "guardian_name", "guardian_number", "guardian_phone", "guardian_relation"),
    *("group", "evidence", "clinician", "scheme", "area", "since", "until", "ended_on"),
    *("service", "institution"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RESIDENTS_REGISTER)
def act(request: HttpRequest, resident_id: UUID, act: str) -> HttpResponse:
    """One of ``_ACTS``; refused, the page again with what was typed."""
    if request.method != "POST":
        return HttpResponseRedirect(address(request, resident_id))
    if act not in _ACTS:
        raise Refused(_NO_SUCH_ACT)
    prepare, done, section = _ACTS[act]
    try:
        command = prepare(request, resident_id)

        def work() -> str:
            command()
            return f"{address(request, resident_id)}#{section}"

        return once(request, gettext(done), work)
    except Refused as refused:
        typed = {name: request.POST.get(name, "")[:_LONGEST] for name in _TYPED}
        more = refusals_told(refused.refusals) | {"typed": typed, "open": act}
        return detail(request, resident_id, status=refused.refusals[0].status, more=more)


# Each reads its form and answers the one command call. A number is looked up on the way, outside the command's
# transaction: that somebody asked stays recorded when the command refuses.
def _add_member(request: HttpRequest, resident_id: UUID) -> Command:
    number = given.text(request.POST, "member_number", longest=_LONGEST)
    relation = _relation(request, "relation")
    member = queries.one_by_number(request.actor, number, at="member_number")
    return partial(
        commands.add_member, request.actor, resident_id=resident_id, member_id=member.id, relation=relation
    )


def _make_head(request: HttpRequest, resident_id: UUID) -> Command:
    return partial(
        commands.change_relation,
        request.actor,
        resident_id=resident_id,
        member_id=given.key(request.POST, "member"),
        relation=Relation.HEAD,
        former_head=_relation(request, "former_head"),
    )


def _relate(request: HttpRequest, resident_id: UUID) -> Command:
    return partial(
        commands.change_relation,
        request.actor,
        resident_id=resident_id,
        member_id=given.key(request.POST, "member"),
        relation=_relation(request, "relation"),
        former_head=Relation.OTHER,
    )


def _leave(request: HttpRequest, resident_id: UUID) -> Command:
    member = given.key(request.POST, "member")
    return partial(commands.leave_household, request.actor, resident_id=resident_id, member_id=member)


def _set_guardian(request: HttpRequest, resident_id: UUID) -> Command:
    number = given.text(request.POST, "guardian_number", longest=_LONGEST)
    known = queries.one_by_number(request.actor, number, at="guardian_number") if number else None
    return partial(
        commands.set_guardian,
        request.actor,
        resident_id=resident_id,
        guardian_id=known.id if known else None,
        name=given.text(request.POST, "guardian_name", longest=_LONGEST),
        phone=given.text(request.POST, "guardian_phone", longest=_LONGEST),
        relation=given.text(request.POST, "guardian_relation", longest=_LONGEST),
    )


def _end_guardian(request: HttpRequest, resident_id: UUID) -> Command:
    key = given.key(request.POST, "guardianship")
    return partial(commands.end_guardian, request.actor, resident_id=resident_id, guardianship_id=key)


def _enter_group(request: HttpRequest, resident_id: UUID) -> Command:
    return partial(
        commands.enter_group,
        request.actor,
        resident_id=resident_id,
        group=given.text(request.POST, "group", longest=40),
        evidence=given.text(request.POST, "evidence"),
    )


def _end_group(request: HttpRequest, resident_id: UUID) -> Command:
    entry = given.key(request.POST, "entry")
    return partial(commands.end_group, request.actor, resident_id=resident_id, entry_id=entry)


def _assign_doctor(request: HttpRequest, resident_id: UUID) -> Command:
    clinician = given.key(request.POST, "clinician")
    return partial(commands.assign_doctor, request.actor, resident_id=resident_id, clinician_id=clinician)


def _end_doctor(request: HttpRequest, resident_id: UUID) -> Command:
    return partial(commands.end_doctor, request.actor, resident_id=resident_id)


def _choose_provider(request: HttpRequest, resident_id: UUID) -> Command:
    return partial(
        commands.choose_provider,
        request.actor,
        resident_id=resident_id,
        service=given.text(request.POST, "service", longest=40),
        institution_id=given.key(request.POST, "institution"),
    )


def _record_cover(request: HttpRequest, resident_id: UUID) -> Command:
    cover = Given(
        scheme=given.text(request.POST, "scheme", longest=20),
        area=given.text(request.POST, "area", longest=12),
        since=given.day(request.POST, "since"),
        until=given.day(request.POST, "until") if request.POST.get("until") else None,
    )
    return partial(commands.record_cover, request.actor, resident_id=resident_id, given=cover)


def _end_cover(request: HttpRequest, resident_id: UUID) -> Command:
    return partial(
        commands.end_cover,
        request.actor,
        resident_id=resident_id,
        cover_id=given.key(request.POST, "cover"),
        ended_on=given.day(request.POST, "ended_on") if request.POST.get("ended_on") else None,
    )


# What is done, what is said afterwards, and the section of the page that shows it.
_ACTS: Mapping[str, tuple[Callable[[HttpRequest, UUID], Command], str, str]] = {
    "add-member": (_add_member, gettext_noop("已加入家庭。"), "household"),
    "make-head": (_make_head, gettext_noop("已更换户主。"), "household"),
    "relate": (_relate, gettext_noop("已更改与户主的关系。"), "household"),
    "leave": (_leave, gettext_noop("已移出家庭。"), "household"),
    "set-guardian": (_set_guardian, gettext_noop("已登记监护人。"), "guardian"),
    "end-guardian": (_end_guardian, gettext_noop("监护关系已结束。"), "guardian"),
    "enter-group": (_enter_group, gettext_noop("已归入重点人群。"), "groups"),
    "end-group": (_end_group, gettext_noop("已移出重点人群。"), "groups"),
    "assign-doctor": (_assign_doctor, gettext_noop("已指定责任医生。"), "doctor"),
    "end-doctor": (_end_doctor, gettext_noop("责任医生已结束。"), "doctor"),
    "choose-provider": (_choose_provider, gettext_noop("已登记居民的选择。"), "providers"),
    "record-cover": (_record_cover, gettext_noop("已登记参保。"), "cover"),
    "end-cover": (_end_cover, gettext_noop("参保已结束。"), "cover"),
}


def _relation(request: HttpRequest, name: str) -> Relation:
    known = {each.value: each for each in Relation}
    value = request.POST.get(name, "")
    if value not in known:
        raise Refused(
            Refusal(
                code="residents.relation",
                message=Text("没有选择与户主的关系。", "The relation to the head was not chosen."),
                instead=Text("请从列表中选择。", "Choose one from the list."),
                at=name,
                status=422,
            )
        )
    return known[value]


_NO_SUCH_ACT = Refusal(
    code="residents.no_such_act",
    message=Text("没有这个操作。", "There is nothing to do by that name."),
    instead=Text("请从居民页面上办理。", "Use the resident's page."),
    status=404,
)
