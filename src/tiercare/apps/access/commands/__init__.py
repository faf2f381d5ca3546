"""What is done about access: accounts, roles, and signing in."""

from __future__ import annotations

from .accounts import change_password, create_account, disable_account, enable_account, set_password
from .demonstration import Place, lay_down_demo_accounts
from .grants import choose_role, grant, revoke
from .signing_in import sign_in, sign_out

__all__ = [
    "Place",
    "change_password",
    "choose_role",
    "create_account",
    "disable_account",
    "enable_account",
    "grant",
    "lay_down_demo_accounts",
    "revoke",
    "set_password",
    "sign_in",
    "sign_out",
]
