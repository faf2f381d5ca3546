"""What is done about access: accounts, roles, and signing in."""

from __future__ import annotations

from .accounts import change_password, create_account, disable_account, enable_account, set_password
from .care import end_relation, relate
from .demonstration import Place, lay_down_demo_accounts
from .grants import choose_role, grant, revoke
from .resealing import reseal_second_factors
from .signing_in import sign_in, sign_out

__all__ = [
    "Place",
    "change_password",
    "choose_role",
    "create_account",
    "disable_account",
    "enable_account",
    "end_relation",
    "grant",
    "lay_down_demo_accounts",
    "relate",
    "reseal_second_factors",
    "revoke",
    "set_password",
    "sign_in",
    "sign_out",
]
