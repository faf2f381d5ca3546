"""The results of a round as a file: what was asked of whom, the share, the townships, the questions."""

from __future__ import annotations

from tiercare.apps.evaluation.queries.survey_results import Results
from tiercare.apps.evaluation.rules.surveys import TOLD_NAMES, Told
from tiercare.engines.sheets import Cell, Table
from tiercare.kernel.text import Text
from tiercare.web.marks import write_xlsx

_ROUND, _PLACES, _ITEMS = Text("概况", "Round"), Text("各乡镇街道", "Townships"), Text("各题", "Questions")
_HEAD = (Text("项目", "of"), Text("数", "number"))
_HIDDEN = Text("太少，不显示", "too few to show")


def written(found: Results, *, language: str = "zh") -> bytes:
    """The .xlsx; a number that the page hides is hidden here too."""

    def says(text: Text) -> str:
        return text.in_language(language)

    def count(value: int | None) -> Cell:
        return says(_HIDDEN) if value is None else value

    columns = [says(TOLD_NAMES[told]) for told in Told]
    places: list[tuple[Cell, ...]] = [
        (
            *(each.code, each.name, each.could_be, each.drawn, count(each.answered)),
            *(count(each.told[told]) for told in Told),
        )
        for each in found.places
    ]
    items: list[tuple[Cell, ...]] = [
        (says(each.item.ask), says(each.item.choices[key]), count(value))
        for each in found.items
        for key, value in each.by_value.items()
    ]
    named = (Text("区划代码", "code"), Text("乡镇街道", "township"), Text("可抽", "could be drawn"))
    head = (*named, Text("抽中", "drawn"), Text("答复", "answered"))
    asked = (Text("问题", "question"), Text("回答", "answer"), Text("人数", "people"))
    return write_xlsx(
        [
            Table(says(_ROUND), tuple(map(says, _HEAD)), [(says(a), b) for a, b in _facts(found, language)]),
            Table(says(_PLACES), (*map(says, head), *columns), places),
            Table(says(_ITEMS), tuple(map(says, asked)), items),
        ]
    )


def _facts(found: Results, language: str) -> list[tuple[Text, Cell]]:
    of, share = found.round, found.share
    lines: list[tuple[Text, Cell]] = [
        (Text("调查", "survey"), f"{of.survey.form.name.in_language(language)} v{of.survey.form.version}"),
        (Text("地区", "area"), of.area),
        (Text("从", "from"), of.first),
        (Text("到（含）", "until"), of.last),
        (Text("回顾几周", "weeks asked about"), of.recall_weeks),
        (Text("抽签种子", "seed of the lot"), of.seed),
        (Text("抽中", "drawn"), found.drawn),
        (Text("答复", "answered"), found.answered),
        (Text("谢绝", "declined"), found.declined),
        (Text("答复率", "response"), float(found.response)),
    ]
    if share is not None:
        lines += [
            (Text("首选基层", "chose primary care"), share.part),
            (Text("患病", "ill"), share.whole),
            (Text("比例", "share"), float(share.value)),
            (Text("95% 区间下限", "95 % interval from"), float(share.low)),
            (Text("95% 区间上限", "95 % interval to"), float(share.high)),
        ]
    if found.target is not None and found.target.limit is not None:
        lines.append((Text("目标", "target"), float(found.target.limit)))
    doubts: list[tuple[Text, Cell]] = [
        (Text("慎用", "with care"), each.in_language(language)) for each in found.doubts
    ]
    return lines + doubts
