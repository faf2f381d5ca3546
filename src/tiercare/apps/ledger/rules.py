"""What of an event may be shown: numbers of people never, should one ever have got into it."""

from __future__ import annotations

import re

HIDDEN = "＊＊＊"
# Identity numbers of 18 and of 15 characters (GB 11643: area, day of birth, order, check) and mobile numbers.
# The day of birth tells them from codes of organisations; letters and digits around it, from parts of other codes.
_NUMBERS = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"|\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
    r"|1[3-9]\d{9}"
    r")(?![0-9A-Za-z])"
)
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")


def concealed(text: str) -> str:
    """The text without identity and mobile numbers, in half or full width.

    The second line only: no payload holds any, which is for the apps that write them.
    """
    shown, found = _NUMBERS.subn(HIDDEN, text.translate(_HALF_WIDTH))
    return shown if found else text
