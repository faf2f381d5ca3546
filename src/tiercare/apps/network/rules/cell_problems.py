"""What is wrong with a cell, in words."""

from __future__ import annotations

from dataclasses import dataclass

from tiercare.kernel.text import Text

from .registers import Column


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that cannot be taken: its column (a key), what stands there, why, and how to mend it."""

    column: str
    value: str
    message: Text
    fix: Text


class Unreadable(Exception):
    """A cell that is not what its column holds."""

    def __init__(self, message: Text, fix: Text) -> None:
        super().__init__(message.en)
        self.message, self.fix = message, fix


_MISSING = Text("“{column}”没有填写。", "“{column}” is empty.")
_MISSING_FIX = Text("请填写{column}{example}。", "Fill in {column}{example}.")


def _example(column: Column) -> Text:
    if column.words:
        names = list(column.words.values())[:4]
        return Text(
            "：" + "、".join(n.zh for n in names) + " 等", ": " + ", ".join(n.en for n in names) + " …"
        )
    return (
        Text(f"，如 {column.example}", f", for instance {column.example}") if column.example else Text("", "")
    )


def _filled(text: Text, column: Column, **fields: object) -> Text:
    given = {"column": column.name, **fields}
    return Text(text.fill(given, "zh"), text.fill(given, "en"))


def wrong(column: Column, text: str, zh: str, en: str, fix_zh: str, fix_en: str) -> Unreadable:
    """What stands there, why it cannot be taken, and how to mend it."""
    shown = text if len(text) <= 40 else text[:40] + "…"
    return Unreadable(Text(f"“{shown}”{zh}", f"“{shown}” {en}"), Text(fix_zh, fix_en))


def missing(column: Column) -> CellProblem:
    """Nothing stands where something must."""
    return CellProblem(
        column.key,
        "",
        _filled(_MISSING, column),
        _filled(_MISSING_FIX, column, example=_example(column)),
    )
