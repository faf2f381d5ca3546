"""Reads of requests."""

from .desks import desk_of, people_asked, without_desk
from .lines import Line
from .mine import Mine, mine, my_request
from .opening import Case, StepRow, of_resident, opened, own_drafts
from .public import Public, public
from .requests import acts_now, open_for, standing_of
from .worklist import Box, NoticeRow, Worklist, notices, unseen, worklist

__all__ = [
    "Box",
    "Case",
    "Line",
    "Mine",
    "NoticeRow",
    "Public",
    "StepRow",
    "Worklist",
    "acts_now",
    "desk_of",
    "mine",
    "my_request",
    "notices",
    "of_resident",
    "open_for",
    "opened",
    "own_drafts",
    "people_asked",
    "public",
    "standing_of",
    "unseen",
    "without_desk",
    "worklist",
]
