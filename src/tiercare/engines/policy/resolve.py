"""What a parameter is, for a region on a date: value, clause, wording and source, never the number alone."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date

from tiercare.kernel.text import Text

from .model import Clause, Document, Pack, PackSet, Parameter, Value


class ParameterProblem(Exception):
    """The question has no single answer; ``message`` says why and what to ask instead."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)


@dataclass(frozen=True, slots=True)
class ParameterAnswer:
    """A value with everything that gives it its weight. ``others`` are the same key in other documents of
    the chain: targets of different levels stand side by side, none replaces another."""

    parameter: Parameter
    clause: Clause
    document: Document
    pack: Pack
    others: tuple[ParameterAnswer, ...] = ()

    @property
    def value(self) -> Value:
        """The value itself; ``None`` where the text asks for it without saying how much."""
        return self.parameter.value


def parameter(packs: PackSet, key: str, region: str, *, on: date) -> ParameterAnswer:
    """What ``key`` (``reserve_lead_hospital``, or qualified ``TY-91.reserve_lead_hospital``) is there and then.

    ``region`` is a pack id or a division code. The most local document answers; the same key in the
    documents above it comes along in ``others``.

    Raises:
        ParameterProblem: if there is no such region or parameter, it is not in force on that day, or one
            document uses the key in several clauses (then ask with the qualified name).
    """
    pack = packs.find(region)
    if pack is None:
        known = "、".join(packs.packs)
        raise ParameterProblem(
            Text(
                f"“{region}”没有政策包；现有：{known}。",
                f"No pack covers “{region}”; there are: {', '.join(packs.packs)}.",
            )
        )
    named = packs.parameters_for(pack.id, key)
    if not named:
        raise ParameterProblem(_unknown(packs, key, pack))
    current = [value for value in named if on in value.period]
    if not current:
        first = min(value.period.start for value in named)
        raise ParameterProblem(
            Text(
                f"参数 {key} 在 {on} 未生效，自 {first} 起。",
                f"Parameter {key} is not in force on {on}; it starts on {first}.",
            )
        )
    answers = [_answer(packs, value) for value in current]
    local = [answer for answer in answers if answer.pack.id == answers[-1].pack.id]
    if len(local) > 1:
        names = [answer.parameter.name for answer in local]
        raise ParameterProblem(
            Text(
                f"“{key}”见于多个条款，请写明：{'、'.join(names)}。",
                f"“{key}” stands in several clauses; ask for one of {', '.join(names)}.",
            )
        )
    chosen = local[0]
    others = tuple(answer for answer in answers if answer is not chosen)
    return ParameterAnswer(chosen.parameter, chosen.clause, chosen.document, chosen.pack, others)


def carries(packs: PackSet, key: str, pack: str) -> bool:
    """Whether the pack or one that it extends knows the key (qualified or not), on whatever day. Asked first where a text
    may well be silent: the refusal of a key that nobody knows looks for likely ones, which costs much."""
    return bool(packs.parameters_for(pack, key))


def in_force(packs: PackSet, name: str, on: date) -> Parameter | None:
    """The parameter of this qualified name on that day, if any."""
    return next((value for value in packs.parameters[name] if on in value.period), None)


def _answer(packs: PackSet, value: Parameter) -> ParameterAnswer:
    clause = packs.clause[value.clause]
    return ParameterAnswer(value, clause, packs.document[clause.document], packs.packs[clause.pack])


def _unknown(packs: PackSet, key: str, pack: Pack) -> Text:
    values = [value for clause in packs.clauses_for(pack.id) for value in clause.parameters]
    known = {value.name if "." in key else value.key for value in values}
    near = difflib.get_close_matches(key, known, n=3)
    zh = f"{pack.name.zh}的政策包没有参数“{key}”。" + (f"是否想问：{'、'.join(near)}？" if near else "")
    en = f"The pack of {pack.name.en} has no parameter “{key}”." + (
        f" Did you mean {', '.join(near)}?" if near else ""
    )
    return Text(zh, en)
