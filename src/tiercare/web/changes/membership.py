"""Forms about consortia: who belongs to them, who leads them, what joins them, new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.apps.network.queries.candidates import present_joinings
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.network.rules import Kind, Role
from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.rules.registers import MEMBERSHIPS
from tiercare.apps.network.rules.reorganising.present import Rows, ended, misfit, numbered
from tiercare.apps.terms import queries as terms
from tiercare.kernel.text import Text
from tiercare.web import labels
from tiercare.web.frame import Frame
from tiercare.web.pages import said

from .acts import ActForm, row
from .fields import Day, Kept, Line, Pick, PickConsortium, PickSeveral, Tick, Words

_CONSENT = _("自愿加入的意见或申请日期；没有先空着，规则会提示。")
_PARENTS = tuple(kind.value for kind in Kind if kind is not Kind.COUNTY_COMMUNITY)


class Join(ActForm):
    """An institution joins a consortium."""

    act, name = "join", _("机构加入医联体")
    about = _("成员、协作、协助或受托管单位加入。")
    layout = (("institution", "consortium"), ("role", "start", "consented_on"))
    institution = Pick(label=_("机构"))
    consortium = PickConsortium(label=_("加入哪个医联体"))
    role = Words(label=_("身份"), choices=lambda: [c for c in labels.choices("role") if c[0] != "LEAD"])
    start = Day(label=_("自哪天起"))
    consented_on = Day(label=_("本机构同意日期"), required=False, help_text=_CONSENT)

    def change(self) -> Change:
        """One membership."""
        joins = row(
            "memberships",
            consortium=self.code("consortium"),
            institution=self.code("institution"),
            role=self.given("role"),
            consented_on=self.given("consented_on"),
            **{"from": self.given("start")},
        )
        return Change((joins,))

    def called(self) -> str:
        """Who joins what."""
        names = {"one": self.given("institution").name, "other": self.given("consortium").name}
        return gettext("%(one)s加入%(other)s") % names


class Leave(ActForm):
    """An institution leaves a consortium."""

    act, name = "leave", _("机构退出医联体")
    about = _("成员关系自某日终止，以前的登记保留。")
    layout = (("institution", "consortium"), ("start",))
    institution = Pick(label=_("机构"))
    consortium = PickConsortium(label=_("退出哪个医联体"))
    start = Day(label=_("自哪天起"))

    def change(self) -> Change:
        """The end of what holds that day."""
        here = self.present(consortia=(self.code("consortium"),))
        rows = Rows(here)
        found = here.of(
            MEMBERSHIPS.key, consortium=self.code("consortium"), institution=self.code("institution")
        )
        if not found:
            raise misfit(
                "not_a_member",
                Text(
                    "{name}那天不是“{consortium}”的成员。", "{name} is no member of “{consortium}” that day."
                ),
                Text("请核对机构、医联体和日期。", "Check institution, consortium and day."),
                at="institution",
                name=self.given("institution").name,
                consortium=self.given("consortium").name,
            )
        rows.end_all(found)
        return Change(rows.told())

    def called(self) -> str:
        """Who leaves what."""
        names = {"one": self.given("institution").name, "other": self.given("consortium").name}
        return gettext("%(one)s退出%(other)s") % names


class Lead(ActForm):
    """Another institution leads a consortium."""

    act, name = "lead", _("更换牵头医院")
    about = _("现任牵头医院同日转为成员或退出。")
    layout = (("consortium", "institution"), ("start", "old"))
    consortium = PickConsortium(label=_("医联体"))
    institution = Pick(label=_("新的牵头医院"))
    start = Day(label=_("自哪天起"))
    old = Words(label=_("原牵头医院"), choices=[("MEMBER", _("转为成员单位")), ("OUT", _("退出"))])

    def change(self) -> Change:
        """The old lead's part changes, the new one's begins, on the same day."""
        consortium, institution = self.code("consortium"), self.code("institution")
        here = self.present(consortia=(consortium,))
        rows = Rows(here)
        for found in here.of(MEMBERSHIPS.key, consortium=consortium, role=Role.LEAD):
            if found.text("institution") == institution:
                raise misfit(
                    "leads_already",
                    Text("{name}那天已是牵头医院。", "{name} leads it already."),
                    Text("请选择另一家。", "Choose another one."),
                    at="institution",
                    name=self.given("institution").name,
                )
            if self.given("old") == "OUT":
                rows.end(found)
            else:
                rows.begin(found, role=Role.MEMBER.value)
        standing = here.current(MEMBERSHIPS.key, consortium=consortium, institution=institution)
        if standing is not None:
            rows.begin(standing, role=Role.LEAD.value)
        else:
            rows.add(
                row(
                    "memberships",
                    consortium=consortium,
                    institution=institution,
                    role="LEAD",
                    **{"from": self.given("start")},
                )
            )
        return Change(rows.told())

    def called(self) -> str:
        """Who is to lead what."""
        names = {"one": self.given("institution").name, "other": self.given("consortium").name}
        return gettext("%(other)s改由%(one)s牵头") % names


class Whole(ActForm):
    """A county community joins a consortium as a whole."""

    act, name = "whole", _("医共体整体加入")
    about = _("县域医共体与城市三级医院等整体合作；可同时登记合作协议。")
    layout = (("child", "parent"), ("start", "replace"), ("signed_on", "until"))
    child = PickConsortium(label=_("哪个医共体"), kinds=[Kind.COUNTY_COMMUNITY.value])
    parent = PickConsortium(label=_("加入哪个医联体"), kinds=_PARENTS)
    start = Day(label=_("自哪天起"))
    replace = Tick(label=_("同日退出已加入的同类医联体"))
    signed_on = Day(
        label=_("合作协议签订日期"), required=False, help_text=_("双方牵头医院已签协议的，在此一并登记。")
    )
    until = Day(label=_("协议到期日"), required=False)
    code_ = Kept(label="", required=False)

    def change(self) -> Change:
        """The joining, what it replaces, and the agreement of both leads."""
        child, parent, start = self.code("child"), self.code("parent"), self.given("start")
        found = [row("joinings", parent=parent, child=child, **{"from": start})]
        if self.given("replace"):
            standing = present_joinings(child, like=parent, on=start)
            found = [*(ended(one, start) for one in standing), *found]
        if self.given("signed_on"):
            here = self.present(consortia=(parent, child))
            found.append(
                row(
                    "agreements",
                    code=self.given("code_"),
                    title=gettext("%(one)s与%(other)s合作协议")
                    % {"one": self.given("parent").name, "other": self.given("child").name},
                    consortium=parent,
                    parties=(here.lead(parent), here.lead(child)),
                    signed_on=self.given("signed_on"),
                    to=self.given("until"),
                    **{"from": start},
                )
            )
        return Change(numbered(found))

    def called(self) -> str:
        """What joins what."""
        names = {"one": self.given("child").name, "other": self.given("parent").name}
        return gettext("%(one)s整体加入%(other)s") % names


class Unwhole(ActForm):
    """A county community leaves a consortium as a whole."""

    act, name = "unwhole", _("医共体整体退出")
    about = _("整体加入的关系自某日终止。")
    layout = (("child", "parent"), ("start",))
    child = PickConsortium(label=_("哪个医共体"), kinds=[Kind.COUNTY_COMMUNITY.value])
    parent = PickConsortium(label=_("退出哪个医联体"), kinds=_PARENTS)
    start = Day(label=_("自哪天起"))

    def change(self) -> Change:
        """The end of the joining."""
        here = self.present(consortia=(self.code("parent"), self.code("child")))
        found = here.of("joinings", parent=self.code("parent"), child=self.code("child"))
        if not found:
            raise misfit(
                "not_joined",
                Text(
                    "“{child}”那天没有加入“{parent}”。", "“{child}” does not belong to “{parent}” that day."
                ),
                Text("请核对名称和日期。", "Check the names and the day."),
                at="parent",
                child=self.given("child").name,
                parent=self.given("parent").name,
            )
        return Change(numbered(ended(one, here.on) for one in found))

    def called(self) -> str:
        """What leaves what."""
        names = {"one": self.given("child").name, "other": self.given("parent").name}
        return gettext("%(one)s整体退出%(other)s") % names


class FormConsortium(ActForm):
    """A new consortium with its lead and first members."""

    act, name = "form", _("组建医联体或专科联盟")
    about = _("新的医联体、专科联盟或协作网，连同牵头医院和成员。")
    layout = (
        ("consortium_name", "kind", "specialty"),
        ("division", "start", "consented_on"),
        ("lead",),
        ("members",),
    )
    consortium_name = Line(label=_("名称"), help_text=_("如 芜湖市皮肤专科联盟"))
    kind = Words(label=_("类型"), choices=lambda: [("", _("请选择")), *labels.choices("kind")])
    specialty = Words(label=_("专科（仅专科联盟）"), required=False)
    division = Words(label=_("服务地区"))
    start = Day(label=_("自哪天起"))
    consented_on = Day(label=_("各成员同意日期"), required=False, help_text=_CONSENT)
    lead = Pick(label=_("牵头医院"))
    members = PickSeveral(Pick(), label=_("成员单位"), required=False)
    code_ = Kept(label="", required=False)

    def __init__(
        self, frame: Frame, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(frame, data, initial)
        region = frame.pack.region
        names = {code: name for code, name in area_names(on=frame.on).items() if code.startswith(region)}
        self._offer("division", sorted((names | {region: said(frame.pack.name)}).items()))
        names = terms.specialty_names(on=frame.on)
        second = [(code, f"{code} {name}") for code, name in sorted(names.items()) if code.count(".") < 2]
        self._offer("specialty", [("", "—"), *second])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def change(self) -> Change:
        """The consortium and its members."""
        code, start = self.given("code_"), self.given("start")
        alliance = self.given("kind") == Kind.SPECIALTY_ALLIANCE
        lead = self.code("lead")
        found = [
            row(
                "consortia",
                code=code,
                name=self.given("consortium_name"),
                kind=self.given("kind"),
                division=self.given("division"),
                specialty=self.given("specialty") if alliance else "",
                **{"from": start},
            )
        ]
        members = [one.code for one in self.given("members") if one.code != lead]
        for institution in (lead, *members):
            found.append(
                row(
                    "memberships",
                    consortium=code,
                    institution=institution,
                    role="LEAD" if institution == lead else "MEMBER",
                    consented_on=self.given("consented_on"),
                    **{"from": start},
                )
            )
        return Change(numbered(found))

    def called(self) -> str:
        """What is formed."""
        return gettext("组建%(name)s") % {"name": self.given("consortium_name")}
