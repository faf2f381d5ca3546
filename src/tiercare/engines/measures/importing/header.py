"""Which row of a file is its header, and whether it has the columns that the mapping names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tiercare.engines.sheets import normalised
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .mapping import FromFile

WITHIN = 10  # a title, a unit and a date may stand above; further down nobody puts a header


@dataclass(frozen=True, slots=True)
class Header:
    """A header.

    Attributes:
        names: normalised, as wide as the file; an unnamed column is empty.
        at: which of the rows that were looked at is the last of it, from 0.
        rows: how many rows it takes: two where one row names groups and the next the columns.
    """

    names: tuple[str, ...]
    at: int
    rows: int = 1


def find_header(rows: Sequence[Sequence[str]], wanted: Collection[str]) -> Header:
    """The row with most of the ``wanted`` names among the first, joined with its neighbour where both hold some.

    Without any wanted name it is the first row of at least two cells: then all columns will be reported missing.
    """
    texts = [tuple(normalised(cell) for cell in row) for row in rows]
    found = [len(set(row) & set(wanted)) for row in texts]
    best = max(range(len(texts)), key=lambda at: (found[at], -at))
    if not found[best]:
        best = next((at for at, row in enumerate(texts) if sum(map(bool, row)) > 1), 0)
        return Header(texts[best], best)
    missing = set(wanted) - set(texts[best])
    for upper, lower in ((best, best + 1), (best - 1, best)):
        other = lower if upper == best else upper
        if 0 <= other < len(texts) and missing & set(texts[other]):
            return Header(_joined(texts[upper], texts[lower]), lower, 2)
    return Header(texts[best], best)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    width = max(len(upper), len(lower))
    pad = ("",) * width
    return tuple(
        below or above for above, below in zip((*upper, *pad)[:width], (*lower, *pad)[:width], strict=True)
    )


def check_header(names: Sequence[str], mapping: FromFile) -> None:
    """Whether the columns are there that the mapping names, each once.

    Raises:
        Refused: one refusal for each column that is missing (with those that look like it) or stands twice.
    """
    refusals = [*_missing(names, mapping), *_repeated(names, mapping)]
    if refusals:
        raise Refused(*refusals)


def _missing(names: Sequence[str], mapping: FromFile) -> Iterator[Refusal]:
    free = [name for name in names if name and name not in mapping.theirs]
    for ours, theirs in mapping.columns.items():
        column = mapping.fact.columns.get(ours)
        if theirs in names or (column is not None and column.optional):
            continue
        near = get_close_matches(theirs, free, 3, 0.4)
        yield Refusal(
            "facts_column_missing",
            Text(
                "文件里没有“{theirs}”这一列（对应 {ours}）。",
                "The file has no column “{theirs}” (our {ours}).",
            ),
            Text(
                "是不是改名为{near}？请在映射文件的 columns 里改成现在的列名。",
                "Was it renamed to {near}? Write its present name under columns in the mapping.",
            )
            if near
            else Text(
                "请核对是否导错了表，或在映射文件的 columns 里写它现在的列名；文件现有的列：{all}。",
                "Check that this is the right table, or write its present name under columns. The file has: {all}.",
            ),
            fields={
                "theirs": theirs,
                "ours": ours,
                "near": Text("、".join(f"“{n}”" for n in near), " or ".join(f"“{n}”" for n in near)),
                "all": Text("、".join(free[:20]), ", ".join(free[:20])),
            },
            at=ours,
            status=422,
        )


def _repeated(names: Sequence[str], mapping: FromFile) -> Iterator[Refusal]:
    for theirs in sorted(mapping.theirs):
        if names.count(theirs) > 1:
            yield Refusal(
                "facts_column_twice",
                Text("“{theirs}”这一列出现了不止一次。", "The column “{theirs}” stands more than once."),
                Text("请改名或删除其中一列。", "Rename or remove one."),
                fields={"theirs": theirs},
                at=theirs,
                status=422,
            )


def header_only() -> Refusal:
    """The answer to a file without a row of data."""
    return Refusal(
        "facts_header_only",
        Text("表头下面没有数据行。", "There are no rows of data below the header."),
        Text(
            "请核对导出的时间范围；确实没有数据的月份不必导入。",
            "Check the period that was exported; a month without data need not be imported.",
        ),
        at="file",
        status=422,
    )
