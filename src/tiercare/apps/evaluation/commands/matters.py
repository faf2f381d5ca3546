"""Issuing a matter and taking it on: the only way in which one begins and moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import insert, rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.records.rules.files import file_refusal, media_type_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events, sql
from ..models import Entry, Matter, Proof
from ..queries import ours
from ..queries.matters import area_of, sides_of, standing_of
from ..rules.kinds import KindId, kind_of
from ..rules.standing import CHANGED_MEANWHILE, NO_SUCH_MATTER, File, Party, Said, Standing, judge, lacking
from ..workflow import Act, Side, State, Transition

SUBJECT = "evaluation.matter"
# A scanned report of fifty pages; what is larger belongs into an archive.
LARGEST_FILE = 20_000_000
_AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Issue:
    """What is issued: to whom, what, by when, about what, on which clauses. ``origin`` is the key of what called for it;
    a second of the same origin is not issued. An empty ``pack`` is that of the issuer's area."""

    kind: KindId
    title: str
    owner: Party
    due_on: date
    words: str = ""
    clauses: tuple[str, ...] = ()
    pack: str = ""
    period: str = ""
    subject_type: str = ""
    subject_key: str = ""
    subject_name: str = ""
    parent_id: UUID | None = None
    origin: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def issue(actor: Actor, what: Issue, *, issuer: Party | None = None) -> UUID | None:
    """Give somebody something to do by a day; answers the matter's id, or ``None`` where one of its origin was issued.

    ``issuer`` is for the platform's own work (a signal that opens a matter of the commission); people issue for themselves.

    Raises:
        Refused: if the actor may not issue here, the day has passed, or it has no title.
    """
    by = issuer if actor.is_system and issuer is not None else _party(actor)
    house = by.institution_id
    refuse(may(actor, Right.SUPERVISION_ISSUE, division=by.area, institution_id=house))
    today = clock.today()
    refuse(
        None if what.title.strip() else NO_TITLE,
        None if what.due_on >= today else PAST,
        _outside(by, what.owner, today),
    )
    row = Matter(
        kind=what.kind.value,
        state=State.OPEN.value,
        turn=Side.OWNER.value,
        due_on=what.due_on,
        first_due_on=what.due_on,
        title=what.title.strip(),
        words=what.words.strip(),
        clauses=list(what.clauses),
        pack=what.pack or mandates.pack_in_force(by.area, on=today),
        period=what.period,
        issuer_area=by.area,
        issuer_institution=house,
        owner_area=what.owner.area,
        owner_institution=what.owner.institution_id,
        subject_type=what.subject_type,
        subject_key=what.subject_key,
        subject_name=what.subject_name,
        parent_id=what.parent_id,
        origin=what.origin,
        payload=dict(what.payload),
        made_by_name=actor.name,
    )
    with scoped(actor, area=area_of(actor)):
        if what.origin is not None and _came_before(what.origin):
            return None
        insert(row)
        _note(
            actor,
            row.id,
            Act.ISSUE,
            State.OPEN,
            Side.ISSUER,
            Said(words=what.words, figures=dict(what.payload)),
        )
        ledger.append(
            actor,
            events.MatterIssued(
                what.kind.value, what.owner.area, what.owner.institution_id, what.due_on, what.parent_id
            ),
            subject_type=SUBJECT,
            subject_id=row.id,
            institution_id=what.owner.institution_id,
            division_code=what.owner.area,
            clauses=what.clauses,
        )
    return row.id


@transaction.atomic
def act(
    actor: Actor, *, matter_id: UUID, act: Act, said: Said | None = None, version: int | None = None
) -> State:
    """Take a matter on; with ``version`` only if nobody has gone on with it since that was read. Answers where it stands.

    Raises:
        Refused: if there is no such matter for the actor, it stands where the act does not lead on, the act is the other
            side's, or something that it needs is missing; nothing has changed then.
    """
    said = said or Said()
    with scoped(actor, area=area_of(actor)):
        if not rows(sql.LOCKED, matter=matter_id):
            raise Refused(NO_SUCH_MATTER)
        standing = standing_of(matter_id)
        assert standing is not None, "it is locked"
        kind = kind_of(standing.kind)
        row = judge(standing, act, kind.leg, sides_of(actor, standing))
        if isinstance(row, Refusal):
            raise Refused(row)
        guard = kind.guards.get(act)
        refuse(*lacking(standing, act, said), *_unfit(said.files), *(guard(standing, said) if guard else ()))
        _take(standing, row, said, standing.version if version is None else version)
        _note(actor, matter_id, act, row.target, row.by, said)
        ledger.append(
            actor,
            events.MatterMoved(standing.kind, act.value, standing.state.value, row.target.value),
            subject_type=SUBJECT,
            subject_id=matter_id,
            institution_id=standing.owner.institution_id,
            division_code=standing.owner.area,
        )
        if act in kind.effects:
            kind.effects[act](actor, standing, said)
    return row.target


