"""Looking at a set of changes before anybody decides: what it would do, who decides, and what else would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tiercare.apps.ledger import queries as clock
from tiercare.engines.policy import PackSet, Verdict
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ... import models
from ...queries import drafts
from ...queries.candidates import other_institutions, other_parents, present_joinings
from ...rules.approval import Approval, consented
from ...rules.drafting import Change
from ...rules.entries import Entry
from ...rules.facts import Role
from ...rules.registers import AGREEMENTS, JOININGS, MEMBERSHIPS, Op
from ...rules.reorganising.present import ended, numbered
from ...rules.sentences import RowChange
from ...workflow import Act, State
from ..trying import Considered, consider
from .shared import Weighed, area_name, may_propose, weigh, why_not

# So many other candidates are tried (each is a look at the network before and after), so many are told.
_TRIED_AT_MOST = 10
_TOLD_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Examined:
    """What a change would do, as if it were decided today: ``rows`` one by one, ``considered`` against the
    cards, ``approval`` who decides, in the area called ``area``."""

    change: Change
    on: date
    pack_id: str
    region: str
    rows: tuple[RowChange, ...]
    considered: Considered
    approval: Approval
    area: str

    @property
    def clean(self) -> bool:
        """True if nothing speaks against it."""
        return not self.considered.problems and not self.considered.broken


def examine(change: Change, *, region: str, packs: PackSet | None = None) -> Examined:
    """What ``change`` would do to ``region``; nothing of it stays. Consent that an approval would give is taken
    as given, and rights are not asked: who may do it is told by ``approval`` and by the buttons.

    Raises:
        Refused: if the region has no pack.
    """
    weighed = weigh(change, region, packs)
    considered = _considered(weighed, change.entries, packs)
    ready = tuple(entry for entry, _ in considered.written.touched.rows)
    rows = drafts.row_changes(ready) if ready != change.entries else weighed.rows
    return Examined(
        change,
        weighed.on,
        weighed.pack_id,
        region,
        rows,
        considered,
        weighed.approval,
        area_name(weighed.approval.division, weighed.on),
    )


def _considered(weighed: Weighed, entries: Sequence[Entry], packs: PackSet | None) -> Considered:
    return consider(
        Actor.system("preview"),
        consented(entries, known=weighed.known, decided_on=clock.today(), by=""),
        pack_id=weighed.pack_id,
        on=weighed.on,
        packs=packs,
    )


def proposed(actor: Actor, examined: Examined) -> Mapping[Act, Refusal | None]:
    """Why the actor may not submit these changes, or put them into effect, if so: for the buttons of a form."""
    forbidden = may_propose(actor, examined.region)
    draft = models.Application(
        region=examined.region,
        state=State.DRAFT,
        applicant_id=actor.account_id,
        applicant_name=actor.name,
        institution_id=actor.institution_id,
        decided_by_division=examined.approval.division,
    )
    return {
        act: forbidden or why_not(actor, draft, act, examined.approval) for act in (Act.SUBMIT, Act.APPLY)
    }


@dataclass(frozen=True, slots=True)
class Alternative:
    """Rows instead of those that were refused; ``told`` says what is different, ``code`` names the other choice
    in place of ``old`` (both alike: the same choice in place of what stands), ``remaining`` are cards that it
    would still break, fewer than before."""

    entries: tuple[Entry, ...]
    told: Text
    old: str
    code: str
    remaining: tuple[Verdict, ...]


def alternatives(examined: Examined, *, packs: PackSet | None = None) -> tuple[Alternative, ...]:
    """What would be allowed (or break less) in place of a membership or joining that a card refuses: the same
    with another hospital or consortium of that kind, or in place of what stands. At most five."""
    if examined.considered.problems or not examined.considered.broken:
        return ()
    broken = {verdict.card.key for verdict in examined.considered.broken}
    weighed = weigh(examined.change, examined.region, packs)
    found: list[Alternative] = []
    for n, (told, old, code, entries) in enumerate(_others(examined)):
        if n >= _TRIED_AT_MOST or len([a for a in found if not a.remaining]) >= _TOLD_AT_MOST:
            break
        tried = _considered(weighed, entries, packs)
        left = {verdict.card.key for verdict in tried.broken}
        if not tried.problems and left < broken:
            found.append(Alternative(numbered(entries), told, old, code, tried.broken))
    found.sort(key=lambda a: len(a.remaining))
    return tuple(found[:_TOLD_AT_MOST])


_Other = tuple[Text, str, str, tuple[Entry, ...]]


def _others(examined: Examined) -> Iterator[_Other]:
    """Other sets of rows to try, the nearest first."""
    entries = examined.change.entries
    for entry in entries:
        if entry.op is Op.PUT and entry.day("to") is None:
            if entry.register == JOININGS.key:
                yield from _other_joinings(examined, entry)
            elif entry.register == MEMBERSHIPS.key:
                yield from _other_members(examined, entry)


def _other_joinings(examined: Examined, entry: Entry) -> Iterator[_Other]:
    """In place of what stands, then with others of the kind."""
    entries, on = examined.change.entries, examined.on
    standing = present_joinings(entry.text("child"), like=entry.text("parent"), on=on)
    if standing:
        names = drafts.names_of([*standing, entry], on=on)
        called = "、".join(names[("consortium", row.text("parent"))] for row in standing)
        gone = tuple(ended(row, on) for row in standing)
        yield (
            Text(
                f"先自 {on} 起退出“{called}”，再加入“{names[('consortium', entry.text('parent'))]}”",
                f"Leave “{called}” on {on}, then join “{names[('consortium', entry.text('parent'))]}”",
            ),
            entry.text("parent"),
            entry.text("parent"),
            (*gone, *entries),
        )
    for other in other_parents(entry.text("parent"), entry.text("child"), on=on, limit=_TRIED_AT_MOST):
        told = Text(f"改为加入“{other.name}”", f"Join “{other.name}” instead")
        yield (
            told,
            entry.text("parent"),
            other.code,
            _instead(entries, entry, "parent", other.code, other.lead),
        )


def _other_members(examined: Examined, entry: Entry) -> Iterator[_Other]:
    role = Role(entry.text("role"))
    others = other_institutions(
        entry.text("institution"),
        consortium=entry.text("consortium"),
        role=role,
        on=examined.on,
        limit=_TRIED_AT_MOST,
        specialty=_specialty(examined.change.entries, entry.text("consortium")),
    )
    named = {e.text("institution") for e in examined.change.entries if e.register == MEMBERSHIPS.key}
    for other in others:
        if other.code not in named:
            told = Text(f"改选{other.name}", f"{other.name} instead")
            yield (
                told,
                entry.text("institution"),
                other.code,
                _instead(examined.change.entries, entry, "institution", other.code, other.code),
            )


def _specialty(entries: Sequence[Entry], consortium: str) -> str:
    """The specialty of an alliance that the same rows form."""
    return next((e.text("specialty") for e in entries if e.text("code") == consortium), "")


def _instead(entries: Sequence[Entry], entry: Entry, column: str, code: str, signs: str) -> tuple[Entry, ...]:
    """The rows with ``code`` in place of what stands in ``column``; an agreement that comes along is signed by
    ``signs`` in place of whoever signed for it."""
    old = entry.text(column)
    others = []
    for row in entries:
        if row is entry:
            others.append(replace(row, values={**row.values, column: code}))
        elif row.register == AGREEMENTS.key and row.text("consortium") == old and column == "parent":
            values = {**row.values, "consortium": code, "parties": (signs, *row.several("parties")[1:])}
            others.append(replace(row, values=values))
        else:
            others.append(row)
    return tuple(others)
