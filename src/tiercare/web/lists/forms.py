"""What a person types to fill in a list."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.kernel.text import Text

_MOST, _LONGEST = 100, 200


class ListForm(forms.Form):
    """One item a line, Chinese and English apart by ``|``; and the first day."""

    items = forms.CharField(label=_("内容"), required=False, max_length=20_000)
    start = forms.DateField(
        label=_("自哪天起"),
        error_messages={"required": _("请填写开始日期。"), "invalid": _("日期请写成 2019-07-01 的样子。")},
    )

    def clean_items(self) -> list[Text]:
        """The lines as bilingual texts; without English the Chinese stands for both."""
        lines = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        if len(lines) > _MOST:
            raise ValidationError(gettext("最多 %(most)s 行，请合并或删减。") % {"most": _MOST})
        for number, line in enumerate(lines, 1):
            if len(line) > _LONGEST:
                raise ValidationError(
                    gettext("第 %(number)s 行太长，请缩短到 %(most)s 字以内。")
                    % {"number": number, "most": _LONGEST}
                )
        pairs = [line.partition("|") for line in lines]
        return [Text(zh.strip(), en.strip() or zh.strip()) for zh, _bar, en in pairs]
