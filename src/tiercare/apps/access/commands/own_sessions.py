"""What a person does with their own sessions."""

from __future__ import annotations

from django.db import transaction

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .. import events, rules
from ..models import Session
from ..queries.sessions import handle_of
from ..rules.sessions import NO_SUCH_SESSION
from .accounts import record
from .sessions import end_sessions


def end_session(actor: Actor, *, handle: str) -> None:
    """End one of one's own sessions, named by its ``handle``.

    Raises:
        Refused: if nobody is signed in, or no session of theirs is called so (it may have ended by itself).
    """
    if actor.account_id is None:
        raise Refused(rules.SIGN_IN_FIRST)
    with transaction.atomic():
        keys = Session.objects.filter(account_id=actor.account_id).values_list("session_key", flat=True)
        key = next((key for key in keys if handle_of(key) == handle), None)
        if key is None:
            raise Refused(NO_SUCH_SESSION)
        Session.objects.filter(session_key=key).delete()
        record(actor, actor.account_id, events.SessionsEnded(count=1))


def end_other_sessions(actor: Actor, *, session_key: str | None) -> int:
    """End all of one's own sessions but the one under ``session_key``; returns how many there were.

    Raises:
        Refused: if nobody is signed in.
    """
    if actor.account_id is None:
        raise Refused(rules.SIGN_IN_FIRST)
    with transaction.atomic():
        ended = end_sessions(actor.account_id, except_key=session_key)
        if ended:
            record(actor, actor.account_id, events.SessionsEnded(count=ended))
    return ended
