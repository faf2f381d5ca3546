"""What the office types: numbers, shares and times, each refused by its field's name where it is none; all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import told

_LONGEST = 2000


@dataclass
class Sent:
    """A form's values as they were sent; ``faults`` gathers what does not read."""

    values: Mapping[str, str]
    faults: list[Refusal] = field(default_factory=list)

    def text(self, name: str, *, longest: int = _LONGEST) -> str:
        """A line or a text without the blanks around it, cut where it is too long to be meant."""
        return self.values.get(name, "").strip()[:longest]

    def number(self, name: str) -> int | None:
        """A whole number, or ``None`` where nothing was typed."""
        typed = self.text(name, longest=20)
        if not typed:
            return None
        if typed.isascii() and typed.lstrip("-").isdigit() and len(typed) < 8:
            return int(typed)
        self.faults.append(_not(name, _NUMBER, typed))
        return None

    def needed(self, name: str) -> int:
        """A whole number that has to be there."""
        before = len(self.faults)
        found = self.number(name)
        if found is None and len(self.faults) == before:
            self.faults.append(_not(name, _NUMBER, ""))
        return found or 0

    def share(self, name: str, *, at: str) -> float:
        """A share, typed in per cent; nothing is nothing."""
        typed = self.text(name, longest=20).removesuffix("%").strip()
        try:
            found = Decimal(typed or "0")
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or abs(found) > 1000:
            self.faults.append(_not(at, _SHARE, typed))
            return 0.0
        return float(found / 100)

    def hour(self, name: str, *, ends: bool = False) -> time:
        """A time of day; where something ``ends``, 24:00 is the midnight of that day."""
        typed = self.text(name, longest=8)
        try:
            return time(0) if ends and typed == "24:00" else time.fromisoformat(typed)
        except ValueError:
            self.faults.append(_not(name, _HOUR, typed))
            return time(0)

    def judge(self) -> None:
        """Raises ``Refused`` with everything that does not read."""
        if self.faults:
            raise Refused(*self.faults)


def again(
    request: HttpRequest, template: str, context: Mapping[str, Any], refused: Refused | None = None
) -> HttpResponse:
    """A page with a form, and what was refused of it: above, and at its fields."""
    errors = [told(refusal) for refusal in refused.refusals] if refused else []
    more = {"refusals": errors, "at": {error["at"]: error for error in errors}}
    return render(
        request, template, {**context, **more}, status=refused.refusals[0].status if refused else 200
    )


def _not(at: str, message: Text, typed: str) -> Refusal:
    return Refusal(
        code=f"capacity.not_read_{at}",
        message=message,
        instead=_AGAIN,
        fields={"typed": typed[:20]},
        at=at,
        status=422,
    )


_NUMBER = Text("“{typed}”不是整数。", "“{typed}” is no whole number.")
_SHARE = Text("“{typed}”不是百分比。", "“{typed}” is no percentage.")
_HOUR = Text("“{typed}”不是时间。", "“{typed}” is no time of day.")
_AGAIN = Text("请更正后再保存，如 15、20、08:30。", "Correct it, such as 15, 20 or 08:30.")
