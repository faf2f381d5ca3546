"""What is done about residents."""

from __future__ import annotations

from .cards import block_card, block_my_card, issue_card, replace_card, report_lost
from .correcting import Changed, ChangedMeanwhile, correct, report_same
from .family import add_member, change_relation, end_guardian, leave_household, set_guardian
from .hunting import Hunted, Phase, areas_worth_a_hunt, hunt
from .importing import Imported, import_residents
from .keeping import assign_doctor, end_doctor, end_group, enter_group
from .keys import turn_keys
from .merging import dismiss, merge, part
from .moving import Moved, move_out, verify_receipt
from .registering import AlreadyKnown, Registered, register
from .scanning import Scanned, arrive, check_card, forget_taken_tokens, scan, take_up
from .sharing import break_glass, give_consent, object_to_reading, withdraw_consent
from .signing_in import ask_for_code, sign_in_with_code

__all__ = [
    "AlreadyKnown",
    "Changed",
    "ChangedMeanwhile",
    "Hunted",
    "Imported",
    "Moved",
    "Phase",
    "Registered",
    "Scanned",
    "add_member",
    "areas_worth_a_hunt",
    "arrive",
    "ask_for_code",
    "assign_doctor",
    "block_card",
    "block_my_card",
    "break_glass",
    "change_relation",
    "check_card",
    "correct",
    "dismiss",
    "end_doctor",
    "end_group",
    "end_guardian",
    "enter_group",
    "forget_taken_tokens",
    "give_consent",
    "hunt",
    "import_residents",
    "issue_card",
    "leave_household",
    "merge",
    "move_out",
    "object_to_reading",
    "part",
    "register",
    "replace_card",
    "report_lost",
    "report_same",
    "scan",
    "set_guardian",
    "sign_in_with_code",
    "take_up",
    "turn_keys",
    "verify_receipt",
    "withdraw_consent",
]
