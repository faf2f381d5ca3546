"""Regions with their commissions, packs of which one parameter says something else, and changes as drafts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.network.rules.drafting import Change, read_rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refusal, Refused


def laid_down(pack: str) -> None:
    """The region of the pack, beside 芜湖, whose database has the divisions."""
    lay_down_region(actor=Actor.system("test"), pack_id=pack)


def commission(division: str, name: str = "演示·卫健委") -> Actor:
    """Somebody of an area's commission; each a person of their own."""
    return Actor(uuid7(), name, "commission", division_code=division, request_id=uuid7())


def desk(institution: UUID, division: str, role: str = "referral_office") -> Actor:
    """Somebody who keeps an institution's registers."""
    return Actor(
        uuid7(), "演示·本院", role, institution_id=institution, division_code=division, request_id=uuid7()
    )


def key_of(pack: str, what: str, name: str) -> UUID:
    """The id of something that a pack laid down."""
    return stable_id("network", pack, what, name)


def change(*found: tuple[str, dict[str, str]]) -> Change:
    """A change of these rows."""
    entries, misread = read_rows({"register": register, "cells": cells} for register, cells in found)
    assert not misread, misread
    return Change(tuple(entries))


def altered(monkeypatch: pytest.MonkeyPatch, clause_id: str, **values: Any) -> None:
    """The pack that holds the clause says these values from now on."""
    packs = mandates.packs()
    clause = packs.clause[clause_id]
    pack = packs.packs[clause.pack]
    assert set(values) <= {each.key for each in clause.parameters}
    changed = replace(
        clause,
        parameters=tuple(replace(each, value=values.get(each.key, each.value)) for each in clause.parameters),
    )
    clauses = tuple(changed if each.id == clause.id else each for each in pack.clauses)
    known = replace(packs, packs={**packs.packs, pack.id: replace(pack, clauses=clauses)})
    monkeypatch.setattr(mandates, "packs", lambda extra=(): known)


def refusals(act: Callable[[], object]) -> dict[str, Refusal]:
    """What the act was refused with, by code; nothing if it went through."""
    try:
        act()
    except Refused as refused:
        return {each.code: each for each in refused.refusals}
    return {}
