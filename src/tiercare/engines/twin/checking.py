"""What a scenario may say: every fault is collected with the place and the line it stands in, and none stops the search for the others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from importlib import import_module

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.reader import Place, Source
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .assumptions import Assumption, all_of_them, given
from .levers import LEVERS, Levers
from .values import Misfit, Setting, nearest, setting

KEYS = ("name", "pack", "on", "year", "years", "residents", "region", "changes", "assumptions")
FEWEST_RESIDENTS, MOST_RESIDENTS = 200, 5_000_000
FIRST_YEAR, LAST_YEAR = 2004, 2099
_LONGEST_NAME = 120
_NAMELESS = Text("未命名情景", "Nameless scenario")
_WRONG = 422
_MOVED = 5.0  # spreads by which calibration moves a parameter at most: more would be another model


class Checking:
    """Reads the parts of a scenario; ``found`` are the refusals so far. A form's content has no file and no lines."""

    def __init__(self, file: Source) -> None:
        self.file = file
        self.found: list[Refusal] = []

    def refuse(self, code: str, place: Place, message: Text, instead: Text, **fields: object) -> None:
        """Note a fault of the place."""
        self.found.append(self.refusal(code, place, message, instead, **fields))

    def refusal(self, code: str, place: Place, message: Text, instead: Text, **fields: object) -> Refusal:
        """A refusal of the place; what a user wrote goes into ``fields``, never into the sentences."""
        held = {
            **fields,
            **({"file": self.file.file, "line": self.file.line(place)} if self.file.file else {}),
        }
        return Refusal(code, message, instead, held, at=".".join(map(str, place)) or None, status=_WRONG)

    def done(self) -> None:
        """Go on only if nothing was found.

        Raises:
            Refused: with everything that was.
        """
        if self.found:
            raise Refused(*self.found)

    def top(self) -> Mapping[str, object]:
        """The whole as keys and values."""
        content = self.file.content
        if not isinstance(content, Mapping):
            self.refuse(
                "scenario_not_keys",
                (),
                Text("情景文件应是键和值。", "A scenario is made of keys and values."),
                Text("至少写 pack，如 pack: taiyuan。", "Write at least a pack, such as pack: taiyuan."),
            )
            self.done()
        assert isinstance(content, Mapping)
        for key in content:
            if key not in KEYS:
                self._unknown("scenario_unknown_key", (key,), key, dict.fromkeys(KEYS))
        return content

    def name(self, content: Mapping[str, object]) -> Text:
        """``name``: one text, or one for each language; without it, what the file is called."""
        said = content.get("name")
        if said is None:
            stem = self.file.file.rpartition(".")[0] or self.file.file
            return Text(stem, stem) if stem else _NAMELESS
        zh, en = (said.get("zh"), said.get("en")) if isinstance(said, Mapping) else (said, said)
        zh, en = zh or en, en or zh
        if isinstance(zh, str) and isinstance(en, str) and 0 < max(len(zh), len(en)) <= _LONGEST_NAME:
            return Text(zh, en)
        self.refuse(
            "scenario_name",
            ("name",),
            Text("名称应是不超过 {most} 字的文字。", "The name is a text of up to {most} characters."),
            Text(
                "写作 name: {{zh: 预留两成, en: Reserve a fifth}}。",
                "Write name: {{zh: 预留两成, en: Reserve a fifth}}.",
            ),
            most=_LONGEST_NAME,
        )
        return Text("", "")

    def pack(self, content: Mapping[str, object], packs: PackSet, on: date) -> str:
        """``pack``: there is one, and it is in force on the day."""
        said = content.get("pack")
        if said is None:
            self.refuse(
                "scenario_without_pack",
                ("pack",),
                Text("没有写政策包（pack）。", "No pack is named."),
                Text("现有：{known}。", "There are: {known}."),
                known=", ".join(packs.packs),
            )
            return ""
        pack = packs.packs.get(said) if isinstance(said, str) else None
        if pack is None:
            self._unknown("scenario_unknown_pack", ("pack",), said, packs.packs)
            return ""
        first = min((each.in_force_from for each in pack.documents), default=date.min)
        if on < first:
            self.refuse(
                "scenario_before_pack",
                ("on",) if "on" in content else ("year",),
                Text(
                    "{on} 时{name}的政策尚未生效，自 {first} 起。",
                    "The policy of {name} is not in force on {on}; it starts on {first}.",
                ),
                Text("请用 {first} 或以后的日期。", "Take {first} or a later day."),
                on=on,
                first=first,
                name=pack.name,
            )
        return pack.id

    def day(self, content: Mapping[str, object]) -> date | None:
        """``on``, if it is written."""
        said = content.get("on")
        if isinstance(said, str):
            with suppress(ValueError):
                said = date.fromisoformat(said)  # a form sends text
        if said is None or isinstance(said, date):
            return said
        self.refuse(
            "scenario_day",
            ("on",),
            Text("“{said}”不是日期。", "“{said}” is no date."),
            Text("请写成 2024-12-31。", "Write it as 2024-12-31."),
            said=said,
        )
        return None

    def year(self, content: Mapping[str, object]) -> int | None:
        """``year``, if it is written."""
        return self._whole(
            content, "year", FIRST_YEAR, LAST_YEAR, Text("模拟的年份", "The year that is played")
        )

    def residents(self, content: Mapping[str, object], otherwise: int) -> int:
        """``residents``."""
        text = Text("模拟的居民数", "The number of residents")
        return self._whole(content, "residents", FEWEST_RESIDENTS, MOST_RESIDENTS, text) or otherwise

    def years(self, content: Mapping[str, object]) -> None:
        """``years``: one, and nothing else."""
        said = content.get("years", 1)
        if said != 1 or isinstance(said, bool):
            self.refuse(
                "scenario_years",
                ("years",),
                Text(
                    "一次模拟正好一年，不能是“{said}”年：模型里没有出生、迁移和物价，更长就不可信。",
                    "A run is one year, not “{said}”: without births, moves and prices a longer one would not be credible.",
                ),
                Text(
                    "请去掉 years；要看别的年份，改 year 和 on。",
                    "Leave years out; for another year set year and on.",
                ),
                said=said,
            )

    def region(self, content: Mapping[str, object], invented: str) -> bool:
        """``region``: only the word for the one that exists nowhere."""
        said = content.get("region")
        if said not in (None, invented):
            self.refuse(
                "scenario_region",
                ("region",),
                Text(
                    "region 只能写 {invented}，不能是“{said}”。",
                    "A region can only be {invented}, not “{said}”.",
                ),
                Text("模拟政策包自己的地区，请去掉 region。", "For the pack's own region leave it out."),
                said=said,
                invented=invented,
            )
        return said == invented

    def changes(self, said: object) -> dict[str, Setting]:
        """``changes``: levers that there are, with values that they take."""
        kept: dict[str, Setting] = {}
        for name, value in self._table(said, "changes").items():
            if name not in LEVERS:
                self._unknown("scenario_unknown_lever", ("changes", name), name, LEVERS)
                continue
            found = setting(name, value)
            if isinstance(found, Misfit):
                self.refuse(
                    f"scenario_lever_{found.kind}",
                    ("changes", name),
                    *(escaped(each) for each in (found.message, found.instead)),
                )
            else:
                kept[name] = found
        return kept

    def assumptions(self, said: object) -> dict[str, float]:
        """``assumptions``: those that there are, within what is held possible."""
        kept: dict[str, float] = {}
        for name, value in self._table(said, "assumptions").items():
            place = ("assumptions", name)
            if name not in all_of_them():
                self._unknown("scenario_unknown_assumption", place, name, all_of_them())
                continue
            low, high = possible(all_of_them()[name])
            fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if isinstance(value, int | float) and fits and low <= value <= high:
                kept[name] = float(value)
                continue
            self.refuse(
                "scenario_assumption_range" if fits else "scenario_assumption_type",
                place,
                Text("{text}（{name}）不能是“{value}”。", "“{name}” ({text}) cannot be “{value}”."),
                Text("请写 {low} 到 {high} 之间的数。", "Write a number from {low} to {high}."),
                text=all_of_them()[name].text,
                name=name,
                value=value,
                low=f"{low:g}",
                high=f"{high:g}",
            )
        return kept

    def _table(self, said: object, key: str) -> Mapping[str, object]:
        if said is None:
            return {}
        if isinstance(said, Mapping):
            return said
        self.refuse(
            "scenario_not_keys",
            (key,),
            Text("{key} 应是名称和值。", "{key} holds names and values."),
            Text("一行一个，如 reserve_share: 0.2。", "One a line, such as reserve_share: 0.2."),
            key=key,
        )
        return {}

    def _whole(self, content: Mapping[str, object], key: str, low: int, high: int, text: Text) -> int | None:
        said = content.get(key)
        whole = isinstance(said, int) and not isinstance(said, bool)
        if said is None or (isinstance(said, int) and whole and low <= said <= high):
            return said if isinstance(said, int) else None
        self.refuse(
            f"scenario_{key}",
            (key,),
            Text("{text}不能是“{said}”。", "{text} cannot be “{said}”."),
            Text("请写 {low} 到 {high} 之间的整数。", "Write a whole number from {low} to {high}."),
            text=text,
            said=said,
            low=f"{low:,}" if low > LAST_YEAR else low,
            high=f"{high:,}" if high > LAST_YEAR else high,
        )
        return None

    def _unknown(self, code: str, place: Place, said: object, known: Mapping[str, object]) -> None:
        near = nearest(said, known) if isinstance(said, str) else ()
        what = _WHAT[code]
        message = Text(f"没有{what.zh}“{{said}}”。", f"There is no {what.en} “{{said}}”.")
        instead = (
            Text("是否想写：{near}？", "Did you mean {near}?")
            if near
            else Text("可用的：{near}。", "There are: {near}.")
        )
        self.refuse(code, place, message, instead, said=said, near=", ".join(near or known))


