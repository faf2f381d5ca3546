"""Scanning a health card at a desk: who it is, and that they are here.

Two steps, so that what must be remembered although the scan is refused (how often, a second item that did not fit,
a lost card that was shown) is written before the transaction of the scan begins: ``check_card`` looks and refuses,
``take_up`` takes the token for good and writes what comes of it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import connection, transaction

from tiercare.apps.access import commands as access_commands
from tiercare.apps.access import events as access_events
from tiercare.apps.access import rules as access
from tiercare.apps.access.commands import rates
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.access.rules.rates import Rated
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.secrecy import CannotOpen

from .. import events, sql
from ..queries import vault
from ..queries.card_keys import public_keys
from ..queries.cards import card_types, card_uses, not_a_member
from ..queries.finding import SUBJECT as PERSON
from ..queries.finding import Least, least_of, record
from ..queries.opening import person_of
from ..rules import card_tokens
from ..rules import cards as rules
from .cards import SHOWN, SUBJECT
from .registering import VISIT_LASTS

# Ours: from the scan to the click on a use. As long as the token itself would have lived.
PRESENCE_LASTS = card_tokens.LIFETIME

_TAKE = """
INSERT INTO residents_carduse (nonce, expires_at) VALUES (%(nonce)s, %(expires_at)s)
ON CONFLICT (nonce) DO NOTHING RETURNING nonce
"""
_ARRIVE = """
INSERT INTO residents_arrival (id, resident_id, institution_id, use, by_token, at, window_start, window_end)
VALUES (%(id)s, %(resident)s, %(institution)s, %(use)s, %(by_token)s, %(at)s, %(start)s, %(end)s)
"""
_FORGET = "DELETE FROM residents_carduse WHERE expires_at < tiercare_now() - %(keep)s"


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that was looked at and is good. ``present`` tells that its holder is here.

    ``nonce`` is what may be taken once, until ``until``: that of the token, or of what an earlier scan answered;
    a number has none.
    """

    card_id: UUID
    persons: tuple[UUID, ...]
    by_token: bool
    present: bool
    nonce: UUID | None = None
    until: datetime | None = None
    taken_before: Refusal = rules.REPLAYED


@dataclass(frozen=True, slots=True)
class Scanned:
    """Who the card is, what it may open here, and the arrival, if one was asked for.

    ``presence`` is to be given to ``arrive`` within minutes by the same person at the same desk; empty while nothing
    but a number was told. Then ``least`` shows neither the end of the document nor the birth year: the resident must
    say them, not read them.
    """

    least: Least
    card_id: UUID
    by_token: bool
    presence: str
    arrival_id: UUID | None = None
    use: str = ""


def scan(
    actor: Actor,
    *,
    text: str,
    use: str | None = None,
    window: rules.Window | None = None,
    second: str = "",
) -> Scanned:
    """Read a card at the actor's desk: its token, or its number (then ``second``, of a document or the birth, proves presence).

    Without ``use`` it only identifies. With one the resident has arrived, and the institution has a ground to read the
    record for a day. Not inside another transaction (see ``check_card``).

    Raises:
        Refused: as ``check_card`` and ``take_up``.
    """
    return take_up(actor, check_card(actor, text=text, second=second), use=use, window=window)


def check_card(actor: Actor, *, text: str, second: str = "") -> Shown:
    """Whether this card is good at the actor's institution now; takes nothing yet.

    Call it outside any transaction: that somebody asked too often, told a wrong second item or showed a lost card is
    written even though it is refused.

    Raises:
        Refused: without the right; too often; where the institution is in no consortium on which authorisation rests
            (WH-41); if the text is no card, is not genuine, has expired, is unknown or ended; if ``second`` does not fit.
    """
    _may_scan(actor)
    claims, number = _read(text)
    found = rows(SHOWN, card=claims.card_id if claims else None, number=number)
    if not found:
        raise Refused(rules.NO_SUCH_CARD)
    card = found[0]
    persons = person_of(card["resident_id"])
    _refuse_ended(actor, card, persons)
    present = claims is not None
    if not present and second.strip():
        _confirm(actor, card, persons, second)
        present = True
    if claims is None:
        return Shown(card["id"], persons, by_token=False, present=present)
    return Shown(card["id"], persons, True, True, claims.nonce, claims.expires_at)


