"""Rows of the registers as sentences, and what each of them changes, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tiercare.kernel.text import Text

from .cells import Value, cell_text
from .entries import Entry
from .histories import Outcome
from .registers import (
    AGREEMENTS,
    CONSORTIA,
    INSTITUTIONS,
    JOININGS,
    MEMBERSHIPS,
    OBLIGATIONS,
    REGISTERS,
    TRUSTEESHIPS,
    Column,
)

# Names by kind (``institution``, ``consortium``, ``agreement``) and code.
Names = Mapping[tuple[str, str], str]
NAMED_BY: Mapping[str, str] = {
    "institution": "institution",
    "trustee": "institution",
    "entrusted": "institution",
    "consortium": "consortium",
    "parent": "consortium",
    "child": "consortium",
    "agreement": "agreement",
}


@dataclass(frozen=True, slots=True)
class RowChange:
    """What one row does: the first day on which anything is different, and the row that holds on that day
    without it and with it (``None``: nothing does)."""

    entry: Entry
    outcome: Outcome
    on: date
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, slots=True)
class CellChange:
    """A column that a row changes."""

    column: Text
    before: Text
    after: Text


def cell_changes(change: RowChange, names: Names) -> tuple[CellChange, ...]:
    """Columns that differ on the first day of the change; of a row that begins or ends, all that say something."""
    register = REGISTERS[change.entry.register]
    found = []
    for column in register.columns:
        if column.told or column.key == "op" or column.key in register.identity:
            continue
        before = change.before.values.get(column.key) if change.before else None
        after = change.after.values.get(column.key) if change.after else None
        if column.key == "from" and change.before is not None and change.after is not None:
            continue  # the day of the change stands in its sentence
        was, becomes = shown(column, before, names), shown(column, after, names)
        if was != becomes:
            found.append(CellChange(column.name, was, becomes))
    return tuple(found)


def shown(column: Column, value: Value, names: Names) -> Text:
    """A cell as people read it."""
    if value is None or value in ("", (), False):
        return Text("", "")
    if value is True:
        return Text("是", "yes")
    kind = NAMED_BY.get(column.key)
    if kind and isinstance(value, str):
        return _same(names.get((kind, value), value))
    if column.words is not None and isinstance(value, str) and value in column.words:
        return column.words[value]
    if isinstance(value, tuple):
        parts = [_item(column, item, names) for item in value]
        return Text("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    return _same(cell_text(column, value))


def _item(column: Column, item: str, names: Names) -> Text:
    code, _, rank = item.partition("=")
    if column.words is not None and rank:
        return Text(f"{code}（{column.words[rank].zh}）", f"{code} ({column.words[rank].en})")
    if column.words is not None and item in column.words:
        return column.words[item]
    return _same(names.get(("institution", item), item))


def sentence(change: RowChange, names: Names) -> Text:
    """What the row comes to, in a sentence."""
    entry = change.entry
    told = {key: names.get((kind, entry.text(key)), entry.text(key)) for key, kind in NAMED_BY.items()} | {
        "on": change.on.isoformat(),
        "name": entry.text("name") or entry.text("code"),
    }
    told["role"] = ""
    if entry.register in _WORDED:
        zh, en = _WORDED[entry.register][_turn(change)]
        column = REGISTERS[entry.register].by_key
        role = column["role"].words if "role" in column else None
        word = (role or {}).get(entry.text("role"), Text("", ""))
        return Text(zh.format(**{**told, "role": word.zh}), en.format(**{**told, "role": word.en}))
    return _plainly(change, names, told)


def _turn(change: RowChange) -> str:
    if change.outcome is Outcome.VOIDED:
        return "void"
    if change.after is None:
        return "end"
    if change.before is None:
        return "begin"
    return "same" if change.outcome is Outcome.UNCHANGED else "change"


_WORDED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    MEMBERSHIPS.key: {
        "begin": (
            "自 {on} 起，{institution}以“{role}”身份加入“{consortium}”。",
            "From {on}, {institution} is in “{consortium}” as {role}.",
        ),
        "change": (
            "自 {on} 起，{institution}在“{consortium}”中为“{role}”。",
            "From {on}, {institution} is {role} in “{consortium}”.",
        ),
        "end": (
            "自 {on} 起，{institution}退出“{consortium}”。",
            "From {on}, {institution} leaves “{consortium}”.",
        ),
        "void": (
            "作废：{institution}自 {on} 起在“{consortium}”中的一段登记。",
            "Void: what is on record of {institution} in “{consortium}” from {on}.",
        ),
        "same": (
            "{institution}在“{consortium}”中的登记不变。",
            "{institution} stays in “{consortium}” as it is.",
        ),
    },
    JOININGS.key: {
        "begin": (
            "自 {on} 起，“{child}”整体加入“{parent}”。",
            "From {on}, “{child}” joins “{parent}” as a whole.",
        ),
        "change": ("“{child}”加入“{parent}”的期限改变。", "The time of “{child}” in “{parent}” changes."),
        "end": (
            "自 {on} 起，“{child}”整体退出“{parent}”。",
            "From {on}, “{child}” leaves “{parent}” as a whole.",
        ),
        "void": (
            "作废：“{child}”自 {on} 起整体加入“{parent}”的登记。",
            "Void: that “{child}” joined “{parent}” from {on}.",
        ),
        "same": ("“{child}”加入“{parent}”的登记不变。", "“{child}” stays in “{parent}” as it is."),
    },
    TRUSTEESHIPS.key: {
        "begin": ("自 {on} 起，{entrusted}由{trustee}托管。", "From {on}, {trustee} runs {entrusted}."),
        "change": (
            "自 {on} 起，{trustee}托管{entrusted}的登记改变。",
            "From {on}, how {trustee} runs {entrusted} changes.",
        ),
        "end": (
            "自 {on} 起，{trustee}不再托管{entrusted}。",
            "From {on}, {trustee} no longer runs {entrusted}.",
        ),
        "void": (
            "作废：{trustee}自 {on} 起托管{entrusted}的登记。",
            "Void: that {trustee} runs {entrusted} from {on}.",
        ),
        "same": ("{trustee}托管{entrusted}的登记不变。", "{trustee} runs {entrusted} as before."),
    },
    INSTITUTIONS.key: {
        "begin": ("自 {on} 起，新设机构“{name}”。", "From {on} there is a new institution, “{name}”."),
        "change": ("自 {on} 起，“{name}”的登记变更。", "From {on}, “{name}” changes."),
        "end": ("自 {on} 起，“{name}”不再存在。", "From {on}, “{name}” is no more."),
        "void": ("作废：“{name}”自 {on} 起的登记。", "Void: what is on record of “{name}” from {on}."),
        "same": ("“{name}”的登记不变。", "“{name}” stays as it is."),
    },
    CONSORTIA.key: {
        "begin": ("自 {on} 起，组建“{name}”。", "From {on} there is a new consortium, “{name}”."),
        "change": ("自 {on} 起，“{name}”的登记变更。", "From {on}, “{name}” changes."),
        "end": ("自 {on} 起，“{name}”不再存在。", "From {on}, “{name}” is no more."),
        "void": ("作废：“{name}”自 {on} 起的登记。", "Void: what is on record of “{name}” from {on}."),
        "same": ("“{name}”的登记不变。", "“{name}” stays as it is."),
    },
}


def _plainly(change: RowChange, names: Names, told: Mapping[str, str]) -> Text:
    """Registers whose rows are many and alike: what it is, whose it is, and what becomes of it."""
    entry, register = change.entry, REGISTERS[change.entry.register]
    acts = {
        "begin": Text("登记", "is entered"),
        "change": Text("变更", "changes"),
        "end": Text("终止", "ends"),
        "void": Text("作废", "is taken back"),
        "same": Text("不变", "stays"),
    }
    act = acts[_turn(change)]
    if entry.register in (AGREEMENTS.key, OBLIGATIONS.key):
        what = entry.text("title") or entry.text("text")
        return Text(f"{register.name.zh}“{what}”：{act.zh}。", f"{register.name.en}, “{what}”: {act.en}.")
    column = register.by_key.get("kind")
    kind = shown(column, entry.values.get("kind"), names) if column else Text("", "")
    thing = entry.text("name") or kind.zh
    return Text(
        f"自 {told['on']} 起，{told['institution']}的{register.name.zh}“{thing}”：{act.zh}。",
        f"From {told['on']}, {register.name.en.lower()} “{entry.text('name') or kind.en}” "
        f"of {told['institution']}: {act.en}.",
    )


def _same(text: str) -> Text:
    return Text(text, text)