def escalate_overdue() -> int:
    """Tell those above of matters that nobody saw to in time, and again after each pause that the pack sets; returns how
    many. A killed run leaves what it had not reached to the next."""
    host, today = Actor.system("job"), clock.today()
    done = 0
    with scoped(host, area=area_of(host)), transaction.atomic():
        for row in rows(sql.OVERDUE, today=today, pauses=Jsonb(_pauses(today)), limit=_AT_A_TIME):
            rows(sql.ESCALATE + " RETURNING id", matter=row["id"])
            _note(host, row["id"], Act.ESCALATE, None, None, Said(figures={"times": row["escalated"] + 1}))
            ledger.append(
                host,
                events.MatterEscalated(row["kind"], row["escalated"] + 1, row["due_on"]),
                subject_type=SUBJECT,
                subject_id=row["id"],
                institution_id=row["owner_institution"],
                division_code=row["owner_area"],
            )
            done += 1
    return done


def _party(actor: Actor) -> Party:
    """The side that a person issues for: their institution, or their commission."""
    if actor.institution_id is None:
        return Party(actor.division_code or "", None)
    place = network.place_of(actor.institution_id, on=clock.today())
    return Party(actor.division_code or (place.division_code if place else ""), actor.institution_id)


def _outside(issuer: Party, owner: Party, today: date) -> Refusal | None:
    """A commission gives work to what lies in its area, a lead hospital to itself and the members of its consortium."""
    house = issuer.institution_id
    if house is None:
        return None if owner.area.startswith(issuer.area) else OUTSIDE
    if owner.institution_id == house or owner.institution_id in network.led_by(house, on=today):
        return None
    return NO_MEMBER


def _came_before(origin: str) -> bool:
    rows("SELECT pg_advisory_xact_lock(hashtextextended(%(origin)s, 0))", origin=origin)
    return bool(rows("SELECT id FROM evaluation_matter WHERE origin = %(origin)s", origin=origin))


def _take(standing: Standing, row: Transition, said: Said, version: int) -> None:
    turned = rows(
        sql.TURN,
        matter=standing.id,
        version=version,
        state=row.target.value,
        turn=row.then.value if row.then else "",
        due=_due(standing, row, said) if row.then else standing.due_on,
        result=Jsonb(dict(said.figures)) if row.act is Act.SUBMIT else None,
    )
    if not turned:
        raise Refused(CHANGED_MEANWHILE)


def _due(standing: Standing, row: Transition, said: Said) -> date:
    """By when it must be seen to from now on: the same day while the same side goes on, the pack's days when it goes over."""
    assert standing.due_on is not None, "it is open"
    if row.act is Act.EXTEND and said.due_on is not None:
        return said.due_on
    if row.act is Act.NOTE:
        return standing.due_on
    if row.act is Act.RETURN and said.due_on is not None and said.due_on >= standing.today:
        return said.due_on
    key = "supervision_mend_days" if row.then is Side.OWNER else "supervision_review_days"
    return standing.today + ours.days(key, standing.pack, on=standing.today)


def _pauses(today: date) -> dict[str, int]:
    """Days between one time up the line and the next, by pack."""
    return {
        pack: ours.days("supervision_escalate_days", pack, on=today).days for pack in mandates.packs().packs
    }


def _unfit(files: tuple[File, ...]) -> list[Refusal]:
    found = (file_refusal(each.content, claimed="", most=LARGEST_FILE) for each in files)
    return [each for each in found if each is not None]


def _note(
    actor: Actor, matter_id: UUID, act: Act, state: State | None, side: Side | None, said: Said
) -> None:
    after = state or State(
        rows("SELECT state FROM evaluation_matter WHERE id = %(id)s", id=matter_id)[0]["state"]
    )
    entry = Entry(
        matter_id=matter_id,
        act=act.value,
        state=after.value,
        by_id=actor.account_id,
        by_name=actor.name,
        by_side=side.value if side else "",
        words=said.words.strip(),
        figures=dict(said.figures) | ({"due_on": said.due_on.isoformat()} if said.due_on else {}),
    )
    insert(entry)
    for each in said.files:
        insert(
            Proof(
                id=uuid7(),
                matter_id=matter_id,
                entry_id=entry.id,
                name=each.name[-120:],
                media=media_type_of(each.content),
                size=len(each.content),
                sha256=sha256(each.content).hexdigest(),
                content=each.content,
            )
        )


NO_TITLE = Refusal(
    code="evaluation.no_title",
    message=Text("请写明事项名称。", "Name the matter."),
    instead=Text("一句话说清要办什么。", "Say in a sentence what is to be done."),
    at="title",
    status=422,
)
PAST = Refusal(
    code="evaluation.due_in_the_past",
    message=Text("期限不能早于今天。", "The day it is due must not have passed."),
    instead=Text("请选择今天或以后的日期。", "Choose today or a later day."),
    at="due_on",
    status=422,
)
NO_MEMBER = Refusal(
    code="evaluation.no_member",
    message=Text(
        "承办单位不是本院牵头的医联体成员。",
        "Whoever is to do it is no member of a consortium that you lead.",
    ),
    instead=Text(
        "请选择本医联体的成员单位；其他单位由卫生健康行政部门下达。",
        "Choose a member of your consortium; the health commission gives work to others.",
    ),
    clauses=("NHC-13",),
    at="owner",
    status=403,
)
OUTSIDE = Refusal(
    code="evaluation.owner_outside",
    message=Text("承办单位不在本辖区。", "Whoever is to do it is not in your area."),
    instead=Text(
        "请选择本辖区的机构或区县，或报请上级下达。",
        "Choose somebody of your area, or ask those above to issue it.",
    ),
    at="owner",
    status=403,
)