_WHAT = {
    "scenario_unknown_key": Text("键", "key"),
    "scenario_unknown_pack": Text("政策包", "pack"),
    "scenario_unknown_lever": Text("杠杆", "lever"),
    "scenario_unknown_assumption": Text("假设", "assumption"),
}


def possible(assumption: Assumption) -> tuple[float, float]:
    """Between what an assumption may be set: its range, or from half to twice its value where it has none (a share at most to the whole);
    farther where calibration may have moved it."""
    low, high = assumption.low, assumption.high
    if not assumption.uncertain:
        low, high = sorted((assumption.value / 2, assumption.value * 2))
        high = min(high, 1.0) if 0 < assumption.value <= 1 else high
    # Compiled with the twin: only who sets an assumption waits for it.
    totals, base = import_module(f"{__package__}.totals"), given()
    ends = [
        float(totals.moved(base, {each.name: each.value(base, by)})[assumption.name])
        for each in totals.parameters()
        for by in (-_MOVED, _MOVED)
    ]
    return min(low, *ends), max(high, *ends)


def together(levers: Levers, checking: Checking) -> list[Refusal]:
    """What several levers may not say together."""
    if levers.key_signing_coverage >= levers.signing_coverage:
        return []
    return [
        checking.refusal(
            "scenario_shares",
            ("changes",),
            Text(
                "重点人群签约率 {key:.0%} 低于全体居民签约率 {all:.0%}：重点人群优先签约，两者对不上。",
                "Of key groups {key:.0%} are signed, of all residents {all:.0%}: key groups are signed first, these do not add up.",
            ),
            Text(
                "请把 key_signing_coverage 定为 {all:.2f} 以上，或调低 signing_coverage。",
                "Set key_signing_coverage to {all:.2f} or more, or lower signing_coverage.",
            ),
            key=levers.key_signing_coverage,
            all=levers.signing_coverage,
        )
    ]


def escaped(text: Text) -> Text:
    """Braces of what a user wrote are no fields of a sentence."""
    return Text(*(each.replace("{", "{{").replace("}", "}}") for each in (text.zh, text.en)))
