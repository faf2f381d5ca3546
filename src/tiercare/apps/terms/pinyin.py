"""Pinyin initials, so that names are found by the keys people are used to typing (jhq finds 镜湖区)."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import import_module
from types import ModuleType


def initials(name: str) -> str:
    """The first letters of the pinyin of each character, lower case; letters and digits stay as they are."""
    pinyin = _pypinyin()
    letters = "".join(pinyin.lazy_pinyin(name, style=pinyin.Style.FIRST_LETTER))
    return "".join(letter for letter in letters if letter.isalnum()).lower()


def initials_of_many(name: str) -> str:
    """What ``initials`` answers, many times faster when asked for very many names.

    A character is read differently only within a phrase (重庆, but 重量), so a name that holds the beginning of no
    such phrase can be read character by character.
    """
    odd = _odd_beginnings()
    if any(name[at : at + 2] in odd for at in range(len(name) - 1)):
        return initials(name)
    return "".join([_letter(character) for character in name])


@cache
def _letter(character: str) -> str:
    return initials(character)


@cache
def _odd_beginnings() -> frozenset[str]:
    """The first two characters of every phrase in which some character begins with another letter than alone."""
    return frozenset(
        phrase[:2]
        for phrase, readings in import_module("pypinyin.phrases_dict").phrases_dict.items()
        if "".join(unicodedata.normalize("NFD", reading[0])[:1] for reading in readings)
        != "".join([_letter(character) for character in phrase])
    )


@cache
def _pypinyin() -> ModuleType:
    """Loaded with the first name: its dictionaries cost a fifth of a second at the start of every process."""
    return import_module("pypinyin")
