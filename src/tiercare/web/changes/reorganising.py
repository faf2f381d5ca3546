"""Forms of reorganisations: merging, splitting, renaming, closing."""

from __future__ import annotations

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.apps.network.queries.drafts import codes_taken
from tiercare.apps.network.rules import reorganising
from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.rules.words import CATEGORY_NAMES, LEVEL_NAMES
from tiercare.web.pages import said

from .acts import ActForm
from .fields import Count, Day, Kept, Line, Pick, PickConsortium, PickSeveral, Tick, Words

_APART = re.compile(r"[、;；,，|\n]+")
_LIKE_ORIGIN = ("", _("与原机构相同"))


class MergeInstitutions(ActForm):
    """Institutions become one."""

    act, name = "reorganise-merge", _("机构合并")
    about = _("一家或几家并入另一家：成员、托管、科室、设备、人员一并转入。")
    layout = (("sources",), ("into", "start"))
    sources = PickSeveral(Pick(), label=_("并入的机构（合并后不再存在）"))
    into = Pick(label=_("合并后的机构"))
    start = Day(label=_("自哪天起"))

    def change(self) -> Change:
        """What the merger moves."""
        sources = [one.code for one in self.given("sources")]
        here = self.present(institutions=(*sources, self.code("into")))
        return reorganising.merge_institutions(here, sources, self.code("into"))

    def called(self) -> str:
        """What merges into what."""
        names = {
            "one": "、".join(one.name for one in self.given("sources")),
            "other": self.given("into").name,
        }
        return gettext("%(one)s并入%(other)s") % names


class SplitInstitution(ActForm):
    """A new institution out of an old one."""

    act, name = "reorganise-split", _("机构分设")
    about = _("从一家机构分出新机构，带走选定的科室和床位。")
    layout = (
        ("origin", "start"),
        ("new_name", "category", "level"),
        ("beds", "departments"),
        ("consented_on",),
    )
    origin = Pick(label=_("原机构"))
    start = Day(label=_("自哪天起"))
    new_name = Line(label=_("新机构名称"))
    category = Words(
        label=_("新机构类别"),
        required=False,
        choices=lambda: [_LIKE_ORIGIN, *((code, said(name)) for code, name in CATEGORY_NAMES.items())],
    )
    level = Words(
        label=_("新机构级别"),
        required=False,
        choices=lambda: [_LIKE_ORIGIN, *((code, said(name)) for code, name in LEVEL_NAMES.items())],
    )
    beds = Count(label=_("分给新机构的床位"), required=False)
    departments = Line(
        1000, label=_("分给新机构的科室"), required=False, help_text=_("科室名称，用顿号分隔。")
    )
    consented_on = Day(label=_("新机构同意加入医联体的日期"), required=False)
    code_ = Kept(label="", required=False)

    def change(self) -> Change:
        """What the split moves."""
        here = self.present(institutions=(self.code("origin"),))
        part = reorganising.NewInstitution(
            self.given("code_"),
            self.given("new_name"),
            beds=self.given("beds") or 0,
            departments=tuple(p.strip() for p in _APART.split(self.given("departments")) if p.strip()),
            category=self.given("category"),
            level=self.given("level"),
            consented_on=self.given("consented_on"),
        )
        taken = codes_taken([part.code])
        return reorganising.split_institution(here, self.code("origin"), [part], taken=taken)

    def called(self) -> str:
        """What comes out of what."""
        names = {"one": self.given("origin").name, "other": self.given("new_name")}
        return gettext("%(one)s分设%(other)s") % names


class RenameInstitution(ActForm):
    """Another name for an institution."""

    act, name = "reorganise-rename", _("机构更名")
    about = _("编码和历史不变。")
    layout = (("institution", "new_name", "start"),)
    institution = Pick(label=_("机构"))
    new_name = Line(label=_("新名称"))
    start = Day(label=_("自哪天起"))

    def change(self) -> Change:
        """The new name."""
        here = self.present(institutions=(self.code("institution"),))
        return reorganising.rename_institution(here, self.code("institution"), self.given("new_name"))

    def called(self) -> str:
        """Old and new name."""
        names = {"one": self.given("institution").name, "other": self.given("new_name")}
        return gettext("%(one)s更名为%(other)s") % names


