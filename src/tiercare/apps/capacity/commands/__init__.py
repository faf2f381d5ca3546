"""What is done to places."""

from __future__ import annotations

from .absence import appeal, decide_appeal
from .beds import admit, cancel_stay, change_bed, discharge, keep_bed, plan_stay
from .booking import HOLD, NoPlace, Taken, book
from .cases import cancel_case, enter_procedure, finish_step, keep_unit, open_case
from .extra import allow_extra, overbook, walk_in
from .lending import lend
from .pools import keep_pool, keep_week
from .publishing import Published, prepare, publish
from .stopping import Stopped, stop, substitute
from .together import book_together
from .turning import move, turn
from .waiting import offer_next, settle, sweep_lapsed, wait, withdraw
from .week import Week, plan_days, publish_days

__all__ = [
    "HOLD",
    "NoPlace",
    "Published",
    "Stopped",
    "Taken",
    "Week",
    "admit",
    "allow_extra",
    "appeal",
    "book",
    "book_together",
    "cancel_case",
    "cancel_stay",
    "change_bed",
    "decide_appeal",
    "discharge",
    "enter_procedure",
    "finish_step",
    "keep_bed",
    "keep_pool",
    "keep_unit",
    "keep_week",
    "lend",
    "move",
    "offer_next",
    "open_case",
    "overbook",
    "plan_days",
    "plan_stay",
    "prepare",
    "publish",
    "publish_days",
    "settle",
    "stop",
    "substitute",
    "sweep_lapsed",
    "turn",
    "wait",
    "walk_in",
    "withdraw",
]
