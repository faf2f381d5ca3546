"""What one file cannot know: that clauses exist, packs extend each other without a circle, dates agree."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from itertools import pairwise

from tiercare.kernel.text import Text

from .model import Pack, PackSet, RuleCard
from .reader import Problem, Source

Sources = Mapping[str, Mapping[str, Source]]


def problems(packs: PackSet, sources: Sources) -> list[Problem]:
    """Every problem between files and packs; an empty list means the set can be used."""
    broken = list(_inheritance(packs, sources))
    if broken:  # nothing below makes sense on a circle
        return broken
    return [*_unique_clauses(packs, sources), *_references(packs, sources), *_dates(packs, sources)]


def _at(
    sources: Sources, pack: Pack, file: str, place: tuple[str | int, ...], message: Text, fix: Text
) -> Problem:
    source = sources[pack.id][file]
    return Problem(source.file, source.line(place), ".".join(map(str, place)), message, fix)


def _inheritance(packs: PackSet, sources: Sources) -> Iterator[Problem]:
    for pack in packs:
        seen: list[str] = []
        current: str | None = pack.id
        while current is not None:
            if current in seen:
                circle = " → ".join([*seen[seen.index(current) :], current])
                message = Text(
                    f"政策包继承成环：{circle}。", f"Packs extend each other in a circle: {circle}."
                )
                fix = Text("请让其中一个不再 extends。", "Let one of them no longer extend.")
                yield _at(sources, pack, "pack.yaml", ("extends",), message, fix)
                break
            seen.append(current)
            parent = packs.packs.get(current)
            if parent is None:
                message = Text(f"没有叫“{current}”的政策包。", f"There is no pack “{current}”.")
                yield _at(sources, pack, "pack.yaml", ("extends",), message, _nearest(current, packs.packs))
                break
            current = parent.extends


def _nearest(word: str, known: Mapping[str, object]) -> Text:
    near = difflib.get_close_matches(word, known, n=3)
    if not near:
        return Text("请检查拼写。", "Check the spelling.")
    return Text(f"是否想写：{'、'.join(near)}？", f"Did you mean {', '.join(near)}?")


def _unique_clauses(packs: PackSet, sources: Sources) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for pack in packs:
        documents = {document.id for document in pack.documents}
        for file, place, clause_id, document in _clause_places(pack, sources):
            if clause_id in first:
                message = Text(
                    f"条款 {clause_id} 在 {first[clause_id]} 中已有。",
                    f"Clause {clause_id} already stands in {first[clause_id]}.",
                )
                yield _at(
                    sources, pack, file, place, message, Text("一个条款只写一处。", "Write each clause once.")
                )
            first[clause_id] = sources[pack.id][file].file
            if document not in documents:
                message = Text(
                    f"条款 {clause_id} 出自“{document}”，本政策包没有这份文件。",
                    f"Clause {clause_id} is of “{document}”, a document this pack does not have.",
                )
                fix = Text("请在 pack.yaml 的 documents 中登记。", "Name it under documents in pack.yaml.")
                yield _at(sources, pack, file, (*place, "document"), message, fix)


def _clause_places(pack: Pack, sources: Sources) -> Iterator[tuple[str, tuple[str | int, ...], str, str]]:
    for name, source in sources[pack.id].items():
        if name.startswith("clauses/") and isinstance(source.content, dict):
            for i, clause in enumerate(source.content["clauses"]):
                yield name, ("clauses", i), clause["id"], clause["document"]


def _references(packs: PackSet, sources: Sources) -> Iterator[Problem]:
    for pack in packs:
        inherited = {clause.id for clause in packs.clauses_for(pack.id)}
        for list_number, named in enumerate(pack.lists):
            if named.clause not in inherited:
                place = ("lists", list_number, "clause")
                yield _at(sources, pack, "lists.yaml", place, *_unknown_clause(named.clause, packs))
        for number, defect in enumerate(pack.defects):
            for clause_id in defect.clauses:
                if clause_id not in inherited:
                    place = ("defects", number, "clauses")
                    yield _at(sources, pack, "pack.yaml", place, *_unknown_clause(clause_id, packs))
        first: dict[str, RuleCard] = {}
        for card in pack.cards:
            if card.id in first:
                message = Text(
                    f"规则卡 {card.id} 在 {first[card.id].file}:{first[card.id].line} 中已有。",
                    f"Card {card.id} already stands in {first[card.id].file}:{first[card.id].line}.",
                )
                fix = Text("同一政策包内一条规则只写一张卡。", "Write a rule once in a pack.")
                yield Problem(card.file, card.line, f"{card.id}.id", message, fix)
            first.setdefault(card.id, card)
            yield from _card(packs, pack, card, inherited)


def _unknown_clause(clause_id: str, packs: PackSet) -> tuple[Text, Text]:
    message = Text(f"没有条款 {clause_id}。", f"There is no clause {clause_id}.")
    return message, _nearest(clause_id, packs.clause)


def _card(packs: PackSet, pack: Pack, card: RuleCard, inherited: set[str]) -> Iterator[Problem]:
    def at_card(key: str, message: Text, fix: Text) -> Problem:
        return Problem(card.file, card.line, f"{card.id}.{key}", message, fix)

    for clause_id in card.clauses:
        if clause_id not in inherited:
            yield at_card("clauses", *_unknown_clause(clause_id, packs))
    named = [(f"parameters.{key}", name) for key, name in card.parameters.items()]
    for place, name in [*named, *([("deadline", card.deadline)] if card.deadline else [])]:
        if name not in packs.parameters:
            message = Text(f"没有参数 {name}。", f"There is no parameter {name}.")
            yield at_card(place, message, _nearest(name, packs.parameters))
        elif name.split(".")[0] not in inherited:
            message = Text(
                f"参数 {name} 不在继承链上。", f"Parameter {name} is not of a pack that this one extends."
            )
            fix = Text("请引用本包或上级包的参数。", "Use one of this pack or its parents.")
            yield at_card(place, message, fix)
        elif any(value.type == "missing" for value in packs.parameters[name]):
            message = Text(
                f"参数 {name} 没有数值，规则无从核对。", f"Parameter {name} has no value to check against."
            )
            fix = Text("请先在条款中写明数值和生效日期。", "Give it a value and a date in its clause first.")
            yield at_card(place, message, fix)
    if card.deadline and card.deadline in packs.parameters:
        kinds = {p.type for p in packs.parameters[card.deadline]}
        if not kinds <= {"date", "year"}:
            message = Text(
                f"期限 {card.deadline} 不是日期或年份。", f"Deadline {card.deadline} is no date or year."
            )
            yield at_card(
                "deadline", message, Text("请引用日期型参数。", "Name a parameter of type date or year.")
            )
    if card.replaces and not any(
        card.id == other.id for p in packs.chain(pack.id)[:-1] if p.id == card.replaces for other in p.cards
    ):
        message = Text(
            f"上级包“{card.replaces}”没有名为 {card.id} 的规则卡。",
            f"The inherited pack “{card.replaces}” has no card {card.id}.",
        )
        yield at_card(
            "replaces",
            message,
            Text("请去掉 replaces，或写对政策包。", "Remove replaces or name the right pack."),
        )


def _dates(packs: PackSet, sources: Sources) -> Iterator[Problem]:
    for values in packs.parameters.values():
        for earlier, later in pairwise(values):
            if earlier.period.overlaps(later.period):
                pack = packs.packs[packs.clause[later.clause].pack]
                file, place = _place_of(pack, sources, later.clause)
                message = Text(
                    f"参数 {later.name} 有两个同时有效的值（{earlier.period} 与 {later.period}）。",
                    f"Parameter {later.name} has two values at once ({earlier.period} and {later.period}).",
                )
                fix = Text("请给较早的值写上 to。", "Give the earlier one a 'to'.")
                yield _at(sources, pack, file, place, message, fix)


def _place_of(pack: Pack, sources: Sources, clause_id: str) -> tuple[str, tuple[str | int, ...]]:
    return next(
        (file, place) for file, place, found, _ in _clause_places(pack, sources) if found == clause_id
    )
