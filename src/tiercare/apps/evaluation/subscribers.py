"""What follows for evaluation from what happens elsewhere, after its commit: months of fact tables are marked as due.

A mark only says that something changed; what stands there now is read when the month is written anew. Bookings as they are
made mark nothing: a place counts on its day, and the tables of places are written anew every day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity import events as capacity
from tiercare.apps.capacity.queries import months_booked, months_of_sessions, place_at
from tiercare.apps.exchange import events as exchange
from tiercare.apps.exchange.queries import months_sent, sent_at
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import events as mandates
from tiercare.apps.network import events as network
from tiercare.apps.records import events as records
from tiercare.apps.records.queries import months_answered, months_visited, withdrawn_shown
from tiercare.apps.residents import events as residents
from tiercare.apps.residents.queries import person_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from . import events
from .commands.marking import mark, mark_all, mark_known
from .queries.fact_sources import month_of
from .queries.facts_due import known_months, regions, regions_touched

_HOST = Actor.system("job")
_NETWORK = ("consortia", "institutions", "capabilities", "staff", "agreements", "grids", "milestones")
# What repeats of an institution what the network says of it.
_PLACED = ("visits", "referrals", "remote", "bookings", "quotas", "contracts", "surveys")
_PEOPLE = ("contracts", "population", "patients")
_YEAR = timedelta(days=366)


def after_visit(event: Event) -> None:
    """A visit was noted, ended or withdrawn, or one of its diagnoses was: its month is due, and who is a patient today."""
    visit = event.payload.get("encounter_id") or event.payload["entry_id"]
    with scoped(_HOST, area="*"), withdrawn_shown():
        months = months_visited(visits=[UUID(visit)])
        touched = _regions(event)
        mark(touched, ["visits"], map(month_of, months))
        mark(touched, ["patients"], [month_of(ledger.today())])


def after_request(event: Event) -> None:
    """A request took a step, or went up the line: the month in which it was sent is due, wherever it ever lay."""
    with scoped(_HOST, area="*"):
        known = sent_at(event.subject_id)
        if known is not None:
            day, parties, resident = known
            touched = regions_touched(institutions=parties, entries=person_of(resident), on=ledger.today())
            mark(touched, ["referrals", "remote"], [month_of(day)])


def after_booking(event: Event) -> None:
    """A booking went on: the month of its place is due."""
    with scoped(_HOST, area="*"):
        known = place_at(event.subject_id)
        if known is not None:
            day, institution = known
            touched = regions_touched(institutions=[institution], on=ledger.today())
            mark(touched, ["bookings", "quotas"], [month_of(day)])


def after_sessions(event: Event) -> None:
    """Places went on offer, or away, or to another channel: the months of their days are due."""
    sessions = [UUID(each) for each in event.payload.get("sessions", [str(event.subject_id)])]
    with scoped(_HOST, area="*"):
        mark(_regions(event), ["bookings", "quotas"], map(month_of, months_of_sessions(sessions)))


def after_resident(event: Event) -> None:
    """Who is registered, signed, insured or of a key group changed, from that day on."""
    with scoped(_HOST, area="*"):
        touched = _regions(event)
        mark(touched, _PEOPLE, [month_of(day_of(event.at))])
        _mark_person(touched, person_of(event.subject_id), since=day_of(event.at))


def after_restating(event: Event) -> None:
    """Entries became one person, or two again; or where somebody lives, or is insured, was put right: every month in which
    they were seen is due. Stocks of months that are over stay as they were known then."""
    today = ledger.today()
    entries = {UUID(event.payload[name]) for name in ("kept", "merged") if name in event.payload}
    persons = {each for entry in entries or {event.subject_id} for each in person_of(entry)}
    with scoped(_HOST, area="*"):
        # Where they lived before, and were counted, the event does not say.
        mark(regions(on=today), _PEOPLE, [month_of(today)])
        _mark_person(regions(on=today), persons, since=date.min)


def after_survey(event: Event) -> None:
    """A survey was answered."""
    if event.payload["contact_id"] is None:
        with scoped(_HOST, area="*"):
            mark(_regions(event), ["surveys"], [month_of(day_of(event.at))])


def after_sheet(event: Event) -> None:
    """Somebody who was drawn for a round answered: the month is due where they live."""
    if not event.payload["declined"]:
        today = ledger.today()
        touched = [each for each in regions(on=today) if (event.division_code or "").startswith(each)]
        mark(touched, ["surveys"], [month_of(day_of(event.at))])


def after_network(event: Event) -> None:
    """The network changed, from a day on if the event names one: what is said of institutions is due since then. A change
    of the registers names none: of them every month is due, of what was done there only this month and the last one."""
    named = (event.payload.get(name) for name in ("start", "end", "signed_on", "met_on"))
    day = next((date.fromisoformat(each) for each in named if each), None)
    today = ledger.today()
    lately = today.replace(day=1) - timedelta(days=1)
    for region in regions(on=today):
        mark_known([region], _NETWORK, since=month_of(min(day, today)) if day else 0, on=today)
        for fact in _PLACED:
            since = month_of(min(day or lately, today))
            mark([region], [fact], known_months(region, [fact], since=since))


def after_pack(event: Event) -> None:
    """A pack is in force in an area: from this month on the platform writes its facts."""
    today = ledger.today()
    if event.payload["division_code"] != "00":
        mark_all(event.payload["division_code"], since=month_of(today), on=today)


def after_demonstration(event: Event) -> None:
    """A made-up year was laid down."""
    today = ledger.today()
    for region in regions(on=today):
        mark_all(region, since=month_of(today - _YEAR), on=today)


def _regions(event: Event) -> list[str]:
    """The regions in which the event counts: of its institution, and of the home of whom it is about."""
    institutions = [event.institution_id] if event.institution_id else []
    return regions_touched(institutions=institutions, entries=person_of(event.subject_id), on=ledger.today())


def _mark_person(touched: Iterable[str], entries: Collection[UUID], *, since: date) -> None:
    """The months in which somebody was seen, sent, booked or asked."""
    of = list(entries)
    for facts, months in (
        (["visits"], months_visited(entries=of)),
        (["referrals"], months_sent(of)),
        (["bookings"], months_booked(of)),
        (["surveys"], months_answered(of)),
    ):
        mark(touched, facts, [month_of(each) for each in months if month_of(each) >= month_of(since)])


_HANDLERS = (
    (after_visit, (records.VisitNoted, records.EncounterEnded, records.StageSet, records.EntryWithdrawn)),
    (after_request, (exchange.RequestTurned, exchange.RequestEscalated)),
    (after_booking, (capacity.BookingTurned,)),
    (
        after_sessions,
        (
            capacity.SessionsPublished,
            capacity.SessionStopped,
            capacity.SessionResized,
            capacity.QuotaLent,
        ),
    ),
    (
        after_resident,
        (
            residents.ResidentRegistered,
            residents.DoctorAssigned,
            residents.KeyGroupChanged,
            residents.ResidentMovedOut,
        ),
    ),
    (
        after_restating,
        (
            residents.ResidentsMerged,
            residents.ResidentsParted,
            residents.ResidentCorrected,
            residents.CoverChanged,
        ),
    ),
    (after_survey, (records.FormAnswered,)),
    (after_sheet, (events.SurveyAnswered,)),
    (
        after_network,
        (
            network.MembershipStarted,
            network.MembershipEnded,
            network.CommunityJoined,
            network.Entrusted,
            network.InstitutionChanged,
            network.ConsortiumFormed,
            network.GridsRedrawn,
            network.ImportTakenOver,
            network.RegistersChanged,
            network.AgreementSigned,
            network.AgreementEnded,
            network.ObligationMet,
        ),
    ),
    (after_pack, (mandates.PackPutInForce,)),
    (after_demonstration, (records.DemonstrationFilled,)),
)
for handler, kinds in _HANDLERS:
    for kind in kinds:
        subscribe(kind.KIND, f"evaluation.{handler.__name__}", handler)
