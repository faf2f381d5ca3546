"""One's own second factor: whether it is set up, and what the app has to be told while it is being set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from django.conf import settings

from tiercare.kernel.actor import Actor
from tiercare.kernel.secrecy import key_ring

from ..models import Account, RecoveryCode, SecondFactor
from ..rules.staff import CODE_DIGITS, STEP

# What the authenticator app writes above the code.
_ISSUER = "Tiercare"


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor in use since ``since``, with ``codes_left`` recovery codes that are still good."""

    since: datetime
    codes_left: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that waits for its first code: as text in groups of four, and as the address in the QR code."""

    secret: str
    address: str


def own_factor(actor: Actor) -> Factor | None:
    """The actor's own second factor, if one is in use."""
    factor = SecondFactor.objects.filter(account_id=actor.account_id, confirmed_at__isnull=False).first()
    if factor is None:
        return None
    left = RecoveryCode.objects.filter(account_id=actor.account_id, used_at=None).count()
    return Factor(factor.confirmed_at, left)


def own_enrolment(actor: Actor) -> Enrolment | None:
    """What the actor's app has to be told; ``None`` before it was begun and, for ever, after it was confirmed."""
    factor = SecondFactor.objects.filter(account_id=actor.account_id, confirmed_at__isnull=True).first()
    if factor is None:
        return None
    account = Account.objects.only("username").get(pk=factor.account_id)
    secret = key_ring(settings.HOME).open(factor.secret_sealed, of=sealed_for(account.id))
    totp = pyotp.TOTP(secret, digits=CODE_DIGITS, interval=STEP)
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Enrolment(groups, totp.provisioning_uri(name=account.username, issuer_name=_ISSUER))


def sealed_for(account_id: UUID) -> str:
    """The place for which an account's secret is sealed."""
    return f"access.second_factor:{account_id}"
