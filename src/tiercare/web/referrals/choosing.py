"""Where to: the institutions in the region's order with their reasons, the places of the chosen one, one of them held."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity import queries as places_of
from tiercare.apps.capacity.queries.ground import channel_by, ground_at
from tiercare.apps.capacity.queries.mine import booking_of
from tiercare.apps.capacity.queries.session import session_shown, sessions_shown
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import OPEN as PLACE_OPEN
from tiercare.apps.capacity.workflow import State as PlaceState
from tiercare.apps.exchange import commands as exchange_commands
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.referrals.queries import destinations as ranked
from tiercare.apps.referrals.queries.specialties import specialty_for
from tiercare.apps.terms import queries as terms
from tiercare.engines.guidelines import Direction
from tiercare.engines.payment import Care
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.booking import finding
from tiercare.web.booking import presenters as booking
from tiercare.web.booking import words as booking_words
from tiercare.web.booking.places import around
from tiercare.web.pages import FORM_KEY, page, told

from . import files, presenters, typed, wishing
from .reading import Gone, gone, written

_SHOWN = 6
_CHIPS = 10


@require_safe
@page(Right.REQUESTS_SEND)
def destinations(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/destinations``: the list anew for another urgency, specialty or group; for htmx."""
    try:
        case = written(request.actor, request_id)
    except Gone as sent:
        return gone(request, sent)
    context = choice(request, case, wide=request.GET.get("all") == "1", asked=request.GET.dict())
    return render(request, "referrals/_destinations.html", context)


