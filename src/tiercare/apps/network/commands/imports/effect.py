"""What a set of rows would do to the rule cards, as plain JSON values: for the page, the command line and the API.

The shape is documented in docs/import.md; what stands there stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import Finding, PackSet, Parameter, Verdict
from tiercare.kernel.text import Text

from ... import models, queries
from ...queries.answers import plain
from ...rules.entries import Entry
from ...rules.registers import REGISTERS
from ..trying import Considered

_PARTS = ("broken", "worsened", "healed")
_INSTITUTIONS = ("institution", "trustee", "entrusted", "debtor", "creditor")
_CONSORTIA = ("consortium", "parent", "child")


@dataclass(frozen=True, slots=True)
class _Found:
    """A finding with the verdict that holds it and the first day on which it does."""

    verdict: Verdict
    finding: Finding


def effect_of(considered: Considered, *, pack_id: str, packs: PackSet | None = None) -> dict[str, Any]:
    """Which cards these rows break, worsen and heal: each finding once, on the first day on which it appears."""
    known = packs or mandates.packs()
    found = {
        part: _each(verdict for _, day in considered.days for verdict in getattr(day, part))
        for part in _PARTS
    }
    everything = [one for ones in found.values() for one in ones]
    rows = _Rows(considered.written.touched.rows, everything)
    return {
        "pack": pack_id,
        "days": [day.isoformat() for day in sorted({day for day, _ in considered.days})],
        **{part: _cards(known, ones, rows) for part, ones in found.items()},
    }


def _each(verdicts: Iterable[Verdict]) -> list[_Found]:
    """Days come in order, so the first one stays."""
    found: dict[tuple[str, tuple[str, ...]], _Found] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            found.setdefault((verdict.card.key, finding.links), _Found(verdict, finding))
    return list(found.values())


def _cards(packs: PackSet, found: Sequence[_Found], rows: _Rows) -> list[dict[str, Any]]:
    by_card: dict[str, list[_Found]] = {}
    for one in found:
        by_card.setdefault(one.verdict.card.key, []).append(one)
    return [_card(packs, ones, rows) for _, ones in sorted(by_card.items())]


def _card(packs: PackSet, found: Sequence[_Found], rows: _Rows) -> dict[str, Any]:
    verdict = found[0].verdict
    card = verdict.card
    return {
        "card": card.id,
        "pack": card.pack,
        "state": verdict.state.value,
        "force": card.force.value,
        "waivable": card.waivable,
        "sentence": both(card.sentence),
        "clauses": list(card.clauses),
        "parameters": {name: _parameter(packs, value) for name, value in verdict.parameters.items()},
        "deadline": verdict.deadline.isoformat() if verdict.deadline else None,
        "findings": [_finding(one, rows) for one in found],
    }


def _parameter(packs: PackSet, parameter: Parameter) -> dict[str, Any]:
    document = packs.document[packs.clause[parameter.clause].document]
    return {
        "value": plain(parameter.value),
        "op": parameter.op,
        "clause": parameter.clause,
        "document": document.id,
        "number": document.number,
        "title": both(document.title),
    }


def _finding(one: _Found, rows: _Rows) -> dict[str, Any]:
    verdict, finding = one.verdict, one.finding
    return {
        "on": verdict.on.isoformat(),
        "subject": rows.named(finding.subject),
        "links": [rows.link(key) for key in dict.fromkeys((finding.subject, *finding.links))],
        "message": {language: verdict.sentence(finding, language) for language in ("zh", "en")},
        "remedy": {language: verdict.remedy(finding, language) for language in ("zh", "en")},
        "rows": rows.of(one),
    }


class _Rows:
    """Which rows a finding is about, and what its keys are called.

    What the rows would make has had an id only while they were tried; such a key is told by the name in the
    finding's sentence.
    """

    def __init__(self, rows: Iterable[tuple[Entry, str]], found: Iterable[_Found]) -> None:
        self._changed = [(entry, things_of(entry)) for entry, came_to in rows if came_to != "unchanged"]
        self._made = {
            (_kind(entry), entry.text("code")): entry.text("name")
            for entry, came_to in rows
            if came_to == "created" and _kind(entry)
        }
        self._codes = _codes({key for one in found for key in (one.finding.subject, *one.finding.links)})
        self._names = _names(found)
        self._new = {key: pair for one in found for key, pair in self._told_by_name(one).items()}

    def _told_by_name(self, one: _Found) -> dict[str, tuple[str, str]]:
        """Keys of this finding that stand for nothing on record: the rows that make what the sentence names."""
        sentence = one.verdict.sentence(one.finding)
        said = [pair for pair, name in self._made.items() if name and name in sentence]
        told: dict[str, tuple[str, str]] = {}
        for key in dict.fromkeys((one.finding.subject, *one.finding.links)):
            kind = key.partition(":")[0]
            if key in self._codes or kind not in {"institution", "consortium"}:
                continue
            fitting = [pair for pair in said if pair[0] == kind and pair not in told.values()]
            if fitting:
                told[key] = fitting[0]
        return told

    def _pair(self, key: str) -> tuple[str, str]:
        kind, _, rest = key.partition(":")
        return self._codes.get(key) or self._new.get(key) or (kind, rest)

    def named(self, key: str) -> str:
        """The key with a code instead of the database's id: ``consortium:wuhu-jinghu-group``."""
        return ":".join(self._pair(key))

    def link(self, key: str) -> dict[str, str]:
        """A key with its code and name; ``key`` is the database's id, empty for what is not on record yet."""
        kind, code = self._pair(key)
        name = self._names.get(key) or self._made.get((kind, code)) or code
        there = key in self._codes or kind not in {"institution", "consortium"}
        return {"kind": kind, "key": key.partition(":")[2] if there else "", "code": code, "name": name}

    def of(self, one: _Found) -> list[str]:
        """Places of the rows that the finding is about: those that name nothing but what it is about; else those
        that name its subject; else those that name anything of it."""
        keys = (one.finding.subject, *one.finding.links)
        about = {self._pair(key) for key in keys}
        subject = self._pair(one.finding.subject)
        exact = [e.place for e, things in self._changed if len(things) > 1 and things <= about]
        near = [e.place for e, things in self._changed if subject in things or (things and things <= about)]
        any_at_all = [e.place for e, things in self._changed if things & about]
        return list(dict.fromkeys(exact or near or any_at_all))


