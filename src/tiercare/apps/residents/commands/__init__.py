"""What is done about residents."""

from __future__ import annotations

from .cards import block_card, block_my_card, issue_card, replace_card, report_lost
from .care import agree_care, ask_care, decline_care, finish_care, withdraw_care
from .choosing import choose_provider
from .correcting import Changed, ChangedMeanwhile, correct, report_same
from .covering import end_cover, record_cover
from .demonstration import demonstrate_covers
from .family import add_member, change_relation, end_guardian, leave_household, set_guardian
from .hunting import Hunted, Phase, areas_worth_a_hunt, hunt
from .importing import Imported, import_residents
from .importing_cover import CoversTaken, import_covers
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
    "CoversTaken",
    "Hunted",
    "Imported",
    "Moved",
    "Phase",
    "Registered",
    "Scanned",
    "add_member",
    "agree_care",
    "areas_worth_a_hunt",
    "arrive",
    "ask_care",
    "ask_for_code",
    "assign_doctor",
    "block_card",
    "block_my_card",
    "break_glass",
    "change_relation",
    "check_card",
    "choose_provider",
    "correct",
    "decline_care",
    "demonstrate_covers",
    "dismiss",
    "end_cover",
    "end_doctor",
    "end_group",
    "end_guardian",
    "enter_group",
    "finish_care",
    "forget_taken_tokens",
    "give_consent",
    "hunt",
    "import_covers",
    "import_residents",
    "issue_card",
    "leave_household",
    "merge",
    "move_out",
    "object_to_reading",
    "part",
    "record_cover",
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
    "withdraw_care",
    "withdraw_consent",
]