def take_up(
    actor: Actor, shown: Shown, *, use: str | None = None, window: rules.Window | None = None
) -> Scanned:
    """Take the token for good, record that its holder's identity was read, and let them arrive if there is a ``use``.

    Raises:
        Refused: if this token (or this use of an earlier scan) was taken before; if the use or the type of card is not among those of the region; if
            the holder is not shown to be present; if a timed use has no window or another one has.
    """
    now = ledger_queries.now()
    if use is not None:
        _refuse_use(actor, shown, use, window, now)
    (least,) = least_of(shown.persons[:1])
    if use is not None and least.deceased:
        raise Refused(rules.DECEASED)
    with scoped(actor):
        if shown.nonce is not None and not take_nonce(shown.nonce, shown.until):
            raise Refused(shown.taken_before)
        record(actor, "card", Basis.IDENTITY, shown.persons[:1])
        arrival_id = None if use is None else _arrive(actor, shown, use, window, now)
    return Scanned(
        least=least if shown.present else replace(least, number="", birth_year=None),
        card_id=shown.card_id,
        by_token=shown.by_token,
        presence=_sealed_presence(actor, shown, now) if shown.present else "",
        arrival_id=arrival_id,
        use=use or "",
    )


def arrive(actor: Actor, *, presence: str, use: str, window: rules.Window | None = None) -> Scanned:
    """Let somebody arrive whose card was scanned here minutes ago; ``presence`` is what that scan answered.

    Raises:
        Refused: as ``take_up``; if it was too long ago, at another desk or by somebody else; if the card ended since.
    """
    _may_scan(actor)
    shown = _presence(actor, presence, use)
    return take_up(actor, shown, use=use, window=window)


def forget_taken_tokens() -> int:
    """Drop the nonces of tokens that have expired: they are refused for their age now. Answers how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"keep": card_tokens.SKEW})
        return int(cursor.rowcount)


def _may_scan(actor: Actor) -> None:
    refuse(access.may(actor, Right.CARDS_SCAN, institution_id=actor.institution_id))
    rates.take(actor, what=Rated.CARD_SCAN)
    refuse(not_a_member(actor, on=ledger_queries.today()))


def _read(text: str) -> tuple[card_tokens.Claims | None, str | None]:
    """What a text says: the claims of a token that is believed, or a card's number."""
    if card_tokens.is_token(text):
        claims = card_tokens.verify(text, public_keys(), ledger_queries.now())
        if isinstance(claims, Refusal):
            raise Refused(claims)
        return claims, None
    number = rules.read_card_number(text)
    if number is None:
        raise Refused(rules.NOT_A_CARD)
    return None, number


def _refuse_ended(actor: Actor, card: dict[str, Any], persons: tuple[UUID, ...]) -> None:
    """Refuse a card that has ended; its holder sees in the read record that somebody showed it."""
    if card["ended_at"] is None:
        return
    ledger.record_read(
        actor,
        access_events.RecordRead(what="card", basis="", purpose="", result="refused", residents=persons[:1]),
        residents=persons[:1],
        subject_type=PERSON,
        subject_id=persons[0],
        institution_id=actor.institution_id,
        division_code=actor.division_code,
    )
    raise Refused(rules.CARD_ENDED)


