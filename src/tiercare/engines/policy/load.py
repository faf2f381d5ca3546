"""Read pack folders, check them against each other, and answer a ``PackSet`` or every problem at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from . import crosscheck, schema
from .model import (
    Clause,
    Defect,
    Document,
    Example,
    Force,
    NamedList,
    Pack,
    PackSet,
    Parameter,
    RuleCard,
    Value,
)
from .reader import Problem, Source, read

S = TypeVar("S", bound=schema.Shape)


class PackErrors(Exception):
    """One or more packs cannot be used; ``problems`` name file, line, key and fix."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.sentence("en") for problem in problems))


def own_folder() -> Path:
    """Where the packs that come with Tiercare lie."""
    return Path(str(files("tiercare") / "policies"))


def load_packs(extra: Iterable[Path] = (), own: Path | None = None) -> PackSet:
    """Load our packs and those in ``extra``; a pack in ``extra`` takes the place of ours with the same id.

    Each path in ``extra`` is a pack (it holds ``pack.yaml``) or a folder of packs.

    Raises:
        PackErrors: with every problem found, not only the first.
    """
    problems: list[Problem] = []
    readings: dict[str, _Reading] = {}
    for base in (own or own_folder(), *extra):
        here: dict[str, Path] = {}
        for folder in _pack_folders(base, problems):
            reading = _Reading(folder, problems)
            head = reading.read()
            if head is None:
                continue
            if head.id in here:
                problems.append(reading.problem("pack.yaml", "id", *_twice(head.id, str(here[head.id]))))
                continue
            here[head.id] = folder
            readings[head.id] = reading
    forces = {clause.id: clause.force for reading in readings.values() for clause in reading.clauses}
    packs = PackSet({key: reading.pack(forces) for key, reading in readings.items()})
    if not problems:
        problems += crosscheck.problems(packs, {key: reading.sources for key, reading in readings.items()})
    if problems:
        raise PackErrors(problems)
    return packs


def _twice(pack_id: str, other: str) -> tuple[Text, Text]:
    return (
        Text(f"政策包“{pack_id}”在 {other} 中已有。", f"Pack “{pack_id}” already stands in {other}."),
        Text("请改用另一个 id。", "Use another id."),
    )


def _pack_folders(base: Path, problems: list[Problem]) -> list[Path]:
    if (base / "pack.yaml").is_file():
        return [base]
    found = sorted(p.parent for p in base.glob("*/pack.yaml")) if base.is_dir() else []
    if not found:
        problems.append(
            Problem(
                str(base),
                1,
                "--packs",
                Text("这里没有政策包。", "There is no policy pack here."),
                Text(
                    "请给出含 pack.yaml 的文件夹，或其上级文件夹。",
                    "Name a folder with a pack.yaml, or the folder above it.",
                ),
            )
        )
    return found


