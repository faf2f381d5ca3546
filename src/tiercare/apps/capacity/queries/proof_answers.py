"""A proof for other programs and for a spreadsheet: the same rows from the command line, the API and the pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tiercare.engines.sheets import Cell, Table, write_xlsx
from tiercare.kernel.text import Text

from ..rules.proof import Breach, Line, resource_name
from ..rules.vocabulary import CHANNEL_NAMES, OFFERED
from .proof import Proof


def as_json(proof: Proof) -> dict[str, Any]:
    """The proof as plain values."""
    return {
        "from": proof.first.isoformat(),
        "to": proof.last.isoformat(),
        "asked_at": proof.asked_at.isoformat(),
        "kept": proof.kept,
        "days": [_line(each) for each in proof.lines],
        "breaches": [_breach(each) for each in proof.breaches],
        "falling": [
            {
                "card": verdict.card.key,
                "clauses": list(verdict.card.clauses),
                "state": verdict.state.value,
                "message": _words(Text(verdict.sentence(finding), verdict.sentence(finding, "en"))),
                "remedy": _words(Text(verdict.remedy(finding), verdict.remedy(finding, "en"))),
            }
            for verdict in proof.falling
            for finding in verdict.findings
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "day": line.day.isoformat(),
        "institution": str(line.institution_id),
        "name": line.institution,
        "resource": line.resource,
        "offered": line.offered,
        "kept": {channel.value: line.kept.get(channel, 0) for channel in OFFERED},
        "used_entitled": line.use.entitled,
        "used_by_others_before_release": line.use.early,
        "released": line.use.released,
        "used_after_release": line.use.late,
        "lent": line.use.lent,
        "refused": line.use.refused,
        "refused_reserved": line.use.refused_reserved,
        "promised": [
            {
                "card": owed.card,
                "clauses": list(owed.clauses),
                "share": owed.share,
                "units": owed.units,
                "kept": owed.kept,
                "state": owed.state.value,
            }
            for owed in line.owed
        ],
    }


def _breach(breach: Breach) -> dict[str, Any]:
    return {
        "day": breach.day.isoformat(),
        "institution": str(breach.institution_id),
        "name": breach.institution,
        "resource": breach.resource,
        "pools": [
            {"id": str(key), "name": name} for key, name in zip(breach.pool_ids, breach.pools, strict=True)
        ],
        "card": breach.card,
        "clauses": list(breach.clauses),
        "message": _words(breach.said),
        "remedy": _words(breach.remedy),
    }


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


_DAYS = (
    *(Text("日期", "day"), Text("机构", "institution"), Text("资源", "resource"), Text("条款", "clauses")),
    *(
        Text("应预留", "promised"),
        Text("实际预留", "kept"),
        Text("结论", "verdict"),
        Text("开放总量", "offered"),
    ),
    *(CHANNEL_NAMES[channel] for channel in OFFERED),
    Text("预留由应得者使用", "used by those it is kept for"),
    Text("释放前被他人使用", "used by others before release"),
    *(Text("到期释放", "released"), Text("释放后使用", "used after release")),
    *(Text("调剂给其他渠道", "lent to others"), Text("未约到", "turned away")),
    Text("其中预留渠道", "of them through reserved channels"),
)
_BREACHES = (
    *(Text("日期", "day"), Text("机构", "institution"), Text("资源", "resource"), Text("池", "pools")),
    *(
        Text("规则卡", "card"),
        Text("条款", "clauses"),
        Text("事实", "finding"),
        Text("办法", "way to mend it"),
    ),
)
_SHEETS = (Text("每日兑现", "every day"), Text("未兑现", "not kept"))


def as_workbook(proof: Proof, *, language: str = "zh") -> bytes:
    """The proof as an .xlsx: one sheet of days, one of breaches. What several cards owe of a line stands in rows of its
    own."""

    def words(texts: Iterable[Text]) -> tuple[str, ...]:
        return tuple(each.in_language(language) for each in texts)

    days = [row for line in proof.lines for row in _rows(line, language)]
    broken = [
        (
            each.day.isoformat(),
            each.institution,
            resource_name(each.resource).in_language(language),
            "、".join(each.pools),
            each.card,
            " ".join(each.clauses),
            each.said.in_language(language),
            each.remedy.in_language(language),
        )
        for each in proof.breaches
    ]
    names = words(_SHEETS)
    return write_xlsx([Table(names[0], words(_DAYS), days), Table(names[1], words(_BREACHES), broken)])


def _rows(line: Line, language: str) -> list[tuple[Cell, ...]]:
    """A row for each card that looks at the line; one without a card where none does."""
    owed: list[tuple[Cell, ...]] = [
        (" ".join(each.clauses), each.units, each.kept, each.state.label.in_language(language))
        for each in line.owed
    ]
    use = line.use
    return [
        (
            line.day.isoformat(),
            line.institution,
            resource_name(line.resource).in_language(language),
            *each,
            line.offered,
            *(line.kept.get(channel, 0) for channel in OFFERED),
            *(use.entitled, use.early, use.released, use.late, use.lent),
            *(use.refused, use.refused_reserved),
        )
        for each in owed or [("", None, None, "")]
    ]
