"""Reads of requests."""

from .desks import desk_of, people_asked, without_desk
from .fact_rows import brought, fact_referrals, fact_remote, months_sent, sent_at
from .lines import Line
from .mine import Mine, mine, my_request
from .opening import Case, StepRow, of_resident, opened, own_drafts, untouched
from .public import Public, public
from .requests import acts_now, open_for, standing_of
from .worklist import Bell, Box, NoticeRow, Worklist, bell, notices, worklist

__all__ = [
    "Bell",
    "Box",
    "Case",
    "Line",
    "Mine",
    "NoticeRow",
    "Public",
    "StepRow",
    "Worklist",
    "acts_now",
    "bell",
    "brought",
    "desk_of",
    "fact_referrals",
    "fact_remote",
    "mine",
    "months_sent",
    "my_request",
    "notices",
    "of_resident",
    "open_for",
    "opened",
    "own_drafts",
    "people_asked",
    "public",
    "sent_at",
    "standing_of",
    "untouched",
    "without_desk",
    "worklist",
]