@require_safe
@page(Right.REQUESTS_SEND)
def places(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """``/referrals/<id>/places?session=…``: the places of the chosen institution, or the one that is held; for htmx."""
    try:
        case = written(request.actor, request_id)
    except Gone as sent:
        return gone(request, sent)
    session_id = typed.key(request.GET.get("session", ""))
    to = typed.key(request.GET.get("to", ""))
    change = request.GET.get("change", "")
    context = offered(request, case, session_id, to=to) | {"change": change}
    # What is held stays so until another is chosen; where somebody looks for another, it is not in the way.
    if not change and to in {None, case.line.receiver}:
        context |= held(request, case)
    return render(request, "referrals/_places.html", context | nonce(request_id))


@require_POST
@page(Right.REQUESTS_SEND)
def hold(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Hold a place while the rest is written. Sent twice it is held once; a lost race says what else there is."""
    refused: Refused | None = None
    try:
        written(request.actor, request_id)
        slot_id = given.key(request.POST, "slot")
        key = request.POST.get(FORM_KEY) or str(uuid7())
        with ledger_commands.idempotent(
            request.actor, key=key, route=f"POST {request.path}", body=str(slot_id).encode()
        ) as call:
            if call.replay is None:
                exchange_commands.hold_place(request.actor, request_id=request_id, slot_id=slot_id)
                call.answer(status=204, body=b"", content_type="text/plain")
    except Gone as sent:
        return gone(request, sent)
    except Refused as caught:
        refused = caught
    case = written(request.actor, request_id)
    context = held(request, case) | lost(request, refused)
    if not context.get("place"):
        context |= offered(request, case, None, to=case.line.receiver)
    return render(request, "referrals/_places.html", context | nonce(request_id) | {"fresh": True})


def nonce(request_id: UUID) -> dict[str, Any]:
    """Keys of this showing's buttons: pressed twice, or sent again where the line dropped, a place is held once."""
    return {"nonce": uuid7().hex, "request_id": request_id}


def choice(
    request: HttpRequest,
    case: exchange.Case,
    *,
    asked: dict[str, Any],
    wide: bool = False,
    direction: Direction | None = None,
    tier: int | None = None,
) -> dict[str, Any]:
    """The list of destinations for what the form says now: urgency, specialty, group, the resident's wish, who is chosen.
    None is left out: some stand first, all are a click away (WH-15)."""
    direction = direction or (Direction.DOWN if case.line.kind == "down" else Direction.UP)
    urgency = typed.urgency(asked)
    urgency = case.line.urgency if urgency is None else urgency
    specialty, chips = _specialty(request, case, asked)
    needed = wishing.needed_of(request, case) if direction is Direction.DOWN else []
    wish = wishing.wish_of(case, asked)
    chosen = typed.key(str(asked.get("to", ""))) or case.line.receiver
    moved = asked.get("typed") == "1" or specialty != str(asked.get("specialty", specialty))
    if (moved or asked.get("picked") == "1") and case.line.booking_id is None:
        chosen = None  # another specialty has another order: its first, until somebody chooses
    if asked.get("wished") == "1":
        chosen = wish
    sent_tier = str(asked.get("tier", ""))
    if tier is None and sent_tier.isdigit():
        tier = min(int(sent_tier), 9)
    found = ranked.destinations(
        request.actor,
        resident_id=case.standing.resident_id,
        specialty=specialty,
        urgency=urgency,
        direction=direction,
        tier=tier,
        functions=needed,
        wish=wish,
        requested=True,
        care=Care.INPATIENT if _admitted(request, case) else Care.OUTPATIENT,
    )
    by_id = {each.institution_id: each for each in found}
    shown = found if wide else found[:_SHOWN]
    if chosen in by_id and by_id[chosen] not in shown:
        shown = [by_id[chosen], *shown]
    if chosen not in by_id:
        chosen = shown[0].institution_id if shown else None
    names = terms.specialty_names(on=request.today)
    return {
        "request_id": case.line.id,
        "destinations": [
            presenters.destination(each, chosen=each.institution_id == chosen) for each in shown
        ],
        "chosen": by_id.get(chosen) if chosen else None,
        "count": len(found),
        "more": len(found) - len(shown),
        "specialty": specialty,
        "proposed": specialty_for(str(asked.get("problem_code", case.line.problem_code)).strip().upper()),
        "specialty_name": names.get(specialty, ""),
        "specialty_typed": str(asked.get("q", ""))[:40],
        "chips": chips,
        "needs": presenters.needs(needed) if direction is Direction.DOWN else [],
        **wishing.wished(request, case, wish, by_id, specialty, direction, needed),
        **wishing.departments_at(request, case, chosen, specialty, asked),
        "emergency": urgency is Urgency.EMERGENCY and direction is Direction.UP,
        "down": direction is Direction.DOWN,
        "open": any(each.code == "open_competition" for found_one in found[:1] for each in found_one.reasons),
        "tier": tier,
        "kept_key": _kept_key(request, case.line.id),
        **files.choices(request),
    }


def _admitted(request: HttpRequest, case: exchange.Case) -> bool:
    """Whether they may have to stay: said by the form, else kept. What it may cost goes by it."""
    said_now = request.POST if request.method == "POST" else request.GET
    if "needs_admission" in said_now or "choice" in said_now or "wish" in said_now:
        return said_now.get("needs_admission") == "1"
    return bool(case.payload.get("needs_admission"))


def _kept_key(request: HttpRequest, request_id: UUID) -> str:
    """With this the browser seals what is not saved yet and lays it aside: readable again only on this page, for this
    account, whoever uses the computer in between."""
    told_of = f"{request.actor.account_id}/{request_id}"
    return b64encode(salted_hmac("tiercare.web.kept", told_of, algorithm="sha256").digest()).decode()


def held(request: HttpRequest, case: exchange.Case) -> dict[str, Any]:
    """The place that the request holds, with how long it still does; or that its time has run out."""
    context: dict[str, Any] = {"request_id": case.line.id, "version": case.line.version}
    if case.line.booking_id is None:
        return context
    row = booking_of(request.actor, case.line.booking_id)
    shown = sessions_shown([row.session_id])[row.session_id]
    place = {
        "day": booking_words.day(shown.day, request.today),
        "time": booking_words.clock(row.starts_at),
        "pool": shown.pool,
        "physician": shown.physician,
        "room": shown.place,
        "number": row.number,
        "institution": case.line.receiver_name,
        "institution_id": row.institution_id,
        "session_id": row.session_id,
        "channel": booking_words.kept(row.quota_channel),
    }
    if row.state in PLACE_OPEN:
        seconds = booking.seconds_left(row.held_until, ledger.now()) if row.state is PlaceState.HELD else 0
        return context | {
            "place": place,
            "seconds": seconds,
            "until": row.held_until,
            "is_held": row.state is PlaceState.HELD,
        }
    channel = channel_here(request.actor, case, row.institution_id)
    near = places_of.others_lately(request.actor, slot_id=row.slot_id, channel=channel)
    return context | {"lapsed": place, "others": booking.places(near, today=request.today)}


def offered(
    request: HttpRequest, case: exchange.Case, session_id: UUID | None, *, to: UUID | None = None
) -> dict[str, Any]:
    """The slots of a session's day and the days beside it, through the channel of a referral."""
    if session_id is None:
        return {"to": to}
    found = session_shown(request.actor, session_id)
    channel = channel_here(request.actor, case, found.institution_id)
    return around(request.actor, request, found, channel) | {"to": found.institution_id}


def channel_here(actor: Actor, case: exchange.Case, host: UUID) -> Channel:
    """Through which channel a place is taken for this request: the request itself is the evidence."""
    ground = ground_at(host, case.standing.resident_id, booker=actor.institution_id, source=case.line.id)
    return channel_by(actor, replace(ground, requested=True), own=False)


def lost(request: HttpRequest, refused: Refused | None) -> dict[str, Any]:
    """Why a place was not had, and the nearest others after a lost race."""
    if refused is None:
        return {}
    context: dict[str, Any] = {"refusals": [told(each) for each in refused.refusals]}
    if isinstance(refused, capacity.NoPlace):
        near = places_of.others_lately(request.actor, slot_id=refused.slot_id, channel=refused.channel)
        context["others"] = booking.places(near, today=request.today)
    return context


def _specialty(
    request: HttpRequest, case: exchange.Case, asked: dict[str, Any]
) -> tuple[str, list[dict[str, Any]]]:
    """The specialty that was picked or typed by a few letters, and the others that fit."""
    names = terms.specialty_names(on=request.today)
    text = str(asked.get("q", "")).strip()[:40]
    picked = str(asked.get("specialty", case.line.specialty or ""))
    if asked.get("problem_code") and asked.get("proposed") == picked:
        picked = specialty_for(str(asked["problem_code"]).strip().upper())  # nobody chose another one
    code = picked if picked in names else ""
    if not text:
        return code, []
    fitting = finding.matching(text, names, names, [])
    if asked.get("typed") == "1" or code not in fitting:
        code = fitting[0] if fitting else code
    chips = [{"code": each, "name": names[each], "chosen": each == code} for each in fitting[:_CHIPS]]
    return code, chips
