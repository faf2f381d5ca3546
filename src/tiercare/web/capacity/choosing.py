"""Choosing from the institution's own registers by name or pinyin initials: an input with suggestions, read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.capacity.queries.keeping import Department, Device, Physician
from tiercare.apps.network.rules import words
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import said

_FEW = 4


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: ``value`` is what the input holds, ``hint`` what tells it apart, with its initials."""

    key: str
    value: str
    hint: str
    initials: str


def physicians(found: Iterable[Physician]) -> list[Option]:
    """Physicians, by name."""
    return _apart(
        [
            Option(str(p.id), p.name, " · ".join(filter(None, (p.title, p.initials))), p.initials)
            for p in found
        ]
    )


def departments(found: Iterable[Department]) -> list[Option]:
    """Departments, by name."""
    return _apart([_named(str(d.id), d.name, d.specialty_code) for d in found])


def devices(found: Iterable[Device]) -> list[Option]:
    """Equipment, by kind and model."""
    return _apart([_named(str(d.id), device_name(d.kind, d.model), f"×{d.count}") for d in found])


def specialties(on: date) -> list[Option]:
    """Licensed specialties, by name."""
    return _apart([_named(code, name, code) for code, name in sorted(terms.specialty_names(on=on).items())])


def device_name(kind: str, model: str) -> str:
    """What equipment is called."""
    name = said(words.EQUIPMENT_NAMES[kind]) if kind in words.EQUIPMENT_NAMES else kind
    return " ".join(filter(None, (name, model)))


def value_of(options: Sequence[Option], key: str | UUID | None) -> str:
    """What the input holds for a thing; what left the register is shown as nothing."""
    return next((each.value for each in options if key and each.key == str(key)), "")


def chosen(options: Sequence[Option], text: str, *, at: str) -> str | None:
    """The key of the one thing that ``text`` stands for; ``None`` where nothing was typed.

    Raises:
        Refused: if there is none, or several.
    """
    wanted = text.strip()
    if not wanted:
        return None
    low = wanted.lower()
    tries = (
        [each for each in options if each.value == wanted],
        [each for each in options if each.initials == low],
        [each for each in options if wanted in each.value or each.initials.startswith(low)],
    )
    found = next((each for each in tries if each), [])
    if len(found) == 1:
        return found[0].key
    names = "、".join(each.value for each in found[:_FEW])
    raise Refused(
        _one(_SEVERAL, at, text=wanted[:40], names=names) if found else _one(_NONE, at, text=wanted[:40])
    )


def _named(key: str, name: str, hint: str) -> Option:
    initials = terms.initials(name)
    return Option(key, name, " · ".join((hint, initials)), initials)


def _apart(options: list[Option]) -> list[Option]:
    """Those that share a name are told apart by a number."""
    often, seen, found = Counter(each.value for each in options), Counter[str](), []
    for each in options:
        seen[each.value] += 1
        value = f"{each.value}（{seen[each.value]}）" if often[each.value] > 1 else each.value
        found.append(Option(each.key, value, each.hint, each.initials))
    return found


def _one(words_: Text, at: str, **fields: str) -> Refusal:
    return Refusal(
        code="capacity.not_one_of_the_register",
        message=words_,
        instead=Text(
            "请输入名称或拼音首字母，再从提示中选择；登记中没有的，请先在“数据导入与导出”中填报。",
            "Type the name or its pinyin initials and choose from what is suggested; what is missing is entered in the registers first.",
        ),
        fields=fields,
        at=at,
        status=422,
    )


_NONE = Text("本机构的登记中没有“{text}”。", "There is no “{text}” in the institution's registers.")
_SEVERAL = Text("“{text}”有几个符合：{names}。", "“{text}” may be one of: {names}.")
