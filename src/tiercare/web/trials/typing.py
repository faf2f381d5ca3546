"""The form of a trial: what somebody typed, kept as typed, and read with every fault said at its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict

from tiercare.apps.trials.queries.trials import Whole
from tiercare.apps.trials.rules.asked import SIDES, Asked, Value
from tiercare.apps.trials.rules.trials import BAD_FIRST, BAD_SEEDS, FIRST_SEED, RESIDENTS, SEEDS
from tiercare.engines.twin.levers import LEVERS
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.frame import Frame

from . import words

_LONGEST = 200
_NOT_A_NUMBER = Text("{lever}要填数，“{given}”不是。", "{lever} is a number; “{given}” is none.")
_OUTSIDE = Text(
    "{lever}是 {given}{unit}，超出 {low}–{high}。", "{lever} is {given} {unit}, outside {low}–{high}."
)
_NOT_WHOLE = Text("{lever}要填整数，“{given}”不是。", "{lever} is a whole number; “{given}” is none.")
_NO_CHOICE = Text("{lever}没有这种选择。", "{lever} has no such choice.")
_WITHIN = Text(
    "请填 {low} 到 {high} 之间的数；不改就留空。", "Write a number from {low} to {high}, or leave it empty."
)
_CHOOSE = Text("请从列表中选择。", "Choose from the list.")
_NOT_RESIDENTS = Text("居民数要填整数，“{given}”不是。", "Residents are a whole number; “{given}” is none.")
_USUAL = Text("一般用 {usual}。", "{usual} is usual.")
_WHOLE = frozenset({"hours", "weeks"})


@dataclass(slots=True)
class Typed:
    """What stands in the fields, by their names; ``origin`` is the trial that it was copied from."""

    values: Mapping[str, str]
    origin: UUID | None = None
    faults: list[Refusal] = field(default_factory=list)

    def asked(self, frame: Frame) -> Asked:
        """What it asks for; what cannot be read is among ``faults`` afterwards and left out."""
        sides = {side: self._changes(side) for side in SIDES}
        return Asked(
            title=self.values.get("title", ""),
            a=sides["a"],
            b=sides["b"],
            on=frame.on,
            residents=self._residents(),
            seeds=self._whole("seeds", SEEDS, BAD_SEEDS),
            first_seed=self._whole("first_seed", FIRST_SEED, BAD_FIRST),
            origin=self.origin,
        )

    def _changes(self, side: str) -> dict[str, Value]:
        """The levers that are typed; what is left empty stays the pack's."""
        read: dict[str, Value] = {}
        for name in LEVERS:
            given = self.values.get(f"{side}.{name}", "")
            try:
                if given:
                    read[name] = self._value(side, name, given)
            except Refused as refused:
                self.faults += refused.refusals
        return read

    def _value(self, side: str, name: str, given: str) -> Value:
        lever, at = LEVERS[name], f"{side}.{name}"
        if words.range_of(lever) is None:
            if given not in dict(words.choices(name)):
                raise _wrong(at, "trials.no_such_choice", _NO_CHOICE, _CHOOSE, lever=lever.name)
            return given == words.YES if lever.unit == "flag" else given
        return self._number(at, name, given)

    def _number(self, at: str, name: str, given: str) -> float:
        lever = LEVERS[name]
        about = words.range_of(lever)
        assert about is not None
        fields = {
            "lever": lever.name,
            "given": given,
            "low": about.low,
            "high": about.high,
            "unit": about.unit,
        }
        number = _number(given)
        if number is None:
            raise _wrong(at, "trials.not_a_number", _NOT_A_NUMBER, _WITHIN, **fields)
        if lever.unit in _WHOLE and number != int(number):
            raise _wrong(at, "trials.not_whole", _NOT_WHOLE, _WITHIN, **fields)
        if not float(about.low) <= number <= float(about.high):
            raise _wrong(at, "trials.outside", _OUTSIDE, _WITHIN, **fields)
        return int(number) if lever.unit in _WHOLE else round(number / words.scale_of(name), 9)

    def _residents(self) -> int:
        """Within which limits they lie is the engine's to say."""
        given = self.values.get("residents", "") or str(RESIDENTS)
        number = _number(given.replace(",", ""))
        if number is None or number != int(number):
            fields = {"given": given, "usual": f"{RESIDENTS:,}"}
            self.faults += _wrong(
                "residents", "trials.not_residents", _NOT_RESIDENTS, _USUAL, **fields
            ).refusals
            return RESIDENTS
        return int(number)

    def _whole(self, name: str, usual: int, refusal: Refusal) -> int:
        given = self.values.get(name, "")
        if not given:
            return usual
        number = _number(given)
        if number is None or number != int(number):
            self.faults.append(refusal)
            return usual
        return int(number)


def posted(given: QueryDict) -> Typed:
    """What the form sent."""
    names = (
        "title",
        "residents",
        "seeds",
        "first_seed",
        *(f"{side}.{name}" for side in SIDES for name in LEVERS),
    )
    return Typed(
        {name: given.get(name, "").strip()[:_LONGEST] for name in names}, _key(given.get("origin", ""))
    )


def begun() -> Typed:
    """An empty form, with the usual size."""
    return Typed({"residents": str(RESIDENTS), "seeds": str(SEEDS), "first_seed": str(FIRST_SEED)})


def copied(of: Whole) -> Typed:
    """The form as it was when this trial was asked for."""
    values = {"title": of.line.title, "residents": str(of.line.residents), "seeds": str(of.line.seeds)}
    values["first_seed"] = str(of.line.first_seed)
    for side, changes in (("a", of.a), ("b", of.b)):
        values |= {
            f"{side}.{name}": words.typed(name, value) for name, value in changes.items() if name in LEVERS
        }
    return Typed(values, of.line.id)


def _number(given: str) -> float | None:
    """A plain decimal number; neither infinite nor none."""
    try:
        number = float(given)
    except ValueError:
        return None
    return number if abs(number) < 1e12 else None  # also False for NaN


def _key(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _wrong(at: str, code: str, message: Text, instead: Text, **fields: object) -> Refused:
    return Refused(Refusal(code, message, instead, fields, at=at, status=422))
