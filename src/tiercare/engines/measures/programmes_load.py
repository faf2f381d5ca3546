"""Reading ``programmes/*.yaml`` of a pack and of those it extends; what a more local pack says under the same id takes its place.

A text names priorities, measures and domains; how long a project takes and what its sheet asks no text says: the files mark that as
ours. What is in force is decided by the day: a word that the clause lists no longer goes with everything that hangs on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import check
from tiercare.kernel.text import Text

from .oversight import Answer, Field
from .programmes import Blank, Known, Measure, Need, Of, Opens, Part, Programme, Standard, Works
from .programmes_shapes import BlankShape, FileShape, ProgrammeShape, StandardShape

FOLDER = "programmes"


def load_programmes(packs: PackSet, pack_id: str, *, on: date, known: Known | None = None) -> Works:
    """What is in force in a region on a day; with ``known`` also what is named there is looked up.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    programmes: dict[str, Programme] = {}
    standards: dict[str, Standard] = {}
    problems: list[Problem] = []
    for pack in packs.chain(pack_id):
        for path in sorted((Path(pack.folder) / FOLDER).glob("*.yaml")):
            source, found = read(path, f"{pack.id}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if found else check(FileShape, source)
            problems += [*found, *wrong]
            if shape is None:
                continue
            file = _File(source, packs, known, problems)
            programmes |= {each.id: _programme(each) for each in file.programmes(shape.programmes)}
            standards |= {each.id: _standard(each) for each in file.standards(shape.standards)}
    if not problems:
        problems += [*_unnamed(packs, programmes), *_disordered(programmes, standards)]
    if problems:
        raise PackErrors(problems)
    return _standing(packs, programmes, standards, on)


# --- what is in force ----------------------------------------------------------------------------------


def _standing(
    packs: PackSet, programmes: Mapping[str, Programme], standards: Mapping[str, Standard], on: date
) -> Works:
    tops = {taken: each.id for each in programmes.values() for taken in each.takes}
    unlisted: dict[str, str] = {}
    for each in programmes.values():
        above = programmes.get(tops.get(each.id, ""), each)
        for one in (each, above):
            if one.listed_in and one.id not in _listed(packs, one.listed_in, on):
                unlisted[each.id] = _clause(one.listed_in)
    kept = {key: _on_day(packs, each, on) for key, each in programmes.items() if key not in unlisted}
    return Works(
        kept,
        {
            key: _standard_on_day(packs, each, on)
            for key, each in standards.items()
            if each.programme not in unlisted
        },
        {key: tops.get(key, key) for key in kept},
        unlisted,
    )


def _on_day(packs: PackSet, programme: Programme, on: date) -> Programme:
    parts = programme.parts
    if programme.parts_in:
        known = {each.id: each for each in parts}
        words = [word for name in programme.parts_in for word in _listed(packs, name, on)]
        parts = tuple(known[word] for word in dict.fromkeys(words))
    standing = {each.id for each in parts}

    def blanks(all_: Sequence[Blank]) -> tuple[Blank, ...]:
        return tuple(_answers_on(packs, each, on) for each in all_ if not each.part or each.part in standing)

    return replace(programme, parts=parts, plan=blanks(programme.plan), sheet=blanks(programme.sheet))


def _answers_on(packs: PackSet, blank: Blank, on: date) -> Blank:
    if not blank.listed_in:
        return blank
    known = {each.id: each for each in blank.field.answers}
    answers = tuple(known[word] for word in _listed(packs, blank.listed_in, on))
    return replace(blank, field=replace(blank.field, answers=answers))


def _standard_on_day(packs: PackSet, standard: Standard, on: date) -> Standard:
    columns, needs = standard.columns, standard.needs
    if standard.columns_in:
        listed = _listed(packs, standard.columns_in, on)
        columns = tuple(each for each in columns if each.value in listed)
    if standard.needs_in:
        known = {each.id: each for each in needs}
        needs = tuple(known[word] for word in _listed(packs, standard.needs_in, on))
    return replace(standard, columns=columns, needs=needs)


def _listed(packs: PackSet, name: str, on: date) -> list[str]:
    """The words of the parameter on that day; nothing where it is not in force."""
    found = next((each for each in packs.parameters.get(name, ()) if on in each.period), None)
    return [] if found is None else _words(found.value)


def _words(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _clause(name: str) -> str:
    return name.partition(".")[0]


# --- shapes as values ----------------------------------------------------------------------------------


def _programme(shape: ProgrammeShape) -> Programme:
    return Programme(
        shape.id,
        shape.name.text,
        shape.says.text,
        tuple(shape.clauses),
        Of(shape.of),
        shape.yearly,
        shape.days,
        shape.priority,
        tuple(shape.takes),
        shape.listed_in or "",
        tuple(Part(each.id, each.name.text, each.file) for each in shape.parts),
        tuple(shape.parts_in),
        shape.ordered,
        tuple(map(_blank, shape.plan)),
        tuple(map(_blank, shape.sheet)),
        shape.file,
        Opens(shape.opens.indicator, shape.opens.panel) if shape.opens else None,
    )


def _blank(shape: BlankShape) -> Blank:
    answers = tuple(Answer(one.id, one.name.text, one.score) for one in shape.answers)
    return Blank(
        Field(shape.id, shape.name.text, answers, shape.type, shape.optional),
        shape.part or "",
        shape.listed_in or "",
        shape.lead,
    )


def _standard(shape: StandardShape) -> Standard:
    return Standard(
        shape.id,
        shape.name.text,
        shape.says.text,
        tuple(shape.clauses),
        Of(shape.of),
        shape.programme,
        tuple(Measure(each) for each in shape.columns),
        shape.columns_in or "",
        tuple(
            Need(
                each.id,
                each.name.text,
                tuple(each.codes),
                tuple(each.kinds),
                dict(each.answers),
                {Measure(key): least for key, least in each.least.items()},
            )
            for each in shape.needs
        ),
        shape.needs_in or "",
    )


# --- faults --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    source: Source
    packs: PackSet
    known: Known | None
    problems: list[Problem]

    def programmes(self, shapes: Sequence[ProgrammeShape]) -> Sequence[ProgrammeShape]:
        """What is wrong with them is noted; those that are well are answered."""
        return self._well("programmes", shapes, self._check_programme)

    def standards(self, shapes: Sequence[StandardShape]) -> Sequence[StandardShape]:
        """The same of standards."""
        return self._well("standards", shapes, self._check_standard)

    def _well(self, name: str, shapes: Sequence[Any], look: Callable[[Any, Place], None]) -> Sequence[Any]:
        before = len(self.problems)
        for at, each in enumerate(shapes):
            place: Place = (name, at)
            self._once(each.id, [one.id for one in shapes[:at]], place)
            for number, clause in enumerate(each.clauses):
                if clause not in self.packs.clause:
                    self._wrong((*place, "clauses", number), *_no_clause(clause))
            look(each, place)
        return shapes if len(self.problems) == before else ()

    def _check_programme(self, shape: ProgrammeShape, place: Place) -> None:
        parts = [each.id for each in shape.parts]
        for at, part in enumerate(parts):
            self._once(part, parts[:at], (*place, "parts", at))
        if shape.listed_in:
            self._words_of(shape.listed_in, (*place, "listed_in"))
        for name in shape.parts_in:
            self._named(name, parts, (*place, "parts_in"))
        if shape.opens and self.known is not None:
            for key, name, there in (
                ("indicator", shape.opens.indicator, self.known.indicators),
                ("panel", shape.opens.panel, self.known.panels),
            ):
                if name not in there:
                    self._wrong((*place, "opens", key), *_unknown(name))
        for where, blanks in (("plan", shape.plan), ("sheet", shape.sheet)):
            for at, blank in enumerate(blanks):
                self._check_blank(blank, [one.id for one in blanks[:at]], parts, (*place, where, at))

    def _check_blank(self, blank: BlankShape, before: list[str], parts: list[str], place: Place) -> None:
        self._once(blank.id, before, place)
        if (blank.type == "answer") != bool(blank.answers):
            self._wrong((*place, "answers"), *_ANSWERS)
        if blank.part and blank.part not in parts:
            self._wrong((*place, "part"), *_unknown(blank.part))
        if blank.listed_in:
            self._named(blank.listed_in, [one.id for one in blank.answers], (*place, "listed_in"))

    def _check_standard(self, shape: StandardShape, place: Place) -> None:
        needs = [each.id for each in shape.needs]
        for at, need in enumerate(shape.needs):
            self._once(need.id, needs[:at], (*place, "needs", at))
            for kind in need.kinds:
                if self.known is not None and kind not in self.known.equipment:
                    self._wrong((*place, "needs", at, "kinds"), *_unknown(kind))
        if shape.columns_in:
            self._words_of(shape.columns_in, (*place, "columns_in"))
        if shape.needs_in:
            self._named(shape.needs_in, needs, (*place, "needs_in"))

    def _named(self, name: str, known: Collection[str], place: Place) -> None:
        """Every word that the parameter lists has its name in the file."""
        missing = [word for word in self._words_of(name, place) if word not in known]
        if missing:
            words = "、".join(missing)
            self._wrong(
                place,
                Text(f"条款列了“{words}”，这里没有写。", f"The clause lists “{words}”, which is not here."),
                Text("请补上这一项和它的名称。", "Add it with its name."),
            )

    def _words_of(self, name: str, place: Place) -> list[str]:
        values = self.packs.parameters.get(name, ())
        if not values:
            self._wrong(
                place,
                Text(f"条款里没有参数“{name}”。", f"No clause has a parameter “{name}”."),
                Text("请写如 XH-75.means。", "Write it like XH-75.means."),
            )
        return [word for each in values for word in _words(each.value)]

    def _once(self, name: str, before: Collection[str], place: Place) -> None:
        if name in before:
            self._wrong(
                (*place, "id"),
                Text(f"“{name}”写了两次。", f"“{name}” stands twice."),
                Text("每个 id 只写一次。", "Every id stands once."),
            )

    def _wrong(self, place: Place, message: Text, fix: Text) -> None:
        key = ".".join(map(str, place))
        self.problems.append(Problem(self.source.file, self.source.line(place), key, message, fix))


def _unnamed(packs: PackSet, programmes: Mapping[str, Programme]) -> list[Problem]:
    """A parameter that names programmes names none that the files do not have."""
    return [
        Problem(FOLDER, 1, name, *_unknown(word))
        for name in dict.fromkeys(each.listed_in for each in programmes.values() if each.listed_in)
        for value in packs.parameters[name]
        for word in _words(value.value)
        if word not in programmes
    ]


def _disordered(programmes: Mapping[str, Programme], standards: Mapping[str, Standard]) -> list[Problem]:
    """Where a text sets priorities every other programme stands under exactly one; what is named exists."""
    taken = Counter(each for one in programmes.values() for each in one.takes)
    first = any(each.priority for each in programmes.values())
    faults: list[tuple[str, tuple[Text, Text]]] = []
    for each in programmes.values():
        faults += [(f"{each.id}.takes", _unknown(one)) for one in each.takes if one not in programmes]
        if taken[each.id] > 1:
            faults.append((each.id, _TWICE))
        if first and not each.priority and not taken[each.id]:
            faults.append((each.id, _NOWHERE))
        if each.priority and taken[each.id]:
            faults.append((each.id, _TOP))
    for one in standards.values():
        programme = programmes.get(one.programme)
        if programme is None:
            faults.append((f"{one.id}.programme", _unknown(one.programme)))
            continue
        asked = {blank.field.id: {a.id for a in blank.field.answers} for blank in programme.plan}
        for need in one.needs:
            if any(says not in asked.get(key, ()) for key, says in need.answers.items()):
                faults.append((f"{one.id}.needs.{need.id}.answers", _ANSWERS))
    return [Problem(FOLDER, 1, key, message, fix) for key, (message, fix) in faults]


def _no_clause(name: str) -> tuple[Text, Text]:
    return (
        Text(f"没有条款 {name}。", f"There is no clause {name}."),
        Text("请核对条款编号。", "Check the clause's number."),
    )


def _unknown(name: str) -> tuple[Text, Text]:
    return (
        Text(f"没有“{name}”。", f"There is no “{name}”."),
        Text("请对照有的 id。", "Name one of those there are."),
    )


_ANSWERS = (
    Text("选项和类型对不上。", "Answers and type do not fit."),
    Text(
        "选择题写 answers，其他类型不写；预填的要是选项之一。", "A choice has answers, nothing else has any."
    ),
)
_TWICE = (
    Text("归在两个重点工作之下。", "It stands under two priorities."),
    Text("每项任务只归一个重点工作。", "Every task stands under exactly one."),
)
_NOWHERE = (
    Text("没有归入任何重点工作。", "It stands under no priority."),
    Text("请写进一个重点工作的 takes。", "Name it in one priority's takes."),
)
_TOP = (
    Text("重点工作不能归在另一个之下。", "A priority stands under no other."),
    Text("请从 takes 里去掉。", "Take it out of takes."),
)