def _kind(entry: Entry) -> str:
    return {"institutions": "institution", "consortia": "consortium"}.get(entry.register, "")


def things_of(entry: Entry) -> frozenset[tuple[str, str]]:
    """Kind and code of everything that a row names; governments and own areas as ``area``."""
    things = {("institution", entry.text(key)) for key in _INSTITUTIONS}
    things |= {("consortium", entry.text(key)) for key in _CONSORTIA}
    things |= {("institution", word) for word in entry.several("parties")}
    if _kind(entry):
        things.add((_kind(entry), entry.text("code")))
    things = {
        ("area", code.removeprefix("gov:")) if code.startswith("gov:") else (kind, code)
        for kind, code in things
        if code
    }
    return frozenset(things)


def _codes(keys: set[str]) -> dict[str, tuple[str, str]]:
    """Kind and code of what is on record, by key."""
    found: dict[str, tuple[str, str]] = {}
    for kind, model in (("institution", models.Institution), ("consortium", models.Consortium)):
        ids = [UUID(key.partition(":")[2]) for key in keys if key.startswith(f"{kind}:")]
        if ids:
            rows = model._default_manager.filter(id__in=ids).values_list("id", "slug")
            found |= {f"{kind}:{key}": (kind, slug) for key, slug in rows}
    return found


def _names(found: Iterable[_Found]) -> dict[str, str]:
    """What things are called on the day of their finding."""
    by_day: dict[date, set[str]] = {}
    for one in found:
        by_day.setdefault(one.verdict.on, set()).update((one.finding.subject, *one.finding.links))
    names: dict[str, str] = {}
    for day, keys in sorted(by_day.items()):
        names = queries.things_named(keys, on=day) | names
    return names


def counts_of(rows: Iterable[tuple[Entry, str]]) -> dict[str, dict[str, int]]:
    """How many rows of each register are created, changed, left as they are and voided."""
    counts = {key: dict.fromkeys(("created", "changed", "unchanged", "voided"), 0) for key in REGISTERS}
    for entry, came_to in rows:
        counts[entry.register][came_to] += 1
    return counts


def both(text: Text) -> dict[str, str]:
    """A finished sentence in both languages."""
    return {"zh": text.zh, "en": text.en}
