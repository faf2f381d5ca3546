"""The ground of the bench of capacity: a township whose doctor books, a hospital that offers, and what it offers."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from capacity_load import Client
from django.db import connections, transaction
from psycopg.types.range import DateRange
from web_server import Desk

from tiercare.apps.access.commands import Place, lay_down_demo_accounts
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import workflow
from tiercare.apps.capacity.commands import publish
from tiercare.apps.capacity.models import Pool
from tiercare.apps.capacity.rules.planning import MOST_SESSIONS, Planned
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import Membership
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.apps.residents.rules import IdentityKind, Registration, Relation, Sex
from tiercare.apps.residents.rules.file import Line
from tiercare.engines.population import Village, generate
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import stable_id, uuid7

SYSTEM = Actor.system("bench")
SEED, PEOPLE = 20190701, 4_000
SIGNED_IN = 32
FAMILY, MEMBER, OPEN = Channel.FAMILY_DOCTOR, Channel.MEMBER, Channel.OPEN


@dataclass
class Ground:
    """Who books, who offers, for whom. Every second resident has their responsible doctor at the township."""

    township: UUID
    hospital: UUID
    area: str
    residents: tuple[UUID, ...]
    signed: frozenset[UUID]
    password: str
    username: str = "bench.primary_doctor"
    clients: list[Client] = field(default_factory=list)

    def doctor(self) -> Actor:
        """The township's doctor, each time another request."""
        account = stable_id("bench", "doctor")
        return Actor(account, "示例", Role.PRIMARY_DOCTOR, self.township, self.area, request_id=uuid7())

    def desk(self) -> Actor:
        """The hospital's own desk."""
        account = stable_id("bench", "desk")
        return Actor(account, "示例", Role.REGISTRAR, self.hospital, self.area, request_id=uuid7())

    def signed_in(self, port: int, count: int) -> list[Client]:
        """So many clients of this server, up to 32 each with a session of its own; sessions outlive a server."""
        while len(self.clients) < min(count, SIGNED_IN):
            desk = Desk(port, self.username, self.password)
            cookie = "; ".join(f"{name}={value}" for name, value in desk.cookies.items())
            self.clients.append(Client(cookie, desk.cookies["csrftoken"]))
            desk.line.close()
        return [self.clients[at % len(self.clients)] for at in range(count)]


def lay_down() -> Ground:
    """Residents of one township, all known there, and accounts; the region stands already."""
    today = ledger.today()
    for division, township in sorted(network.primary_care_by_township(on=today).items()):
        place = network.place_of(township, on=today)
        assert place is not None
        lead = Membership.objects.filter(
            consortium_id__in=place.consortia, role="LEAD", period__contains=today
        ).first()
        if division.startswith("3402") and lead is not None and lead.institution_id != township:
            break
    else:
        raise RuntimeError("no township of the region belongs to a led consortium")
    area = place.division_code[:6]
    residents.import_residents(SYSTEM, lines=_people(division), institution_id=township, synthetic=True)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id FROM residents_resident WHERE %s = ANY (known_at) ORDER BY id", [township])
        known = tuple(row[0] for row in cursor.fetchall())
    accounts = lay_down_demo_accounts(
        SYSTEM,
        region="bench",
        area=Place("示例", area),
        places={Role.PRIMARY_DOCTOR: Place(place.name, area, township)},
        since=today,
        folder=Path(os.environ["TIERCARE_HOME"]),
    )
    ground = Ground(township, lead.institution_id, area, known, frozenset(known[::2]), "")
    ground.password = accounts[ground.username]
    with scoped(ground.doctor()):
        ResponsibleDoctor.objects.bulk_create(
            ResponsibleDoctor(
                resident_id=each,
                institution_id=township,
                doctor_name="示例医生",
                source="bench",
                period=DateRange(today, None),
            )
            for each in sorted(ground.signed)
        )
    return ground


def _people(division: str) -> Iterator[tuple[int, Line]]:
    number = itertools.count(1)
    homes = generate(seed=SEED, villages=[Village(f"{division}201", "示例村")], people=PEOPLE)
    for at, home in enumerate(homes):
        for member in home.members:
            line = next(number)
            given = Registration(
                name=member.name,
                sex=Sex(member.sex),
                birth_date=member.birth_date,
                division_code=home.division_code,
                identity_kind=IdentityKind(member.identity_kind),
                number=member.identity_number or "",
                phone=member.phone or "",
                address=home.address,
                nation=member.nation or "",
            )
            yield line, Line(line, given, str(at), Relation(member.relation))


