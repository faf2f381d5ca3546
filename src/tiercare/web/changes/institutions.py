"""Forms about institutions: level and beds, trusteeship, agreements."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.rules.registers import TRUSTEESHIPS
from tiercare.apps.network.rules.reorganising.present import Rows, ended, misfit, numbered
from tiercare.apps.network.rules.words import CATEGORY_NAMES, GRADE_NAMES, LEVEL_NAMES
from tiercare.kernel.text import Text
from tiercare.web.pages import said

from .acts import ActForm, row
from .fields import Count, Day, Kept, Line, Pick, PickConsortium, PickSeveral, Words

_AS_IS = ("", _("不变"))


class Level(ActForm):
    """Another level, grade or number of beds."""

    act, name = "level", _("机构级别或床位")
    about = _("等级评审、床位调整等，从某日起变更。")
    layout = (("institution", "start"), ("level", "grade", "beds"))
    institution = Pick(label=_("机构"))
    start = Day(label=_("自哪天起"))
    level = Words(
        label=_("级别"),
        required=False,
        choices=lambda: [_AS_IS, *((code, said(name)) for code, name in LEVEL_NAMES.items())],
    )
    grade = Words(
        label=_("等次"),
        required=False,
        choices=lambda: [_AS_IS, *((code, said(name)) for code, name in GRADE_NAMES.items())],
    )
    beds = Count(label=_("实有床位（空白即不变）"), required=False)

    def change(self) -> Change:
        """The institution as it is, but for what was given."""
        here = self.present(institutions=(self.code("institution"),))
        standing = here.institution(self.code("institution"))
        changed = {key: self.given(key) for key in ("level", "grade") if self.given(key)}
        if self.given("beds") is not None:
            changed["beds"] = self.given("beds")
        if not changed:
            raise misfit(
                "nothing_changes",
                Text("没有填写要变更的内容。", "Nothing is to change."),
                Text("请填写级别、等次或床位。", "Give a level, a grade or a number of beds."),
                at="beds",
            )
        rows = Rows(here)
        rows.begin(standing, **changed)
        return Change(rows.told())

    def called(self) -> str:
        """Whose register changes."""
        return gettext("变更%(one)s的级别或床位") % {"one": self.given("institution").name}


class Convert(ActForm):
    """An institution becomes one of another kind."""

    act, name = "convert", _("机构转型")
    about = _("改为另一类机构，如县级医院转为康复医院、护理院；从某日起变更，以前的登记保留。")
    layout = (("institution", "start"), ("category", "beds"), ("new_name",))
    institution = Pick(label=_("机构"))
    start = Day(label=_("自哪天起"))
    category = Words(
        label=_("转为"), choices=lambda: [(code, said(name)) for code, name in CATEGORY_NAMES.items()]
    )
    beds = Count(label=_("转型后的床位（空白即不变）"), required=False)
    new_name = Line(label=_("转型后的名称（空白即不变）"), required=False)

    def change(self) -> Change:
        """The institution as it is, but for its kind and what comes with it."""
        here = self.present(institutions=(self.code("institution"),))
        standing = here.institution(self.code("institution"))
        if standing.text("category") == self.given("category"):
            raise misfit(
                "already_of_this_kind",
                Text("{name}已经是这一类机构。", "{name} is of this kind already."),
                Text("请选另一类。", "Choose another kind."),
                at="category",
                name=self.given("institution").name,
            )
        changed = {"category": self.given("category")}
        if self.given("new_name"):
            changed["name"] = self.given("new_name")
        if self.given("beds") is not None:
            changed["beds"] = self.given("beds")
        rows = Rows(here)
        rows.begin(standing, **changed)
        return Change(rows.told())

    def called(self) -> str:
        """What becomes of whom."""
        names = {
            "one": self.given("institution").name,
            "kind": said(CATEGORY_NAMES[self.given("category")]),
        }
        return gettext("%(one)s转为%(kind)s") % names


class Entrust(ActForm):
    """One institution is to run another."""

    act, name = "entrust", _("托管")
    about = _("一家机构受另一家管理，产权不变。")
    layout = (("entrusted", "trustee"), ("start", "agreement"))
    entrusted = Pick(label=_("被托管机构"))
    trustee = Pick(label=_("托管方"))
    start = Day(label=_("自哪天起"))
    agreement = Line(80, label=_("托管协议编码"), required=False, help_text=_("已登记的协议；没有先空着。"))

    def change(self) -> Change:
        """The trusteeship."""
        cells = {
            "trustee": self.code("trustee"),
            "entrusted": self.code("entrusted"),
            "agreement": self.given("agreement"),
        }
        return Change(numbered([row("trusteeships", **cells, **{"from": self.given("start")})]))

    def called(self) -> str:
        """Who runs whom."""
        names = {"one": self.given("trustee").name, "other": self.given("entrusted").name}
        return gettext("%(one)s托管%(other)s") % names


class Release(ActForm):
    """A trusteeship ends."""

    act, name = "release", _("解除托管")
    about = _("托管关系自某日终止。")
    layout = (("entrusted", "start"),)
    entrusted = Pick(label=_("被托管机构"))
    start = Day(label=_("自哪天起"))

    def change(self) -> Change:
        """The end of what holds that day."""
        here = self.present(institutions=(self.code("entrusted"),))
        found = here.of(TRUSTEESHIPS.key, entrusted=self.code("entrusted"))
        if not found:
            raise misfit(
                "not_entrusted",
                Text("{name}那天没有被托管。", "{name} is not entrusted to anybody that day."),
                Text("请核对机构和日期。", "Check institution and day."),
                at="entrusted",
                name=self.given("entrusted").name,
            )
        return Change(numbered(ended(one, here.on) for one in found))

    def called(self) -> str:
        """Whose trusteeship ends."""
        return gettext("解除对%(one)s的托管") % {"one": self.given("entrusted").name}


class Agree(ActForm):
    """An agreement that was signed."""

    act, name = "agreement", _("协议")
    about = _("登记已签订的协议；起草和签署请到“协议与章程”。")
    layout = (("heading",), ("consortium",), ("parties",), ("signed_on", "start", "until"))
    heading = Line(200, label=_("协议名称"))
    consortium = PickConsortium(label=_("所属医联体"), required=False)
    parties = PickSeveral(Pick(), label=_("签约机构"), help_text=_("至少两家。"))
    signed_on = Day(label=_("签订日期"))
    start = Day(label=_("生效日期"))
    until = Day(label=_("到期日"), required=False)
    code_ = Kept(label="", required=False)

    def change(self) -> Change:
        """The agreement."""
        signed = row(
            "agreements",
            code=self.given("code_"),
            title=self.given("heading"),
            consortium=self.code("consortium"),
            parties=[one.code for one in self.given("parties")],
            signed_on=self.given("signed_on"),
            to=self.given("until"),
            **{"from": self.given("start")},
        )
        return Change((replace(signed, place="#1"),))

    def called(self) -> str:
        """What was signed."""
        return gettext("登记协议：%(name)s") % {"name": self.given("heading")}
