"""Sentences in the languages of our users: Chinese first, English complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in Chinese and in English; ``{name}`` marks a field."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The Chinese sentence, or the English one for ``en`` and ``en-*``."""
        return self.en if language.lower().startswith("en") else self.zh

    def fill(self, fields: Mapping[str, object], language: str = "zh") -> str:
        """The sentence with its fields filled in.

        Raises:
            KeyError: if the sentence names a field that is not given.
        """
        return self.in_language(language).format_map(
            {
                key: value.in_language(language) if isinstance(value, Text) else value
                for key, value in fields.items()
            }
        )

    @property
    def field_names(self) -> frozenset[str]:
        """Names of all fields that either language uses."""
        return frozenset(
            name.split(".")[0]
            for part in (self.zh, self.en)
            for _, name, _, _ in Formatter().parse(part)
            if name
        )