def sessions(
    ground: Ground,
    label: str,
    units: Sequence[dict[Channel, int]],
    *,
    pools: int = 1,
    specialty: str = "03.04",
    opens: datetime | None = None,
    hours: float = 0.5,
    by_time: int | None = None,
) -> list[UUID]:
    """Put sessions on offer, each with these places by channel, and answer the first slot of each, in order.

    They are spread over ``pools`` ordinary clinics, each of another specialty if there are several: ``hours`` each
    from 08:00 on, one after the other, ten a day, as many days as it takes. ``opens``: from then instead of the day
    after tomorrow. A session is one slot; with ``by_time`` slots of so many minutes.
    """
    made = [
        Pool.objects.create(
            institution_id=ground.hospital,
            code=f"{label}-{at}",
            name=f"示例门诊 {label} {at}",
            kind=Kind.CLINIC.value,
            grade=Grade.ORDINARY.value,
            specialty_code=specialty if pools == 1 else f"{specialty}.{at:03d}",
            period=DateRange(ledger.today(), None),
        )
        for at in range(pools)
    ]
    if opens is None:
        day = (ledger.now() + timedelta(days=2)).astimezone(ZONE)
        opens = day.replace(hour=8, minute=0, second=0, microsecond=0)
    planned = []
    for at, offered in enumerate(units):
        turn, pool = divmod(at, pools)
        starts = opens + timedelta(days=turn // 10, hours=hours * (turn % 10))
        planned.append(_planned(made[pool], starts, offered, hours, by_time))
    keys = [key for part in _parts(planned) for key in _published(ground, part)]
    with connections["owner"].cursor() as cursor:
        cursor.execute(_FIRST_SLOTS, [keys])
        slots = dict(cursor.fetchall())
    return [slots[key] for key in keys]


_FIRST_SLOTS = """
SELECT DISTINCT ON (session_id) session_id, id FROM capacity_slot WHERE session_id = ANY (%s)
ORDER BY session_id, during
"""


def _planned(
    pool: Pool, starts: datetime, units: dict[Channel, int], hours: float, by_time: int | None
) -> Planned:
    return Planned(
        pool_id=pool.id,
        pool_name=pool.name,
        kind=Kind.CLINIC,
        grade=Grade.ORDINARY,
        starts=starts,
        ends=starts + timedelta(hours=hours),
        capacity=sum(units.values()),
        by_time=by_time,
        units=units,
    )


def _parts(planned: list[Planned]) -> Iterable[list[Planned]]:
    return (planned[at : at + MOST_SESSIONS] for at in range(0, len(planned), MOST_SESSIONS))


def _published(ground: Ground, planned: list[Planned]) -> tuple[UUID, ...]:
    return publish(SYSTEM, institution_id=ground.hospital, planned=planned).session_ids


def enlarge(slots: Sequence[UUID], places: int) -> None:
    """Sessions with more places than a person may publish, for rates that would use them up: all of them open."""
    statements = (
        "UPDATE capacity_session s SET capacity = %(places)s FROM capacity_slot l WHERE l.session_id = s.id"
        " AND l.id = ANY (%(slots)s)",
        "UPDATE capacity_slot SET capacity = %(places)s WHERE id = ANY (%(slots)s)",
        "UPDATE capacity_quota q SET cap = %(places)s FROM capacity_slot l WHERE l.session_id = q.session_id"
        " AND l.id = ANY (%(slots)s) AND q.channel = 'OPEN'",
    )
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"places": places, "slots": list(slots)})


# -- what must hold, asked of the tables past every wall ---------------------------------------------------------

_OVERSOLD = """
SELECT count(*) FROM (
    SELECT l.id FROM capacity_slot l JOIN capacity_booking b ON b.slot_id = l.id AND b.state = ANY (%(counted)s)
    WHERE l.id = ANY (%(slots)s) GROUP BY l.id, l.capacity HAVING count(*) > l.capacity
    UNION ALL
    SELECT q.session_id FROM capacity_slot l JOIN capacity_quota q USING (session_id)
    JOIN capacity_booking b ON b.session_id = q.session_id AND b.quota_channel = q.channel
         AND b.holder_id = q.holder_id AND b.state = ANY (%(counted)s)
    WHERE l.id = ANY (%(slots)s)
    GROUP BY q.session_id, q.channel, q.holder_id, q.cap HAVING count(*) > q.cap) found
"""
_BOOKED = "SELECT count(*) FROM capacity_booking WHERE slot_id = ANY (%s) AND state = ANY (%s)"
# Somebody of a wider channel in a place kept for a narrower one, before it was released.
_EATEN = """
SELECT count(*) FROM capacity_booking b
JOIN capacity_quota q ON q.session_id = b.session_id AND q.channel = b.quota_channel AND q.holder_id = b.holder_id
WHERE array_position(%(offered)s::text[], b.channel::text) > array_position(%(offered)s::text[], b.quota_channel::text)
  AND (q.release_at IS NULL OR b.made_at < q.release_at)
"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
_COUNTED = [each.value for each in workflow.COUNTED]


def oversold(slots: Sequence[UUID]) -> int:
    """Slots with more bookings than places, and quotas with more than their cap; counted from the bookings."""
    return int(_one(_OVERSOLD, {"counted": _COUNTED, "slots": list(slots)}))


def booked(slots: Sequence[UUID]) -> int:
    """Bookings in these slots that count."""
    return int(_one(_BOOKED, [list(slots), _COUNTED]))


def eaten() -> int:
    """Bookings that took a place kept for others before its time."""
    return int(_one(_EATEN, {"offered": ["FAMILY_DOCTOR", "REFERRAL", "MEMBER", "OPEN"]}))


def deadlocks() -> int:
    """Deadlocks that the server has seen in this database."""
    return int(_one(_DEADLOCKS, None))


def _one(statement: str, values: object) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
