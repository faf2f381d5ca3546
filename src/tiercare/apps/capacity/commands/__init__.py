"""What is done to places."""

from __future__ import annotations

from .absence import appeal, decide_appeal
from .beds import admit, cancel_stay, change_bed, discharge, plan_stay, retime
from .booking import NoPlace, Taken, book
from .calling import call, call_next
from .cases import cancel_case, finish_step, open_case
from .centre import end_criteria, enter_procedure, keep_criteria, keep_unit, retire_procedure
from .conflicts import Settled, settle_conflict
from .extra import allow_extra, overbook, walk_in
from .feeds import Received, receive
from .for_requests import follow_request, take_for_request
from .keeping_beds import enter_beds, keep_bed
from .lending import lend
from .offering import ask_waiting, offer_by_hand, offer_next, settle, sweep_lapsed
from .own_shares import Adopted, adopt_share
from .place_files import (
    discard_places,
    import_places,
    take_over_places,
    try_places,
    upload_places,
)
from .pools import keep_pool, keep_week
from .publishing import Published, prepare, publish
from .reminding import remind
from .resizing import Changed, resize
from .stopping import Stopped, stop, substitute
from .together import book_together
from .turning import move, turn
from .waiting import answer_offer, wait, withdraw
from .week import Week, plan_days, publish_days

__all__ = [
    "Adopted",
    "Changed",
    "NoPlace",
    "Published",
    "Received",
    "Settled",
    "Stopped",
    "Taken",
    "Week",
    "admit",
    "adopt_share",
    "allow_extra",
    "answer_offer",
    "appeal",
    "ask_waiting",
    "book",
    "book_together",
    "call",
    "call_next",
    "cancel_case",
    "cancel_stay",
    "change_bed",
    "decide_appeal",
    "discard_places",
    "discharge",
    "end_criteria",
    "enter_beds",
    "enter_procedure",
    "finish_step",
    "follow_request",
    "import_places",
    "keep_bed",
    "keep_criteria",
    "keep_pool",
    "keep_unit",
    "keep_week",
    "lend",
    "move",
    "offer_by_hand",
    "offer_next",
    "open_case",
    "overbook",
    "plan_days",
    "plan_stay",
    "prepare",
    "publish",
    "publish_days",
    "receive",
    "remind",
    "resize",
    "retime",
    "retire_procedure",
    "settle",
    "settle_conflict",
    "stop",
    "substitute",
    "sweep_lapsed",
    "take_for_request",
    "take_over_places",
    "try_places",
    "turn",
    "upload_places",
    "wait",
    "walk_in",
    "withdraw",
]
