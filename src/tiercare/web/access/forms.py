"""Forms of signing in, and how a refusal becomes the error of a form."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tiercare.kernel.refusal import Refusal
from tiercare.web.refused import note


class SignInForm(forms.Form):
    """Login name and password."""

    username = forms.CharField(
        label=_("登录名"),
        max_length=100,
        error_messages={"required": _("请填写登录名。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("口令"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("请填写口令。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ConfirmForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label=_("口令"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("请填写口令。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("验证码或恢复码"),
        max_length=40,
        error_messages={"required": _("请填写验证码。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "autofocus": True}
        ),
    )


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label=_("新口令"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("请填写新口令。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再填一次新口令"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("请再填一次新口令。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """The same as the new password."""
        again: str = self.cleaned_data["again"]
        if self.cleaned_data.get("password") not in (None, again):
            raise forms.ValidationError(_("两次填写的新口令不一致，请重新填写。"))
        return again


class PasswordForm(NewPasswordForm):
    """The password one has, and the new one twice."""

    field_order = ("current", "password", "again")
    current = forms.CharField(
        label=_("现在的口令"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("请填写现在的口令。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class RoleForm(forms.Form):
    """The grant to act under."""

    grant_id = forms.UUIDField(
        error_messages={"required": _("请选择一个角色。"), "invalid": _("请从列表中选择角色。")}
    )


class LanguageForm(forms.Form):
    """One of the languages of the platform."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


def show(form: forms.Form, refusals: Iterable[Refusal]) -> None:
    """Put refusals on ``form``, each at the input it names or above the form, with the way on."""
    language = get_language() or settings.LANGUAGE_CODE
    for refusal in refusals:
        note(refusal)
        sentence = " ".join((refusal.sentence(language), refusal.way_on(language)))
        form.add_error(refusal.at if refusal.at in form.fields else None, sentence)
