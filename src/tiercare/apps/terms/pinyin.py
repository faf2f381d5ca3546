"""Pinyin initials, so that names are found by the keys people are used to typing (jhq finds 镜湖区)."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin


def initials(name: str) -> str:
    """The first letters of the pinyin of each character, lower case; letters and digits stay as they are."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return "".join(letter for letter in letters if letter.isalnum()).lower()
