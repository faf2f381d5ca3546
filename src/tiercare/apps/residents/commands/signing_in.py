"""A resident signs in with the health card and a code sent to the telephone on record."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import salted_hmac

from tiercare.apps.access.commands import resident_sign_in
from tiercare.apps.access.commands.resident_sign_in import Browser
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules.consent import WRONG_CODE
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.secrecy import CannotOpen

from ..queries import vault
from ..queries.card_keys import public_keys
from ..queries.finding import least_of
from ..queries.opening import person_of
from ..rules import IdentityKind, card_tokens, fold_number
from ..rules.telephone import Telephone, serves

_CARD = "SELECT resident_id FROM residents_card_shown(%(card)s::uuid, %(number)s) WHERE ended_at IS NULL"
# The wall stands open for this one person while the message is addressed; nothing of it is shown. The foremost
# entry's number comes first, and what was retired last.
_PHONES = """
SELECT i.resident_id, i.sealed, i.blind, i.recorded_at, i.retired_at FROM residents_identifier i
WHERE i.resident_id = ANY (%(persons)s::uuid[]) AND i.kind = %(kind)s
  AND NOT EXISTS (SELECT FROM residents_resident r WHERE r.id = ANY (%(persons)s::uuid[]) AND r.deceased_on IS NOT NULL)
ORDER BY i.retired_at IS NOT NULL, i.resident_id = %(master)s::uuid DESC, i.recorded_at DESC, i.id
"""


def ask_for_code(actor: Actor, *, shown: str, browser: Browser) -> UUID:
    """Send a code to whoever bears the card ``shown`` (its number or its token); answers the id of the code.

    Nothing tells whether there is such a card, a telephone on record that may receive codes, or nobody: all get an
    id, and the same words. Not to be called inside another transaction.

    Raises:
        Refused: 429 while codes are asked for too often.
        OSError: if the message cannot be handed over.
    """
    persons = _bearer(shown)
    phone = _phone(actor, persons) if persons else ""
    target = persons[0] if persons else _nobody(shown)
    return resident_sign_in.send_code(actor, resident_id=target, phone=phone, browser=browser)


def sign_in_with_code(actor: Actor, *, code: str, browser: Browser) -> AbstractBaseUser:
    """The account of the resident to whom the code of this browser went.

    Not to be called inside another transaction: every try is counted although it is refused.

    Raises:
        Refused: 401 for a wrong, old or worn-out code, and without one; 429 while codes are tried too often; 403 if
            the account was disabled.
    """
    resident_id = resident_sign_in.asked_about(browser.code_id) if browser.code_id else None
    if resident_id is None:
        raise Refused(WRONG_CODE)
    persons = person_of(resident_id)
    known = least_of(persons[:1])
    return resident_sign_in.open_with_code(
        actor,
        resident_id=resident_id,
        display_name=known[0].name if known else "",
        known=bool(known),
        code=code,
        browser=browser,
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
    """The telephone to which a code goes; empty where there is none, or a desk has put it in too lately."""
    kind = IdentityKind.PHONE.value
    with scoped(actor, persons=persons):
        found = rows(_PHONES, persons=list(persons), kind=kind, master=persons[0])
    if not found or found[0]["retired_at"] is not None:
        return ""
    known = [Telephone(bytes(row["blind"]), row["recorded_at"], row["retired_at"]) for row in found]
    if not serves(known[0], known, at=ledger.now()):
        return ""
    try:
        return vault.opened_number(found[0]["resident_id"], kind, found[0]["sealed"])
    except CannotOpen:
        return ""


def _nobody(shown: str) -> UUID:
    """An id that is always the same for what was typed, so that asking for nobody is counted like asking."""
    return UUID(bytes=salted_hmac("tiercare.residents.nobody", shown, algorithm="sha256").digest()[:16])
