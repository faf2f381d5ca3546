"""``/api/policy``: packs, clauses, rule cards and parameters."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from tiercare.apps.access import rules as access
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries.answers import plain
from tiercare.engines.policy import Pack, ParameterAnswer, ParameterProblem, RuleCard
from tiercare.engines.policy import parameter as resolved
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .problems import Problem

router = Router(tags=["policy"])
FAILURES = {401: Problem, 403: Problem, 404: Problem, 422: Problem}


class Words(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class DocumentOut(Schema):
    """A policy document; ``dated_by_text`` is false where the date was assumed."""

    id: str
    title: Words
    number: str | None
    in_force_from: date
    dated_by_text: bool


class PackOut(Schema):
    """A pack; ``region`` is a division code, ``00`` the nation."""

    id: str
    extends: str | None
    region: str
    level: str
    name: Words
    digest: str
    documents: list[DocumentOut]


class ParameterOut(Schema):
    """A dated value; ``end`` is the first day on which it no longer holds."""

    key: str
    op: str
    type: str
    value: Any
    start: date
    end: date | None


class ClauseOut(Schema):
    """A clause in our own words."""

    id: str
    document: str
    section: str
    pack: str
    gist: Words
    kind: str
    capability: str
    force: str
    parameters: list[ParameterOut]
    responsible: list[str]


class RuleOut(Schema):
    """A rule card."""

    card: str
    pack: str
    sentence: Words
    clauses: list[str]
    force: str
    in_force_from: date
    in_force_to: date | None
    parameters: dict[str, str]
    deadline: str | None
    message: Words
    remedy: Words
    constraint: str | None
    replaces: str | None


class AnswerOut(Schema):
    """What a parameter is, with what gives it its weight; ``others`` are the same key at other levels."""

    name: str
    op: str
    type: str
    value: Any
    clause: str
    force: str
    document: str
    pack: str
    others: list[AnswerOut]


@router.get("/packs", response={200: list[PackOut], **FAILURES}, summary="The packs of this installation")
def list_packs(request: HttpRequest) -> list[PackOut]:
    """Every pack with its documents."""
    _may_read(request)
    packs = mandates.packs()
    return [
        PackOut(
            id=pack.id,
            extends=pack.extends,
            region=pack.region,
            level=pack.level,
            name=_words(pack.name),
            digest=packs.digest(pack.id),
            documents=[
                DocumentOut(
                    id=each.id,
                    title=_words(each.title),
                    number=each.number,
                    in_force_from=each.in_force_from,
                    dated_by_text=each.dated_by_text,
                )
                for each in pack.documents
            ],
        )
        for pack in packs
    ]


@router.get(
    "/clauses", response={200: list[ClauseOut], **FAILURES}, summary="Clauses, all or those of a region"
)
def list_clauses(request: HttpRequest, region: str | None = None) -> list[ClauseOut]:
    """Every clause; with ``region`` (a pack id or division code) those that hold there."""
    _may_read(request)
    packs = mandates.packs()
    clauses = packs.clauses_for(_pack(region).id) if region else tuple(packs.clause.values())
    return [
        ClauseOut(
            id=clause.id,
            document=clause.document,
            section=clause.section,
            pack=clause.pack,
            gist=_words(clause.gist),
            kind=clause.kind,
            capability=clause.capability,
            force=clause.force.value,
            parameters=[
                ParameterOut(
                    key=value.key,
                    op=value.op,
                    type=value.type,
                    value=plain(value.value),
                    start=value.period.start,
                    end=value.period.end,
                )
                for value in clause.parameters
            ],
            responsible=list(clause.responsible),
        )
        for clause in clauses
    ]


@router.get(
    "/rules", response={200: list[RuleOut], **FAILURES}, summary="Rule cards, all or those of a region"
)
def list_rules(request: HttpRequest, region: str | None = None) -> list[RuleOut]:
    """Every card; with ``region`` those that hold there, replaced ones left out."""
    _may_read(request)
    packs = mandates.packs()
    cards = (
        packs.cards_for(_pack(region).id) if region else tuple(card for pack in packs for card in pack.cards)
    )
    return [_rule(card) for card in cards]


@router.get(
    "/parameter", response={200: AnswerOut, **FAILURES}, summary="What a parameter is, where and when"
)
def read_parameter(
    request: HttpRequest,
    key: str,
    region: str,
    on: date | None = None,
) -> AnswerOut:
    """``key`` bare (``reserve_lead_hospital``) or qualified (``TY-91.reserve_lead_hospital``); ``on`` is today if left out."""
    _may_read(request)
    try:
        return _answer(resolved(mandates.packs(), key, region, on=on or ledger.today()))
    except ParameterProblem as problem:
        raise Refused(
            Refusal(
                code="policy.no_such_parameter",
                message=Text(_literal(problem.message.zh), _literal(problem.message.en)),
                instead=Text(
                    "参数名见 /api/policy/clauses。",
                    "The names of parameters are listed in /api/policy/clauses.",
                ),
                at="key",
                status=404,
            )
        ) from problem


def _may_read(request: HttpRequest) -> None:
    refusal = access.may(request.actor, access.Right.POLICY_READ)
    if refusal is not None:
        raise Refused(refusal)


def _pack(region: str) -> Pack:
    pack = mandates.packs().find(region)
    if pack is None:
        raise Refused(mandates.region_without_pack(region))
    return pack


def _words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)


def _literal(sentence: str) -> str:
    """A finished sentence as a template that changes nothing: it may quote braces that somebody typed."""
    return sentence.replace("{", "{{").replace("}", "}}")


def _rule(card: RuleCard) -> RuleOut:
    return RuleOut(
        card=card.id,
        pack=card.pack,
        sentence=_words(card.sentence),
        clauses=list(card.clauses),
        force=card.force.value,
        in_force_from=card.period.start,
        in_force_to=card.period.end,
        parameters=dict(card.parameters),
        deadline=card.deadline,
        message=_words(card.message),
        remedy=_words(card.remedy),
        constraint=card.constraint,
        replaces=card.replaces,
    )


def _answer(found: ParameterAnswer) -> AnswerOut:
    value = found.parameter
    return AnswerOut(
        name=value.name,
        op=value.op,
        type=value.type,
        value=plain(value.value),
        clause=found.clause.id,
        force=found.clause.force.value,
        document=found.document.id,
        pack=found.pack.id,
        others=[_answer(other) for other in found.others],
    )
