"""What a person types to ask for an exception; card and subject come from the verdict, not from input."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class WaiverForm(forms.Form):
    """Reason and days. Everything else the server knows."""

    card = forms.CharField(max_length=120, widget=forms.HiddenInput)
    subject = forms.CharField(max_length=120, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("理由"), required=False, max_length=2000)
    start = forms.DateField(
        label=_("开始日期"),
        error_messages={"required": _("请填写开始日期。"), "invalid": _("日期请写成 2019-07-01 的样子。")},
    )
    end = forms.DateField(
        label=_("截止日期（最后一天）"),
        required=False,
        error_messages={"invalid": _("日期请写成 2019-07-01 的样子。")},
    )