@dataclass
class _Reading:
    """One pack being read; problems collect in the list it was given."""

    folder: Path
    problems: list[Problem]
    sources: dict[str, Source] = field(default_factory=dict)
    head: schema.PackShape | None = None
    clauses: list[schema.ClauseShape] = field(default_factory=list)
    cards: list[tuple[str, schema.CardsShape | None]] = field(default_factory=list)
    lists: schema.ListsShape | None = None

    def read(self) -> schema.PackShape | None:
        """Read every file; the head, or ``None`` if that one cannot be used."""
        self.head = self._read("pack.yaml", schema.PackShape)
        clause_files = [self._read(name, schema.ClausesShape) for name in self._names("clauses")]
        self.clauses = [clause for part in clause_files if part for clause in part.clauses]
        self.cards = [(name, self._read(name, schema.CardsShape)) for name in self._names("cards")]
        if (self.folder / "lists.yaml").is_file():
            self.lists = self._read("lists.yaml", schema.ListsShape)
        return self.head

    def pack(self, forces: Mapping[str, Force]) -> Pack:
        """What was read, as a pack; ``forces`` are those of every clause of every pack."""
        head = self.head
        assert head is not None, "only a reading with a head becomes a pack"
        return Pack(
            id=head.id,
            extends=head.extends,
            region=head.region,
            level=head.level,
            name=head.name.text,
            documents=tuple(_document(shape, head.id) for shape in head.documents),
            clauses=tuple(_clause(shape, head.id) for shape in self.clauses),
            lists=tuple(_named_list(shape, head.id) for shape in self.lists.lists) if self.lists else (),
            cards=tuple(
                self._card(card, head.id, name, i, forces)
                for name, part in self.cards
                if part
                for i, card in enumerate(part.cards)
            ),
            defects=tuple(Defect(d.id, tuple(d.clauses), d.text.text, head.id) for d in head.defects),
            folder=str(self.folder),
            digest=self._digest(),
        )

    def problem(self, name: str, key: str, message: Text, fix: Text) -> Problem:
        source = self.sources.get(name)
        line = source.line(tuple(key.split("."))) if source else 1
        return Problem(self._shown(name), line, key, message, fix)

    def _shown(self, name: str) -> str:
        return f"{self.folder.name}/{name}"

    def _names(self, part: str) -> list[str]:
        return sorted(f"{part}/{path.name}" for path in (self.folder / part).glob("*.yaml"))

    def _read(self, name: str, shape: type[S]) -> S | None:
        source, problems = read(self.folder / name, self._shown(name))
        self.sources[name] = source
        if problems:
            self.problems += problems
            return None
        checked, problems = schema.check(shape, source)
        self.problems += problems
        return checked

    def _card(
        self, shape: schema.CardShape, pack: str, name: str, position: int, forces: Mapping[str, Force]
    ) -> RuleCard:
        """A card speaks as strongly as its first clause, which may be inherited, unless it says otherwise."""
        source = self.sources[name]
        line = source.line(("cards", position))
        return RuleCard(
            id=shape.id,
            pack=pack,
            app=shape.app,
            sentence=shape.sentence.text,
            clauses=tuple(shape.clauses),
            force=shape.force
            or forces.get(shape.clauses[0], Force.MUST),  # an unknown clause is refused later
            period=Period(shape.in_force_from, shape.in_force_to),
            parameters=dict(shape.parameters),
            deadline=shape.deadline,
            message=shape.message.text,
            remedy=shape.remedy.text,
            constraint=shape.constraint,
            replaces=shape.replaces,
            approval_before_change=shape.approval_before_change,
            examples=tuple(
                Example(e.name, e.on, e.facts, e.verdict, source.line(("cards", position, "examples", i)))
                for i, e in enumerate(shape.examples)
            ),
            file=self._shown(name),
            line=line,
        )

    def _digest(self) -> str:
        """Of everything that the pack says, indicators, scorecards and guidelines too; what it lays down as a region is data."""
        sha = hashlib.sha256()
        said = (path.relative_to(self.folder) for path in self.folder.rglob("*.yaml"))
        for name in sorted(path.as_posix() for path in said if path.parts[0] != "region"):
            sha.update(name.encode() + b"\0" + (self.folder / name).read_bytes())
        return sha.hexdigest()


def _document(shape: schema.DocumentShape, pack: str) -> Document:
    return Document(
        id=shape.id,
        title=shape.title.text,
        number=shape.number,
        issued_by=shape.issued_by.text,
        in_force_from=shape.in_force_from,
        dated_by_text=shape.date_basis == "text",
        note=shape.note.text if shape.note else None,
        pack=pack,
    )


def _clause(shape: schema.ClauseShape, pack: str) -> Clause:
    return Clause(
        id=shape.id,
        document=shape.document,
        section=shape.section,
        gist=shape.gist.text,
        kind=shape.kind,
        capability=shape.capability,
        force=shape.force,
        parameters=tuple(
            Parameter(shape.id, p.key, p.op, _value(p.value), p.type, Period(p.start, p.end))
            for p in shape.parameters
        ),
        responsible=tuple(shape.responsible),
        supporting=tuple(shape.supporting),
        cites=tuple(shape.cites),
        pack=pack,
    )


def _value(value: object) -> Value:
    if isinstance(value, list):
        return tuple(_value(item) for item in value)
    if value is None or isinstance(value, bool | int | float | str | date):
        return value
    raise TypeError(f"the schema let {value!r} through")  # a mapping cannot pass ParameterShape


def _named_list(shape: schema.ListShape, pack: str) -> NamedList:
    return NamedList(
        id=shape.id,
        clause=shape.clause,
        name=shape.name.text,
        items=tuple(item.text for item in shape.items),
        defined_in_text=shape.defined_in_text,
        pack=pack,
    )
