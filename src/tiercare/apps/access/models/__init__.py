"""Tables of access: accounts and their roles, ways of signing in, and who may read whose record."""

from __future__ import annotations

from .accounts import Account, Grant
from .care import BreakGlass, CareRelation, Consent, Objection
from .sessions import Session
from .signing_in import Invitation, Rate, RecoveryCode, SecondFactor, SignInCode, SignInFailures

__all__ = [
    "Account",
    "BreakGlass",
    "CareRelation",
    "Consent",
    "Grant",
    "Invitation",
    "Objection",
    "Rate",
    "RecoveryCode",
    "SecondFactor",
    "Session",
    "SignInCode",
    "SignInFailures",
]
