"""Regions with their commissions, packs that differ in one line, and drafts to sign."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import models, queries
from tiercare.apps.network.commands import lay_down_region, papers
from tiercare.apps.terms import commands as terms
from tiercare.engines.policy import State
from tiercare.engines.policy.load import own_folder
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refused

ON = date(2018, 3, 1)
Alter = Callable[[str, str, str, str], None]


@pytest.fixture
def divisions(db: None) -> Actor:
    actor = Actor.system("test")
    terms.lay_down_divisions(actor=actor)
    return actor


@pytest.fixture
def alter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Alter:
    """Puts a copy of a pack in which one line differs in the place of ours."""

    def put(pack: str, file: str, before: str, after: str) -> None:
        copy = tmp_path / pack
        if not copy.exists():
            shutil.copytree(own_folder() / pack, copy)
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert len(re.findall(before, text)) == 1
        path.write_text(re.sub(before, after, text), encoding="utf-8")
        monkeypatch.setattr(django_settings, "POLICY_PACKS", [tmp_path])
        mandates.reload_packs()
        request.addfinalizer(mandates.reload_packs)

    return put


def _region(actor: Actor, pack: str, code: str) -> Actor:
    """The region laid down, and its commission."""
    lay_down_region(actor=actor, pack_id=pack)
    return Actor(uuid7(), "演示·卫健委", "commission", division_code=code, request_id=uuid7())


@pytest.fixture
def xinhui(divisions: Actor) -> Actor:
    return _region(divisions, "xinhui", "440705")


@pytest.fixture
def taiyuan(divisions: Actor) -> Actor:
    return _region(divisions, "taiyuan", "1401")


@pytest.fixture
def yunnan(divisions: Actor) -> Actor:
    return _region(divisions, "yunnan", "53")


@pytest.fixture
def city(wuhu: str) -> Actor:
    return Actor(uuid7(), "演示·市卫健委", "commission", division_code=wuhu, request_id=uuid7())


def key_of(pack: str, what: str, name: str) -> UUID:
    """The id of something that a pack laid down."""
    return stable_id("network", pack, what, name)


def drafted(
    actor: Actor, pack: str, consortium: str, *institutions: str, **given: object
) -> models.Agreement:
    """A draft about a consortium of a pack."""
    return papers.draft_agreement(
        actor=actor,
        consortium_id=key_of(pack, "consortium", consortium),
        institution_ids=[key_of(pack, "institution", name) for name in institutions],
        **{"kind": "cooperation", "start": ON, "end": date(2021, 3, 1), **given},
    )


def xinhui_drafted(actor: Actor) -> models.Agreement:
    """A draft of 新会 between hospital and centre."""
    return drafted(actor, "xinhui", "city-xinhui-hospital", "xinhui_hospital", "xinhui_huicheng")


def signed_by_all(actor: Actor, draft: models.Agreement, on: date = ON) -> models.Agreement:
    """Every party signs."""
    for party in draft.parties.order_by("id"):
        draft = papers.sign_for_party(
            actor=actor, agreement_id=draft.id, party_id=party.id, signed_by="王主任（演示）", signed_on=on
        )
    return draft


def refusal_of(act: Callable[[], object]) -> Refused:
    """What the act was refused with."""
    with pytest.raises(Refused) as error:
        act()
    return error.value


def verdict_of(pack: str, card: str, on: date) -> State:
    """How a card stands."""
    verdicts = queries.check(pack, on=on).compliance.verdicts
    return next(v.state for v in verdicts if v.card.key == card)
