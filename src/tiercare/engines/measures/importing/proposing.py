"""A first draft of a mapping file, guessed from the header and some rows, for somebody to check and go on from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import islice
from pathlib import Path

from pyarrow import parquet

from tiercare.engines.measures.schema import Column, Fact, Type, facts
from tiercare.engines.policy.reader import read
from tiercare.engines.policy.schema import Shape, check
from tiercare.engines.sheets import Unreadable, normalised
from tiercare.engines.sheets import read as read_sheets

from .cells import FLAG_WORDS
from .files import Input, Kind, identify, refused
from .header import find_header
from .mapping import MONTH, plain_region, required
from .staging import Cells, sampled

_FILE = Path(__file__).with_name("words.yaml")
_SAMPLE = 2_000
_CLOSE = 0.75
_UNITS = (("万元", "wan_yuan"), ("元", "yuan"), ("分", "fen"))


class _WordsShape(Shape):
    """``words.yaml``."""

    columns: dict[str, list[str]]
    words: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft.

    Attributes:
        columns: our column → their header; ``unsure`` are those that only look alike.
        missing: required columns that no header looks like.
        text: the mapping file, with a remark for everything that wants a look.
        values: header → what stands below it in the first rows, each once, ascending; all headers of the file.
    """

    fact: str
    columns: Mapping[str, str]
    unsure: frozenset[str]
    missing: tuple[str, ...]
    text: str
    values: Mapping[str, tuple[str, ...]]


def propose(path: Path, region: str, fact: str = "") -> Proposal:
    """Guess how ``path`` is to be read.

    Args:
        fact: the table it is for; the one with most columns in it if not said.

    Raises:
        Refused: it is no table, or empty.
    """
    file = identify(path)
    rows = _rows(file)
    candidates = [facts()[fact]] if fact else list(facts().values())
    best = max(candidates, key=lambda each: _fits(rows, each))
    header = find_header(rows, _known(best).keys())
    names = [name for name in header.names if name]
    found, unsure = _matched(names, best)
    at = {theirs: header.names.index(theirs) for theirs in names}
    below = rows[header.at + 1 :]
    values = {
        theirs: tuple(sorted({normalised(row[place]) for row in below if place < len(row)} - {""}))
        for theirs, place in at.items()
    }
    of_ours = {ours: values[theirs] for ours, theirs in found.items()}
    missing = tuple(name for name in required(best) if name not in found)
    text = "\n".join(_lines(path.name, region, best, found, unsure, missing, names, of_ours)) + "\n"
    return Proposal(best.name, found, unsure, missing, text, values)


def unit_of(header: str) -> str:
    """The unit that a header of money names, yuan if none: as a mapping writes it."""
    return next((unit for zh, unit in _UNITS if zh in header.removeprefix(bare(header))), "yuan")


def word_of(column: Column, theirs: str) -> str:
    """Which word of ours one of theirs means; empty if nobody can tell. Ours is understood as it is."""
    if theirs in column.words:
        return theirs
    if column.type is Type.FLAG:
        return theirs if theirs.lower() in FLAG_WORDS else ""
    return next((word for word in column.words if theirs in _synonyms().words.get(word, ())), "")


def name_of(word: str) -> str:
    """What people in China call one of our words; the word itself where nobody has said."""
    return next(iter(_synonyms().words.get(word, ())), word)


@cache
def _synonyms() -> _WordsShape:
    source, problems = read(_FILE, _FILE.name)
    shape, wrong = check(_WordsShape, source)
    if shape is None or problems:
        raise ValueError("\n".join(problem.sentence("en") for problem in (*problems, *wrong)))
    return shape


def _known(fact: Fact) -> dict[str, str]:
    """What a header may say → our column."""
    names = [*fact.columns, *([] if fact.dated else [MONTH])]
    known = {bare(theirs): name for name in names for theirs in _synonyms().columns.get(name, ())}
    known |= {bare(c.says.zh.partition("。")[0].partition("（")[0]): c.name for c in fact.columns.values()}
    return known | {name: name for name in names}


def bare(header: str) -> str:
    """A header without white space and without what stands in brackets at its end."""
    return re.sub(r"\s+|[(（\[【][^)）\]】]*[)）\]】]$", "", normalised(header)).strip("*:：")


def _fits(rows: Sequence[Cells], fact: Fact) -> tuple[int, float]:
    """How many columns a row of the first has, and which share of the fact's those are."""
    known = _known(fact)
    most = max(len({known[bare(cell)] for cell in row if bare(cell) in known}) for row in rows[:10])
    return most, most / len(fact.columns)


def _matched(names: Sequence[str], fact: Fact) -> tuple[dict[str, str], frozenset[str]]:
    known = _known(fact)
    found: dict[str, str] = {}
    for theirs in names:
        if bare(theirs) in known:
            found.setdefault(known[bare(theirs)], theirs)
    unsure = set()
    for theirs in names:
        near = get_close_matches(bare(theirs), known, 1, _CLOSE)
        if theirs not in found.values() and near and known[near[0]] not in found:
            found[known[near[0]]] = theirs
            unsure.add(known[near[0]])
    return found, frozenset(unsure)


