"""Health cards: scan, issue, block, and the keys with which a device checks a code without a line.

A scan asks for an ``Idempotency-Key`` like every write: sent again because the line dropped, it is answered the same,
although the code itself is taken once.
"""

from __future__ import annotations

import base64
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from tiercare.apps.residents import commands
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules import CardEvent
from tiercare.apps.residents.rules.card_tokens import LIFETIME
from tiercare.apps.residents.rules.cards import Window

from .problems import Problem
from .writes import Body, once

router = Router(tags=["cards"])

REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem, 428: Problem, 429: Problem}


class Scan(Body):
    """What a reader read or somebody typed. Without ``use`` the card only identifies; ``second`` (last four characters of
    the document, or the birth date) proves presence where only a number is given; a timed use has ``start`` and ``end``."""

    text: str
    use: str | None = None
    second: str = ""
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class Issue(Body):
    """For whom a card is issued; ``replace`` ends the one in use."""

    resident_id: UUID
    replace: bool = False


class Block(Body):
    """Why a card ends."""

    event: Literal["lost", "withdrawn"] = "lost"


class Seen(Schema):
    """Who the card is, as little as a desk needs; ``present`` if that was proven; ``arrival_id`` if they arrived."""

    resident_id: UUID
    card_id: UUID
    name: str
    sex: str
    birth_year: int | None
    area: str
    document: str
    number: str
    present: bool
    by_token: bool
    use: str
    arrival_id: UUID | None


class Card(Schema):
    """A card by its id."""

    id: UUID


class Key(Schema):
    """A public key as a JSON Web Key (RFC 8037): ``kid`` is the issuer, in hexadecimal, as tokens name it."""

    kty: str = "OKP"
    crv: str = "Ed25519"
    use: str = "sig"
    kid: str
    x: str


class Keys(Schema):
    """All keys whose tokens are believed here, and for how long a token lives at most."""

    keys: list[Key]
    lifetime_seconds: int = Field(default=int(LIFETIME.total_seconds()))


@router.get("/keys", response=Keys, auth=None, summary="Public keys of the card")
def keys(request: HttpRequest, response: HttpResponse) -> Keys:
    """For readers that check codes on their own. Open to everybody: a public key opens nothing, and a device in a
    village needs no account to know a genuine code. Whether a code was used or a card lost, only a scan tells."""
    response["Cache-Control"] = "no-cache"
    return Keys(
        keys=[
            Key(kid=issuer.hex(), x=base64.urlsafe_b64encode(public).rstrip(b"=").decode())
            for issuer, public in residents.public_keys().items()
        ]
    )


@router.post("/scan", response={200: Seen, **REFUSALS}, summary="Scan a card")
def scan(request: HttpRequest, body: Scan) -> HttpResponse:
    """Who it is; with ``use`` they have arrived, and this institution may read the record for a day."""
    # Looked at before the transaction of the answer: what was tried is written even where it is refused.
    shown = commands.check_card(request.actor, text=body.text, second=body.second)
    window = Window(body.start, body.end) if body.start and body.end else None
    return once(
        request,
        200,
        lambda: _seen(commands.take_up(request.actor, shown, use=body.use, window=window)),
    )


@router.post("", response={201: Card, **REFUSALS}, summary="Issue or replace a card")
def issue(request: HttpRequest, body: Issue) -> HttpResponse:
    """For a resident whose record may be opened, or for oneself. One card is in use; none is replaced unasked."""
    command = commands.replace_card if body.replace else commands.issue_card
    return once(request, 201, lambda: Card(id=command(request.actor, body.resident_id)))


@router.post("/{uuid:key}/block", response={200: Card, **REFUSALS}, summary="Block a card")
def block(request: HttpRequest, key: UUID, body: Block) -> HttpResponse:
    """From this moment on it opens nothing."""

    def work() -> Card:
        commands.block_card(request.actor, key, event=CardEvent(body.event))
        return Card(id=key)

    return once(request, 200, work)


def _seen(scanned: commands.Scanned) -> Seen:
    least = scanned.least
    return Seen(
        resident_id=least.id,
        card_id=scanned.card_id,
        name=least.name,
        sex=least.sex,
        birth_year=least.birth_year,
        area=least.division_code,
        document=least.identity_kind,
        number=least.number,
        present=bool(scanned.presence),
        by_token=scanned.by_token,
        use=scanned.use,
        arrival_id=scanned.arrival_id,
    )
