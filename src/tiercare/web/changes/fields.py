"""What a form of a change asks for: institutions and consortia by name or initials, days, words, numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.apps.network.queries.candidates import Named, consortia_like, institutions_like
from tiercare.web.frame import Frame

_FEW = 5


class Pick(forms.CharField):
    """A thing that is known by name, pinyin initials or code; reads to what it stands for."""

    shown = "institution"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": _("请填写名称或拼音首字母。")})
        super().__init__(max_length=200, **kwargs)
        self.frame: Frame

    def look_up(self, text: str) -> list[Named]:
        """What ``text`` may stand for."""
        return institutions_like(self.frame.pack.region, text, on=self.frame.on, limit=_FEW + 1)

    def clean(self, value: Any) -> Any:
        """The one thing that is meant."""
        text = super().clean(value)
        return one_of(self.look_up(text), text) if text else None


class PickConsortium(Pick):
    """A consortium, of certain kinds only if ``kinds`` names some."""

    shown = "consortium"

    def __init__(self, kinds: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kinds = tuple(kinds)

    def look_up(self, text: str) -> list[Named]:
        """What ``text`` may stand for."""
        return consortia_like(
            self.frame.pack.region, text, on=self.frame.on, kinds=self.kinds, limit=_FEW + 1
        )


class PickSeveral(forms.Field):
    """Several of a kind, one input each; blank ones are left out."""

    def __init__(self, of: Pick, **kwargs: Any) -> None:
        super().__init__(widget=forms.MultipleHiddenInput, **kwargs)
        self.of = of
        of.required = False

    @property
    def shown(self) -> str:
        """As the one that it is made of, several times."""
        return f"{self.of.shown}s"

    def clean(self, value: Any) -> Any:
        """All that are meant, each once."""
        texts = [text for text in value or () if text.strip()]
        if self.required and not texts:
            raise ValidationError(gettext("请至少填写一个。"))
        found = [self.of.clean(text) for text in texts]
        return list({one.code: one for one in found}.values())


def one_of(found: Sequence[Named], text: str) -> Named:
    """The only one.

    Raises:
        ValidationError: if there is none, or several.
    """
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(
            gettext("当前地区和日期没有“%(text)s”。请输入名称或拼音首字母，再从提示中选择。") % {"text": text}
        )
    names = "、".join(option_value(one, found) for one in found[:_FEW])
    raise ValidationError(gettext("有几个符合：%(names)s。请写出全名或编码。") % {"names": names})


def option_value(one: Named, among: Sequence[Named]) -> str:
    """What stands for it in an input: its name, or its code where others share the name."""
    return one.name if sum(other.name == one.name for other in among) == 1 else one.code


class Day(forms.DateField):
    """A day."""

    shown = "date"

    def __init__(self, **kwargs: Any) -> None:
        messages = {"required": _("请填写日期。"), "invalid": _("日期请写成 2019-07-01 的样子。")}
        super().__init__(error_messages=messages, **kwargs)


class Words(forms.ChoiceField):
    """One of the words of a register's column; told in the reader's language."""

    shown = "select"

    def __init__(self, **kwargs: Any) -> None:
        messages = {"required": _("请选择一项。"), "invalid_choice": _("所选的一项不在列表中，请重新选择。")}
        super().__init__(error_messages=messages, **kwargs)


class Line(forms.CharField):
    """A line of text."""

    shown = "text"

    def __init__(self, longest: int = 120, **kwargs: Any) -> None:
        messages = {"required": _("请填写这一项。"), "max_length": _("内容太长，请缩短。")}
        super().__init__(max_length=longest, error_messages=messages, **kwargs)


class Count(forms.IntegerField):
    """A whole number from 0."""

    shown = "number"

    def __init__(self, **kwargs: Any) -> None:
        messages = {
            "required": _("请填写数目。"),
            "invalid": _("请填写整数。"),
            "min_value": _("不能小于 0。"),
            "max_value": _("数目太大，请核对。"),
        }
        super().__init__(min_value=0, max_value=1_000_000, error_messages=messages, **kwargs)


class Tick(forms.BooleanField):
    """A box to tick."""

    shown = "tick"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class Kept(forms.SlugField):
    """A code that the server made for something new; it stays the same while the form is mended."""

    shown = "hidden"
