"""What the forms of account administration ask for: who, which role, where, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.apps.access.rights import GRANTABLE
from tiercare.apps.access.rules import ROLE_NAMES, SCOPE_OF, Role, Scope
from tiercare.apps.network.queries.consortium import consortium_page
from tiercare.apps.network.rules import Role as Part
from tiercare.apps.terms import queries as terms
from tiercare.kernel.period import Period
from tiercare.web.access.forms import NewPasswordForm
from tiercare.web.changes.fields import Day, Line, Pick, PickConsortium, Words
from tiercare.web.frame import Frame
from tiercare.web.pages import said

# Which input says the place of a role of that scope, and where a refusal about the place is shown.
PLACE_OF = {Scope.REGION: "area", Scope.INSTITUTION: "institution", Scope.CONSORTIUM: "consortium"}


class RoleForm(forms.Form):
    """A role, its place and its days. ``role_scopes`` tells the page which place a role wants."""

    role = Words(label=_("角色"))
    institution = Pick(label=_("机构"), required=False)
    consortium = PickConsortium(label=_("医联体"), required=False)
    area = Words(label=_("辖区"), required=False)
    start = Day(label=_("自哪天起"))
    last = Day(label=_("最后一天"), required=False)

    def __init__(self, *args: Any, frame: Frame, area: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frame = frame
        for name in ("institution", "consortium"):
            self.fields[name].frame = frame
        self.areas = areas_of(area, frame)
        self.fields["area"].choices = self.areas
        self.fields["role"].choices = [(role.value, said(ROLE_NAMES[role])) for role in GRANTABLE]
        self.roles = [(role.value, said(ROLE_NAMES[role]), SCOPE_OF[role].value) for role in GRANTABLE]

    def clean(self) -> dict[str, Any]:
        """The place that the role wants is filled in, and the last day is not before the first."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        role = given.get("role")
        if role:
            wanted = PLACE_OF[SCOPE_OF[Role(role)]]
            if not given.get(wanted) and wanted not in self.errors:
                self.add_error(wanted, gettext("请填写这个角色在哪里有效。"))
            for other in set(PLACE_OF.values()) - {wanted}:
                self.errors.pop(other, None)
        first, last = given.get("start"), given.get("last")
        if first and last and last < first:
            self.add_error("last", gettext("最后一天早于第一天。"))
        return given

    def granted(self) -> dict[str, Any]:
        """What ``grant`` wants besides the account; only of a valid form."""
        given = self.cleaned_data
        role, last = Role(given["role"]), given["last"]
        period = Period(given["start"], last + timedelta(days=1) if last else None)
        return {"role": role, "period": period, **self._place(SCOPE_OF[role])}

    def _place(self, scope: Scope) -> dict[str, Any]:
        given = self.cleaned_data
        if scope is Scope.REGION:
            return {"place_name": dict(self.areas)[given["area"]], "division_code": given["area"]}
        named = given[PLACE_OF[scope]]
        place = {"place_name": named.name, "division_code": named.division}
        if scope is Scope.INSTITUTION:
            return {**place, "institution_id": named.id}
        members = consortium_page(named.id, on=self.frame.on).members
        leads = [member.row.id for member in members if member.row.role is Part.LEAD]
        return {**place, "institution_id": leads[0] if leads else None, "consortium_id": named.id}


class InviteForm(RoleForm):
    """A colleague who has no account yet."""

    username = Line(label=_("登录名"), longest=100)
    display_name = Line(label=_("姓名"), longest=100)
    field_order = ("username", "display_name")


class ColleagueForm(RoleForm):
    """Somebody who has an account, perhaps of another area; the login name has to be known."""

    username = Line(label=_("登录名"), longest=100)
    field_order = ("username",)


class LeaveForm(forms.Form):
    """From which day, and who takes over."""

    on = Day(label=_("离岗日期"))
    successor = forms.CharField(label=_("接手人"), max_length=100, required=False)
    to_institution = forms.BooleanField(label=_("留给机构，由机构另行安排"), required=False)


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=100,
        error_messages={"required": _("请填写验证码。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


class AnyCodeForm(CodeForm):
    """A code of the authenticator or of the sheet: letters are typed too."""

    code = forms.CharField(
        label=_("验证码或恢复码"),
        max_length=100,
        error_messages={"required": _("请填写验证码或恢复码。")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class AcceptForm(NewPasswordForm):
    """The slip's code, and the password twice."""

    field_order = ("token", "password", "again")
    token = forms.CharField(
        label=_("邀请码"),
        max_length=200,
        error_messages={"required": _("请填写邀请单上的邀请码。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


def areas_of(area: str, frame: Frame) -> list[tuple[str, str]]:
    """An area and what lies directly below it, by code."""
    own = terms.division(area, on=frame.on)
    below = terms.children(area, on=frame.on) if own and len(area) < 12 else []
    return [(area, own.name if own else area), *((row.code, row.name) for row in below)]
