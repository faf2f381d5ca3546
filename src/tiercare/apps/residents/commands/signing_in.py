"""A resident signs in with the health card and a code sent to the telephone on record."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import salted_hmac

from tiercare.apps.access.commands import resident_sign_in
from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.secrecy import CannotOpen

from ..queries import vault
from ..queries.card_keys import public_keys
from ..queries.finding import least_of
from ..queries.opening import person_of
from ..queries.rows import rows
from ..rules import IdentityKind, card_tokens, fold_number

_CARD = "SELECT resident_id FROM residents_card_shown(%(card)s::uuid, %(number)s) WHERE ended_at IS NULL"
# The wall stands open for this one person while the message is addressed; nothing of it is shown.
_PHONE = """
SELECT id, phone_sealed FROM residents_resident
WHERE id = ANY (%(persons)s) AND phone_sealed IS NOT NULL AND deceased_on IS NULL
ORDER BY id = %(master)s DESC, id LIMIT 1
"""


def ask_for_code(actor: Actor, *, shown: str, source: str) -> UUID:
    """Send a code to whoever bears the card ``shown`` (its number or its token); answers the id to go on with.

    Nothing tells whether there is such a card, a telephone on record, or nobody: all get an id, and the same words.
    Not to be called inside another transaction.

    Raises:
        Refused: 429 while codes are asked for too often.
        OSError: if the message cannot be handed over.
    """
    persons = _bearer(shown)
    phone = _phone(actor, persons) if persons else ""
    target = persons[0] if persons else _nobody(shown)
    resident_sign_in.send_code(actor, resident_id=target, phone=phone, source=source)
    return target


def sign_in_with_code(actor: Actor, *, resident_id: UUID, code: str, source: str) -> AbstractBaseUser:
    """The account of the resident to whom the code went.

    Not to be called inside another transaction: a wrong attempt is counted although it is refused.

    Raises:
        Refused: 401 for a wrong, old or worn-out code; 403 if the account was disabled.
    """
    persons = person_of(resident_id)
    known = least_of(persons[:1])
    return resident_sign_in.open_with_code(
        actor,
        resident_id=resident_id,
        display_name=known[0].name if known else "",
        known=bool(known),
        code=code,
        source=source,
    )


def _bearer(shown: str) -> tuple[UUID, ...]:
    """All entries of the person who bears the card, the master first; empty if nobody does.

    A token only says which card it is: it is the code that signs in, so one shown before does no harm here.
    """
    if card_tokens.is_token(shown):
        claims = card_tokens.verify(shown, public_keys(), ledger.now())
        asked: dict[str, object] = {
            "card": None if isinstance(claims, Refusal) else claims.card_id,
            "number": None,
        }
    else:
        asked = {"card": None, "number": fold_number(shown).replace("-", "")}
    found = rows(_CARD, **asked)
    return person_of(found[0]["resident_id"]) if found else ()


def _phone(actor: Actor, persons: tuple[UUID, ...]) -> str:
    with scoped(actor, persons=persons):
        found = rows(_PHONE, persons=list(persons), master=persons[0])
    if not found:
        return ""
    try:
        return vault.opened_number(found[0]["id"], IdentityKind.PHONE.value, found[0]["phone_sealed"])
    except CannotOpen:
        return ""


def _nobody(shown: str) -> UUID:
    """An id that is always the same for what was typed, so that asking for nobody is counted like asking."""
    return UUID(bytes=salted_hmac("tiercare.residents.nobody", shown, algorithm="sha256").digest()[:16])
