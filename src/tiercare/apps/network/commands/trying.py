"""Try changes, hold the network against its cards, keep them or take them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet, Verdict
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models, queries, rules
from ..rules.entries import Entry
from ..rules.registers import OWN_REGISTERS
from .fences import fenced
from .judging import lock_prefectures
from .registers import Checked as CheckedRows
from .registers import RowProblem, Written, check_entries, write_entries

# A set of rows is held against the cards on the asked day and on the first and last days of its later rows, so many
# at most (the last one always): each costs a look at the prefectures it touches.
DAYS_LOOKED_AT = 6
_TOLD_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Considered:
    """What a set of rows would do: rows that cannot be taken, what the rest would write, and on each day looked
    at what it breaks, worsens and heals."""

    problems: tuple[RowProblem, ...]
    written: Written
    days: tuple[tuple[date, queries.Difference], ...]

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """Cards that would be violated: what refuses the change."""
        return _each(day.broken for _, day in self.days)

    @property
    def worsened(self) -> tuple[Verdict, ...]:
        """Targets and advice that would stand worse; they refuse nothing."""
        return _each(day.worsened for _, day in self.days)

    @property
    def healed(self) -> tuple[Verdict, ...]:
        """Cards that would no longer find what they find now."""
        return _each(day.healed for _, day in self.days)


def _each(days: Iterable[tuple[Verdict, ...]]) -> tuple[Verdict, ...]:
    """Each card once, as on the first day on which it finds something, with what it finds on later days."""
    found: dict[str, Verdict] = {}
    for verdicts in days:
        for verdict in verdicts:
            kept = found.setdefault(verdict.card.key, verdict)
            known = {finding.links for finding in kept.findings}
            later = tuple(finding for finding in verdict.findings if finding.links not in known)
            found[verdict.card.key] = replace(kept, findings=(*kept.findings, *later))
    return tuple(found.values())


def consider(
    actor: Actor, entries: Sequence[Entry], *, pack_id: str, on: date, packs: PackSet | None = None
) -> Considered:
    """What these rows would do to the area of ``pack_id``; nothing of it stays.

    ``packs`` takes the place of the installed ones. What a constraint of the database would refuse at once is
    let pass here, so that the cards can say it in their words, all at once.

    Raises:
        Refused: if there is no such pack.
    """
    region = _region(pack_id, packs)
    checked = check_entries(actor, entries, region=region)
    days, parts = _days(checked.ready, on), _parts(checked.ready, region)
    with transaction.atomic():
        kept = transaction.savepoint()
        written = write_entries(checked.ready)
        after = _networks(region, days, parts)
        transaction.savepoint_rollback(kept)
        before = _networks(region, days, parts)
    return Considered(checked.problems, written, _differences(pack_id, before, after, packs))


@transaction.atomic
def take_over(
    actor: Actor,
    entries: Sequence[Entry],
    *,
    pack_id: str,
    on: date,
    subject_type: str = "region",
    subject_id: UUID | None = None,
) -> Written:
    """Write these rows, all of them or none, and record it.

    ``subject_type`` and ``subject_id`` name what they came from (an import, a draft); else it is the region.

    Raises:
        Refused: with every row that cannot be taken; with every card that would be violated; or for a shape
            that the database forbids.
    """
    region = _region(pack_id, None)
    checked = check_entries(actor, entries, region=region, deciding=True)
    if checked.problems:
        raise Refused(*_row_refusals(checked))
    days, parts = _days(checked.ready, on), _parts(checked.ready, region)
    lock_prefectures(parts)
    before = _networks(region, days, parts)
    with fenced():
        written = write_entries(checked.ready)
        after = _networks(region, days, parts)
        considered = Considered((), written, _differences(pack_id, before, after, None))
        if considered.broken:
            raise Refused(*(r for verdict in considered.broken for r in card_refusals(verdict)))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _report(actor, checked.ready)
    ledger.append(
        actor,
        events.RegistersChanged(
            created=written.created,
            changed=written.changed,
            voided=written.voided,
            rows=tuple(
                f"{e.register} {e.place} {word}"
                for e, word in written.touched.rows[:100]
                if word != "unchanged"
            ),
        ),
        subject_type=subject_type,
        subject_id=subject_id or stable_id("region", pack_id),
        institution_id=actor.institution_id,
        division_code=region or None,
    )
    return written


def _region(pack_id: str, packs: PackSet | None) -> str:
    known = packs or mandates.packs()
    pack = known.find(pack_id)
    if pack is None:
        raise Refused(mandates.region_without_pack(pack_id))
    return "" if pack.region == "00" else pack.region


def _days(entries: Iterable[Entry], on: date) -> tuple[date, ...]:
    ends = {entry.day("to") for entry in entries if entry.register in _ENDING}
    later = sorted(day for day in {entry.start for entry in entries} | (ends - {None}) if day and day > on)
    return (on, *later[: DAYS_LOOKED_AT - 2], *later[DAYS_LOOKED_AT - 2 :][-1:])


def _parts(entries: Iterable[Entry], region: str) -> set[str]:
    """The prefectures (or the one smaller region) whose verdict the rows can change."""
    things, papers, codes = set(), set(), set()
    for entry in entries:
        things |= {entry.text(key) for key in _NAMING}
        papers.add(entry.text("code" if entry.register == "agreements" else "agreement"))
        codes.add(entry.text("division"))
        if entry.register in _OWN_CODE:
            things.add(entry.text("code"))
    return _within({*codes, *queries.divisions_of(things - {""}, papers - {""})} - {""}, region)


_NAMING = ("institution", "consortium", "parent", "child", "trustee", "entrusted")
_OWN_CODE = frozenset({"institutions", "consortia"})


def _within(divisions: Iterable[str], region: str) -> set[str]:
    """As parts of the region: its prefectures, or the region itself where it is no larger than one."""
    inside = {code for code in divisions if code.startswith(region)}
    return {region} if len(region) >= 4 else {code[:4] for code in inside}


# Whose last day is a change by itself; a paper's term runs out one day, and is renewed before.
_ENDING = frozenset({"institutions", "consortia", "memberships", "joinings"})
_Networks = dict[tuple[date, str], rules.Network]


def _networks(region: str, days: Iterable[date], parts: Iterable[str]) -> _Networks:
    narrowed = {part: part if len(region) < 4 else "" for part in sorted(parts)}
    return {
        (day, part): queries.network_facts(
            region, on=day, part=narrowed[part], heads=frozenset() if narrowed[part] else None
        )
        for day in days
        for part in narrowed
    }


def _differences(
    pack_id: str, before: _Networks, after: _Networks, packs: PackSet | None
) -> tuple[tuple[date, queries.Difference], ...]:
    return tuple(
        (day, queries.difference(pack_id, before[day, part], facts, on=day, packs=packs))
        for (day, part), facts in after.items()
    )


def _report(actor: Actor, entries: Iterable[Entry]) -> None:
    """Every register that somebody kept is fresh again, whether or not a row of it changed."""
    named = {
        (e.text("institution") or e.text("code"), e.register) for e in entries if e.register in _REPORTED
    }
    ids = dict(
        models.Institution.objects.filter(slug__in={slug for slug, _ in named}).values_list("slug", "id")
    )
    models.Reported.objects.bulk_create(
        [
            models.Reported(institution_id=ids[slug], register=register, at=clock.now(), by=actor.name)
            for slug, register in sorted(named)
            if slug in ids
        ],
        update_conflicts=True,
        unique_fields=["institution", "register"],
        update_fields=["at", "by"],
        batch_size=1000,
    )


_REPORTED = frozenset({"institutions", *OWN_REGISTERS})


def _row_refusals(checked: CheckedRows) -> list[Refusal]:
    told = [
        Refusal(
            code="row_cannot_be_taken",
            message=_plain(f"{p.place}：{p.message.zh}", f"{p.place}: {p.message.en}"),
            instead=_plain(p.fix.zh, p.fix.en),
            at=p.place,
            status=422,
        )
        for p in checked.problems[:_TOLD_AT_MOST]
    ]
    more = len(checked.problems) - len(told)
    if more > 0:
        told.append(
            Refusal(
                code="more_rows_cannot_be_taken",
                message=Text("另有 {more} 行不能登记。", "{more} more rows cannot be taken."),
                instead=Text("请先更正以上各行，再检查一次。", "Mend those above first, then check again."),
                fields={"more": more},
                status=422,
            )
        )
    return told


@contextmanager
def tried(actor: Actor, right: Right, division: str, *, on: date) -> Iterator[None]:
    """Around one change in ``division`` that takes effect on ``on``; the region whose pack is in force there
    is held against its cards.

    Must run inside the command's transaction, which a refusal rolls back.

    Raises:
        Refused: if the actor may not, the database's shape forbids it, or a binding or 原则上 card that held
            before would be violated (with that card's message, remedy and clauses).
    """
    refusal = may(actor, right, division=division)
    if refusal:
        raise Refused(refusal)
    pack_id = mandates.pack_in_force(division, on=on)
    region = _region(pack_id, None)
    lock_prefectures([division])
    (part,) = _within([division], region)
    before = _networks(region, [on], [part])
    with fenced():
        yield
    after = _networks(region, [on], [part])
    broken = queries.difference(pack_id, before[on, part], after[on, part], on=on).broken
    if broken:
        raise Refused(*(refusal for verdict in broken for refusal in card_refusals(verdict)))


def card_refusals(verdict: Verdict) -> list[Refusal]:
    """A violated card as refusals, one a finding, in the card's own words."""
    waivable = verdict.card.waivable
    return [
        Refusal(
            code=verdict.card.id,
            message=_plain(verdict.sentence(f), verdict.sentence(f, "en")),
            instead=_plain(
                verdict.remedy(f) + ("（原则性规定，可由卫生健康行政部门批准例外。）" if waivable else ""),
                verdict.remedy(f, "en")
                + (" (In principle only: the commission may waive it.)" if waivable else ""),
            ),
            clauses=verdict.card.clauses,
            status=422,
        )
        for f in verdict.findings
    ]


def _plain(zh: str, en: str) -> Text:
    """Finished sentences: a brace in a name must not be taken for a field."""
    return Text(zh.replace("{", "{{").replace("}", "}}"), en.replace("{", "{{").replace("}", "}}"))
