"""Random people do random things to matters, in the real database as the application role: exactly what the table gives them is
done, whatever is open has an owner and a day, entries are only added, strangers see nothing; and two at once, of whom one wins."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands import supervision
from tiercare.apps.evaluation.models import Entry, Matter
from tiercare.apps.evaluation.queries import matter, matters
from tiercare.apps.evaluation.queries.matters import Wanted
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import OPEN, OVER, WITH_WORDS, Act, Leg, Side, State, step
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.racing import Desks, at_once, desks
from ..capacity.racing import site as committed_site
from ..residents.care import later, synthetic_clock
from ..residents.conftest import Site, site
from .supervised import SYSTEM, Parties, file, parties, stored, today

__all__ = ["committed_site", "desks", "parties", "site", "synthetic_clock"]
_ACTS = [each for each in Act if each not in (Act.ISSUE, Act.ESCALATE)]
_STEPS = 220


def entries(key: UUID) -> list[tuple[object, ...]]:
    with scoped(SYSTEM, area="*"):
        rows = Entry.objects.filter(matter_id=key).order_by("at", "id")
        return [
            (e.id, e.act, e.state, e.by_name, e.words, json.dumps(e.figures, sort_keys=True)) for e in rows
        ]


def unseen(actor: Actor, key: UUID) -> bool:
    """Whether it is not there for somebody, by page and by row."""
    with scoped(actor, area=actor.division_code or "" if actor.institution_id is None else ""):
        by_row = Matter.objects.filter(id=key).exists() or Entry.objects.filter(matter_id=key).exists()
    try:
        matter(actor, matter_id=key)
    except Refused as refused:
        return not by_row and refused.refusals[0].code == "evaluation.no_such_matter"
    return False


@pytest.mark.parametrize("seed", range(6))
def test_exactly_the_steps_of_the_table_are_done(parties: Parties, seed: int) -> None:
    dice, counted = Random(seed), Counter[str]()
    actors = {
        "city": parties.city,
        "member": parties.member,
        "stranger": parties.stranger,
        "elsewhere": parties.elsewhere,
    }
    known: dict[UUID, State] = {}
    history: dict[UUID, list[tuple[object, ...]]] = {}

    def issued() -> UUID:
        inspection = parties.inspection()
        mending = supervision.rectify(
            parties.city, matter_id=inspection, entry_id=parties.finding(inspection, severity="minor")
        )
        known[mending], history[mending] = State.OPEN, entries(mending)
        return mending

    issued()
    for _ in range(_STEPS):
        if dice.random() < 0.06 or all(each in OVER for each in known.values()):
            issued()
        key = dice.choice(list(known))
        who, act, told = dice.choice(list(actors)), dice.choice(_ACTS), dice.random() < 0.85
        if dice.random() < 0.5:  # otherwise most tries meet a refusal
            open_ones = [each for each, state in known.items() if state in OPEN]
            key = dice.choice(open_ones or [key])
            who = dice.choice(["city", "member"])
        row = step(known[key], act, Leg.DONE)
        sides = {"city": Side.ISSUER, "member": Side.OWNER}
        words = told or act not in WITH_WORDS
        day = today() + timedelta(days=dice.randrange(1, 30)) if act is Act.EXTEND and told else None
        allowed = (
            row is not None
            and sides.get(who) is row.by
            and words
            and (act is not Act.EXTEND or day is not None)
        )
        try:
            after = commands.act(
                actors[who], matter_id=key, act=act, said=Said("示例说明" if told else "", due_on=day)
            )
        except Refused as refused:
            assert not allowed, (known[key], act, who, refused)
            assert entries(key) == history[key], "who was refused changed nothing"
            counted["refused"] += 1
            continue
        assert allowed, (known[key], act, who)
        assert row is not None and after is row.target
        known[key] = after
        now = entries(key)
        assert now[:-1] == history[key] and now[-1][1:3] == (act.value, after.value), "only one more"
        history[key] = now
        counted[act.value] += 1
    for key, state in known.items():
        found = stored(key)
        assert found.state == state.value
        assert (state in OPEN) == (found.due_on is not None and found.turn != "" and found.over_at is None)
        assert unseen(parties.stranger, key) and unseen(parties.elsewhere, key)
    assert matters(parties.elsewhere, Wanted()) == []
    assert set(counted) >= {"note", "submit", "extend", "refused"}


def test_nobody_rewrites_what_was_done(parties: Parties) -> None:
    key = parties.inspection()
    with scoped(parties.city, area="3402"):
        assert Entry.objects.filter(matter_id=key).exists()
        for act in (lambda: Entry.objects.filter(matter_id=key).update(words="改过"),):
            with transaction.atomic():
                assert act() == 0, "no policy lets an entry be changed"
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM evaluation_entry WHERE matter_id = %s", [key])
            assert cursor.rowcount == 0


@pytest.fixture
def committed(committed_site: Site) -> Iterator[Parties]:
    """Parties whose matters are really committed; taken away again."""
    yield Parties(committed_site)
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE evaluation_matter CASCADE")


def test_of_two_acts_at_once_one_wins(committed: Parties, desks: Desks) -> None:
    inspection = committed.inspection()
    mending = supervision.rectify(
        committed.city, matter_id=inspection, entry_id=committed.finding(inspection, severity="minor")
    )

    def doing(actor: Actor, act: Act):
        return lambda: commands.act(
            actor,
            matter_id=mending,
            act=act,
            said=Said("示例", files=(file(),)),
            version=stored(mending).version,
        )

    said = at_once(desks, [doing(committed.member, Act.SUBMIT)] * 4)
    assert sorted(said) == ["done"] + ["evaluation.not_now"] * 3
    said = at_once(desks, [doing(committed.city, Act.CLOSE), doing(committed.city, Act.RETURN)])
    assert sorted(said) == ["done", "evaluation.not_now"]
    assert len(entries(mending)) == 3


def test_a_finding_is_taken_up_once_and_a_closing_parent_waits(committed: Parties, desks: Desks) -> None:
    inspection = committed.inspection()
    finding = committed.finding(inspection)

    def taking() -> object:
        return supervision.rectify(committed.city, matter_id=inspection, entry_id=finding)

    assert sorted(at_once(desks, [taking] * 4)) == ["done"] + ["evaluation.taken_up"] * 3


def test_escalation_at_once_counts_once(committed: Parties, desks: Desks, synthetic_clock: None) -> None:
    inspection = committed.inspection()
    later(days=61)
    said = at_once(desks, [commands.escalate_overdue] * 3)
    assert said == ["done"] * 3
    assert stored(inspection).escalated == 1