def _lines(
    source: str,
    region: str,
    fact: Fact,
    found: Mapping[str, str],
    unsure: frozenset[str],
    missing: Sequence[str],
    names: Sequence[str],
    values: Mapping[str, Sequence[str]],
) -> Iterator[str]:
    yield f"# 映射文件初稿，由 {source} 的表头推测；请逐行核对。A draft guessed from the header: check every line."
    yield f"fact: {fact.name}  # {fact.title.zh}：{fact.grain.zh}"
    yield f"region: {_quoted(plain_region(region))}"
    yield "version: 1"
    yield f"source: {_quoted(source)}"
    yield "columns:"
    for ours, theirs in found.items():
        says = fact.columns[ours].says.zh if ours in fact.columns else "月份。"
        yield f"  {_quoted(theirs)}: {ours}  # {says}{' 名称相近，请核对 (unsure)' if ours in unsure else ''}"
    for theirs in names:
        if theirs not in found.values():
            yield f"  # {_quoted(theirs)}:  没有用到 (unused)"
    if missing:
        yield "# 下列必填项没有找到来源：在 columns 写明列名，或在 constants 写一个值。Required, and found nowhere:"
        yield from (f"#   {name}: {_takes(fact, name)}" for name in missing)
    yield from _units(fact, found)
    yield from _words(fact, values)


def _takes(fact: Fact, name: str) -> str:
    column = fact.columns.get(name)
    return f"{column.says.zh} {' | '.join(column.words)}".rstrip() if column else "月份，如 202503"


def _units(fact: Fact, found: Mapping[str, str]) -> Iterator[str]:
    said = {
        ours: unit_of(theirs)
        for ours, theirs in found.items()
        if ours in fact.columns and fact.columns[ours].type is Type.YUAN
    }
    if said:
        yield "units:  # yuan 元 | wan_yuan 万元 | fen 分"
        yield from (f"  {ours}: {unit}" for ours, unit in said.items())


def _words(fact: Fact, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    lines = []
    for ours, theirs in values.items():
        column = fact.columns.get(ours)
        if column is not None and column.type in {Type.WORD, Type.FLAG}:
            said = [_word(column, each) for each in theirs[:50]]
            lines += [f"  {ours}:", *filter(None, said)] if any(said) else []
    # A section of remarks alone would be empty, which a mapping is not.
    sure = [line for line in lines if not line.lstrip().startswith("#") and not line.endswith(":")]
    if lines:
        yield "words:" if sure else "# words:"
        yield from _without_empty(lines)


def _without_empty(lines: Sequence[str]) -> Iterator[str]:
    """A column of which no word is known is a remark as a whole."""
    for at, line in enumerate(lines):
        if line.endswith(":") and not line.lstrip().startswith("#"):
            below = next(
                (i for i in range(at + 1, len(lines)) if lines[i].startswith("  ") and lines[i][2] != " "),
                None,
            )
            own = lines[at + 1 : below]
            yield line if any(not each.lstrip().startswith("#") for each in own) else f"  #{line[1:]}"
        else:
            yield line


def _word(column: Column, theirs: str) -> str:
    """The line for one of their words; nothing for a word that is understood as it is."""
    if theirs in column.words or (column.type is Type.FLAG and theirs.lower() in FLAG_WORDS):
        return ""
    ours = next((word for word in column.words if theirs in _synonyms().words.get(word, ())), "")
    takes = " | ".join(column.words or ("true", "false"))
    return f"    {_quoted(theirs)}: {ours}" if ours else f"    # {_quoted(theirs)}: ?  {takes}"


def _quoted(text: str) -> str:
    """As YAML reads it back, whatever it holds."""
    return json.dumps(text, ensure_ascii=False)


def _rows(file: Input) -> list[Cells]:
    """The first rows of a file, the header among them."""
    match file.kind:
        case Kind.TEXT:
            return sampled(file, _SAMPLE)
        case Kind.PARQUET:
            batch = next(parquet.ParquetFile(file.path).iter_batches(_SAMPLE), None)
            lines = [
                ["" if v is None else str(v) for v in row.values()]
                for row in (batch.to_pylist() if batch else [])
            ]
            return [parquet.read_schema(file.path).names, *lines]
        case Kind.WORKBOOK:
            try:
                book = read_sheets(
                    file.path.read_bytes(), file.path.name, is_header=lambda texts: len(texts) > 1
                )
            except Unreadable as error:
                raise refused(error) from error
            sheet = max(book.sheets, key=lambda each: len(each.header))
            lines = [
                [str("" if v is None else v) for v in line.cells] for line in islice(sheet.lines, _SAMPLE)
            ]
            return [list(sheet.header), *lines]
