"""What a person types to propose a change. Who applies, for whom and to which commission the server knows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.apps.network.rules import Kind
from tiercare.apps.terms.queries import initials
from tiercare.web import labels

from .choices import Choices

Payload = dict[str, str | list[str]]

_DAY = {"required": _("请填写生效日期。"), "invalid": _("日期请写成 2019-07-01 的样子。")}
_TITLE_TOO_LONG = {"max_length": _("标题太长，请缩短到 200 字以内。")}


def _picked(required: str) -> dict[str, Any]:
    """Messages of a list to choose from; what is not on it was there on another day or in another region."""
    return {"required": required, "invalid_choice": _("所选的一项不在当前地区和日期的列表中，请重新选择。")}


class ConsortiumForm(forms.Form):
    """A consortium to be formed; ``slug`` is kept when a returned application is mended."""

    title = forms.CharField(required=False, max_length=200, error_messages=_TITLE_TOO_LONG)
    name = forms.CharField(
        max_length=120,
        error_messages={
            "required": _("请填写医联体名称。"),
            "max_length": _("名称太长，请缩短到 120 字以内。"),
        },
    )
    kind = forms.ChoiceField(error_messages=_picked(_("请选择医联体类型。")))
    division = forms.ChoiceField(error_messages=_picked(_("请选择它所服务的地区。")))
    specialty = forms.ChoiceField(required=False, error_messages=_picked(""))
    lead = forms.CharField(max_length=200, error_messages={"required": _("请填写牵头医院。")})
    members = forms.MultipleChoiceField(required=False, error_messages=_picked(""))
    start = forms.DateField(error_messages=_DAY)

    def __init__(self, data: Any, choices: Choices, slug: str = "") -> None:
        super().__init__(data)
        self.choices, self.slug = choices, slug
        options = {
            "kind": labels.choices("kind"),
            "division": choices.areas,
            "specialty": [("", ""), *choices.specialties],
            "members": [(c.id, c.label) for c in choices.institutions.values()],
        }
        for name, offered in options.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    def clean_lead(self) -> str:
        """The id of the institution that name, pinyin initials or a part of either stand for."""
        found = self.choices.named(self.cleaned_data["lead"])
        if len(found) == 1:
            return found[0].id
        if not found:
            raise ValidationError(gettext("当前地区没有这家机构。请输入名称或拼音首字母，再从提示中选择。"))
        names = "、".join(choice.label for choice in found)
        raise ValidationError(gettext("有几家机构符合：%(names)s。请写出全名。") % {"names": names})

    def clean(self) -> dict[str, Any]:
        """Only an alliance has a specialty, and it must."""
        given = self.cleaned_data
        if given.get("kind") != Kind.SPECIALTY_ALLIANCE:
            given["specialty"] = ""
        elif not given.get("specialty") and "specialty" not in self.errors:
            self.add_error("specialty", gettext("专科联盟须选择专科。"))
        return given

    @property
    def title_given(self) -> str:
        """The title, made from the content where none was typed."""
        given = self.cleaned_data
        return str(given["title"] or gettext("组建%(name)s") % {"name": given["name"]})[:200]

    @property
    def payload(self) -> Payload:
        """The change as ``form_consortium`` takes it."""
        given = self.cleaned_data
        return {
            "slug": self.slug or self._new_slug(),
            "name": given["name"],
            "kind": given["kind"],
            "division_code": given["division"],
            "lead_id": given["lead"],
            # The lead belongs to it anyway: ticked among the members too, it would be there twice.
            "member_ids": [key for key in given["members"] if key != given["lead"]],
            "specialty_code": given["specialty"],
            "start": given["start"].isoformat(),
        }

    def _new_slug(self) -> str:
        """A short name that no other consortium has."""
        short = slugify(initials(self.cleaned_data["name"]))[:40]
        return f"{self.choices.frame.pack.id}-{short}-{secrets.token_hex(4)}"


class JoiningForm(forms.Form):
    """A county community that joins a group as a whole."""

    title = forms.CharField(required=False, max_length=200, error_messages=_TITLE_TOO_LONG)
    child = forms.ChoiceField(error_messages=_picked(_("请选择要加入的医共体。")))
    parent = forms.ChoiceField(error_messages=_picked(_("请选择要加入哪个医联体。")))
    start = forms.DateField(error_messages=_DAY)

    def __init__(self, data: Any, choices: Choices, slug: str = "") -> None:
        super().__init__(data)
        child, parent = self.fields["child"], self.fields["parent"]
        assert isinstance(child, forms.ChoiceField) and isinstance(parent, forms.ChoiceField)
        child.choices = choices.communities
        parent.choices = choices.groups
        self.names = {str(row.id): row.name for row in choices.consortia}

    @property
    def title_given(self) -> str:
        """The title, made from the content where none was typed."""
        given = self.cleaned_data
        names = {"child": self.names[given["child"]], "parent": self.names[given["parent"]]}
        return str(given["title"] or gettext("%(child)s整体加入%(parent)s") % names)[:200]

    @property
    def payload(self) -> Payload:
        """The change as ``join_community`` takes it."""
        given = self.cleaned_data
        return {
            "parent_id": given["parent"],
            "child_id": given["child"],
            "start": given["start"].isoformat(),
        }


class ReasonForm(forms.Form):
    """Why an application is returned; that there must be one, the command says."""

    reason = forms.CharField(
        required=False, max_length=2000, error_messages={"max_length": _("理由太长，请缩短到 2000 字以内。")}
    )


FORMS: Mapping[str, type[ConsortiumForm | JoiningForm]] = {
    "form_consortium": ConsortiumForm,
    "join_community": JoiningForm,
}


def errors(form: forms.Form) -> list[dict[str, Any]]:
    """What is wrong, as refusals are shown."""
    return [
        {"code": "form", "sentence": " ".join(told), "way_on": "", "clauses": (), "at": field}
        for field, told in form.errors.items()
    ]
