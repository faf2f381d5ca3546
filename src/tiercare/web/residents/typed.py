"""What a form about a resident sent, as it was typed: shown again as it is, and read into a registration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.http import QueryDict

from tiercare.apps.residents import rules
from tiercare.apps.residents.rules import IdentityKind, Registration, Sex
from tiercare.apps.residents.rules.nations import NATION_NAMES
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import said, told

from .areas import Level, deepest, picker

_LONGEST = 300
TEXTS = ("identity_kind", "number", "child", "name", "sex", "nation", "birth_date", "address", "phone")
# What a desk is asked for most stands first.
KINDS = tuple(kind for kind in IdentityKind if kind is not IdentityKind.PHONE)
CHILDREN = "123456789"
HAN = "01"


@dataclass(slots=True)
class Typed:
    """A form's values. ``despite`` are look-alikes that the desk has said are others."""

    texts: dict[str, str]
    levels: list[Level]
    despite: list[UUID] = field(default_factory=list)

    @classmethod
    def read(cls, sent: QueryDict, *, on: date) -> Typed:
        """The values as sent; what is too long to be meant is cut."""
        despite = []
        for each in sent.getlist("despite")[:20]:
            try:
                despite.append(UUID(each))
            except ValueError:
                continue
        return cls(
            {name: sent.get(name, "").strip()[:_LONGEST] for name in TEXTS}, picker(sent, on=on), despite
        )

    @property
    def kind(self) -> IdentityKind:
        """The kind of document; what is none of ours counts as none chosen."""
        known = {kind.value: kind for kind in KINDS}
        return known.get(self.texts["identity_kind"], IdentityKind.ID_CARD)

    @property
    def number(self) -> str:
        """The number as the index keeps it: a newborn's is that of the mother and which child of this birth."""
        number = self.texts["number"]
        if self.kind is not IdentityKind.BY_MOTHER or not number:
            return number
        return f"{rules.fold_number(number).replace('-', '')}-{self.texts['child'] or CHILDREN[0]}"

    @property
    def sex(self) -> Sex:
        """The sex; open where nothing was chosen, so that a number can tell it."""
        known = {each.value: each for each in Sex}
        return known.get(self.texts["sex"], Sex.UNKNOWN)

    @property
    def birth_date(self) -> date | None:
        """The birth date, if there is one.

        Raises:
            Refused: for what is no day.
        """
        return day_of(self.texts["birth_date"], at="birth_date")

    def registration(self) -> Registration:
        """What the form says.

        Raises:
            Refused: for a birth date that is no day.
        """
        nation = self.texts["nation"]
        return Registration(
            name=self.texts["name"],
            sex=self.sex,
            birth_date=self.birth_date,
            division_code=deepest(self.levels),
            identity_kind=self.kind,
            number="" if self.kind is IdentityKind.NONE else self.number,
            phone=self.texts["phone"],
            address=self.texts["address"],
            nation=nation if nation in NATION_NAMES else "",
        )


def day_of(text: str, *, at: str) -> date | None:
    """A day as browsers send it, or none.

    Raises:
        Refused: for what is no day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(
            Refusal(
                code="not_a_day",
                message=Text("日期不存在。", "There is no such day."),
                instead=Text("请按 1968-05-17 的样子填写。", "Write it like 1968-05-17."),
                at=at,
                status=422,
            )
        ) from None


def choices() -> dict[str, Any]:
    """The lists that the forms choose from."""
    return {
        "kinds": [(kind.value, said(rules.IDENTITY_NAMES[kind])) for kind in KINDS],
        "sexes": [(each.value, said(name)) for each, name in rules.SEX_NAMES.items()],
        "nations": [(code, said(name)) for code, name in NATION_NAMES.items()],
        "children": list(CHILDREN),
    }


def refusals_told(refusals: tuple[Refusal, ...]) -> dict[str, Any]:
    """``refusals`` for the top of a form, and by the input that each is about, the first of several."""
    shown = [told(refusal) for refusal in refusals]
    at: Mapping[str, Any] = {each["at"]: each for each in reversed(shown) if each["at"]}
    return {"refusals": shown, "at": at}
