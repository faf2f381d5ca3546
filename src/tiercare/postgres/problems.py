"""What the supervisor says when it cannot go on: the place, the reason and the way on, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for people, Chinese and English. (``kernel.Text`` is a sibling layer and may not be used here.)"""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The Chinese sentence, or the English one for ``en`` and ``en-*``."""
        return self.en if language.lower().startswith("en") else self.zh


class PostgresProblem(Exception):
    """The database cannot be started, stopped, saved or brought back.

    Attributes:
        code: a stable word for programs and tests, such as ``disk_full``.
        message: what is wrong and where.
        way_on: what the reader can do about it.
    """

    def __init__(self, code: str, message: Message, way_on: Message) -> None:
        super().__init__(f"{message.zh}\n{way_on.zh}")
        self.code = code
        self.message = message
        self.way_on = way_on

    def in_language(self, language: str) -> str:
        """Message and way on, one line each."""
        return f"{self.message.in_language(language)}\n{self.way_on.in_language(language)}"