def _confirm(actor: Actor, card: dict[str, Any], persons: tuple[UUID, ...], second: str) -> None:
    """Hold what the resident told against what is registered; a few slips an hour, then not by this way."""
    since = ledger_queries.now() - timedelta(hours=1)
    wrong = ledger_queries.events(
        kind=events.CardDoubted.KIND,
        subject_id=card["id"],
        since=since,
        limit=rules.WRONG_SECONDS_AN_HOUR,
    )
    if len(wrong) >= rules.WRONG_SECONDS_AN_HOUR:
        raise Refused(rules.SECOND_TOO_OFTEN)
    known = rows(sql.LEAST, entries=list(persons))
    numbers = [vault.opened_number(row["id"], row["identity_kind"], row["identity_sealed"]) for row in known]
    if rules.second_item_fits(second, numbers=numbers, births=[row["birth_date"] for row in known]):
        return
    with transaction.atomic():
        ledger.append(
            actor,
            events.CardDoubted(resident_id=persons[0]),
            subject_type=SUBJECT,
            subject_id=card["id"],
            institution_id=actor.institution_id,
            division_code=card["division_code"],
        )
    raise Refused(rules.SECOND_DIFFERS)


def _refuse_use(actor: Actor, shown: Shown, use: str, window: rules.Window | None, now: datetime) -> None:
    today = day_of(now)
    kind = rules.ELECTRONIC_CARD if shown.by_token else rules.RESIDENT_CARD
    refuse(
        rules.use_refusal(use, card_uses(actor.division_code, on=today)),
        rules.type_refusal(kind, card_types(actor.division_code, on=today)),
        rules.window_refusal(use, window),
        None if shown.present else rules.SECOND_MISSING,
    )


def take_nonce(nonce: UUID, until: datetime | None) -> bool:
    """Take a nonce; of two desks that scan the same code at once, one does."""
    return bool(rows(_TAKE, nonce=nonce, expires_at=until))


def _arrive(actor: Actor, shown: Shown, use: str, window: rules.Window | None, now: datetime) -> UUID:
    assert actor.institution_id is not None  # the right reaches by institution
    arrival_id, resident_id = uuid7(), shown.persons[0]
    values = {
        "id": arrival_id,
        "resident": resident_id,
        "institution": actor.institution_id,
        "use": use,
        "by_token": shown.by_token,
        "at": now,
        "start": window.start if window else None,
        "end": window.end if window else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVE, values)
    access_commands.relate(
        actor,
        resident_id=resident_id,
        institution_id=actor.institution_id,
        division_code=actor.division_code or "",
        kind=Basis.ENCOUNTER,
        source_id=arrival_id,
        until=now + VISIT_LASTS,
    )
    named = card_uses(actor.division_code, on=day_of(now))[use]
    ledger.append(
        actor,
        events.ResidentArrived(
            arrival_id=arrival_id, card_id=shown.card_id, use=use, by_token=shown.by_token
        ),
        subject_type=PERSON,
        subject_id=resident_id,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
        clauses=named,
    )
    return arrival_id


def _sealed_presence(actor: Actor, shown: Shown, now: datetime) -> str:
    said = {
        "card": str(shown.card_id),
        "by_token": shown.by_token,
        "nonce": str(uuid4()),
        "until": (now + PRESENCE_LASTS).timestamp(),
    }
    return base64.urlsafe_b64encode(vault.ring().seal(json.dumps(said), of=_desk(actor))).decode()


def _presence(actor: Actor, sealed: str, use: str) -> Shown:
    """The card that was scanned at this desk by this person; looked up again, since it may have ended meanwhile.

    It is good for each use once, so that a double click makes one arrival.
    """
    try:
        said = json.loads(vault.ring().open(base64.urlsafe_b64decode(sealed), of=_desk(actor)))
    except (CannotOpen, binascii.Error, ValueError) as error:
        raise Refused(rules.PRESENCE_OVER) from error
    if ledger_queries.now().timestamp() > said["until"]:
        raise Refused(rules.PRESENCE_OVER)
    (card,) = rows(SHOWN, card=UUID(said["card"]), number=None)
    persons = person_of(card["resident_id"])
    _refuse_ended(actor, card, persons)
    return Shown(
        card["id"],
        persons,
        by_token=said["by_token"],
        present=True,
        nonce=uuid5(UUID(said["nonce"]), use),
        until=datetime.fromtimestamp(said["until"], UTC),
        taken_before=rules.ALREADY_ARRIVED,
    )


def _desk(actor: Actor) -> str:
    return f"residents.presence:{actor.account_id}:{actor.institution_id}"