class CloseInstitution(ActForm):
    """An institution closes."""

    act, name = "reorganise-close", _("机构撤销")
    about = _("名下还有登记时先列出；勾选后同日一并终止。")
    layout = (("institution", "start"), ("end_all",))
    institution = Pick(label=_("机构"))
    start = Day(label=_("自哪天起不再存在"))
    end_all = Tick(label=_("名下的成员关系、托管、科室、设备、人员执业同日一并终止"))

    def change(self) -> Change:
        """The closing, and what ends with it."""
        here = self.present(institutions=(self.code("institution"),))
        return reorganising.close_institution(here, self.code("institution"), end_all=self.given("end_all"))

    def called(self) -> str:
        """What closes."""
        return gettext("撤销%(one)s") % {"one": self.given("institution").name}


class MergeConsortia(ActForm):
    """Consortia become one."""

    act, name = "reorganise-merge-consortia", _("医联体合并")
    about = _("成员和整体加入的医共体转入合并后的医联体。")
    layout = (("sources",), ("into", "start", "consented_on"))
    sources = PickSeveral(PickConsortium(), label=_("并入的医联体（合并后不再存在）"))
    into = PickConsortium(label=_("合并后的医联体"))
    start = Day(label=_("自哪天起"))
    consented_on = Day(label=_("转入成员同意日期"), required=False)

    def change(self) -> Change:
        """What the merger moves."""
        sources = [one.code for one in self.given("sources")]
        here = self.present(consortia=(*sources, self.code("into")))
        return reorganising.merge_consortia(
            here, sources, self.code("into"), consented_on=self.given("consented_on")
        )

    def called(self) -> str:
        """What merges into what."""
        names = {
            "one": "、".join(one.name for one in self.given("sources")),
            "other": self.given("into").name,
        }
        return gettext("%(one)s并入%(other)s") % names


class SplitConsortium(ActForm):
    """Members leave for a consortium of their own."""

    act, name = "reorganise-split-consortium", _("医联体分设")
    about = _("选定的成员转入新的医联体，其中一家牵头。")
    layout = (("origin", "start"), ("new_name", "lead"), ("members",), ("consented_on",))
    origin = PickConsortium(label=_("原医联体"))
    start = Day(label=_("自哪天起"))
    new_name = Line(label=_("新医联体名称"))
    lead = Pick(label=_("新医联体的牵头医院"))
    members = PickSeveral(Pick(), label=_("转入的其他成员"), required=False)
    consented_on = Day(label=_("转入成员同意日期"), required=False)
    code_ = Kept(label="", required=False)

    def change(self) -> Change:
        """What the split moves."""
        here = self.present(consortia=(self.code("origin"),))
        part = reorganising.NewConsortium(
            self.given("code_"),
            self.given("new_name"),
            self.code("lead"),
            tuple(one.code for one in self.given("members")),
            self.given("consented_on"),
        )
        return reorganising.split_consortium(here, self.code("origin"), part, taken=codes_taken([part.code]))

    def called(self) -> str:
        """What comes out of what."""
        names = {"one": self.given("origin").name, "other": self.given("new_name")}
        return gettext("%(one)s分设%(other)s") % names


class RenameConsortium(ActForm):
    """Another name for a consortium."""

    act, name = "reorganise-rename-consortium", _("医联体更名")
    about = _("编码和历史不变。")
    layout = (("consortium", "new_name", "start"),)
    consortium = PickConsortium(label=_("医联体"))
    new_name = Line(label=_("新名称"))
    start = Day(label=_("自哪天起"))

    def change(self) -> Change:
        """The new name."""
        here = self.present(consortia=(self.code("consortium"),))
        return reorganising.rename_consortium(here, self.code("consortium"), self.given("new_name"))

    def called(self) -> str:
        """Old and new name."""
        names = {"one": self.given("consortium").name, "other": self.given("new_name")}
        return gettext("%(one)s更名为%(other)s") % names


class Dissolve(ActForm):
    """A consortium ends."""

    act, name = "reorganise-dissolve", _("医联体解散")
    about = _("成员、整体加入和名下协议同日终止。")
    layout = (("consortium", "start"),)
    consortium = PickConsortium(label=_("医联体"))
    start = Day(label=_("自哪天起不再存在"))

    def change(self) -> Change:
        """Everything that ends with it."""
        here = self.present(consortia=(self.code("consortium"),))
        return reorganising.dissolve_consortium(here, self.code("consortium"))

    def called(self) -> str:
        """What is dissolved."""
        return gettext("解散%(one)s") % {"one": self.given("consortium").name}
