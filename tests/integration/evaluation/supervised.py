"""Who takes part in supervision: a commission, a county's, a lead hospital's office, a member's, and strangers; with the short
ways of doing what they do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands import reporting, supervision
from tiercare.apps.evaluation.models import Matter
from tiercare.apps.evaluation.queries import matter
from tiercare.apps.evaluation.queries.matters import Shown
from tiercare.apps.evaluation.queries.oversight import roll
from tiercare.apps.evaluation.rules.standing import File, Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7

from ..residents.conftest import Site

SYSTEM = Actor.system("test")


@pytest.fixture
def parties(site: Site) -> Parties:
    """Everybody who takes part."""
    return Parties(site)


PDF = b"%PDF-1.4\n" + "示例证明材料".encode() + b"\n%%EOF"


def commission_of(area: str, name: str = "示例督导员") -> Actor:
    """Somebody of the commission of an area."""
    return Actor(
        stable_id("test-account", "commission", area, name),
        name,
        Role.COMMISSION.value,
        division_code=area,
        request_id=uuid7(),
    )


def office_at(house: UUID, role: Role = Role.REFERRAL_OFFICE) -> Actor:
    """Somebody of an institution's office."""
    return Actor(
        stable_id("test-account", role.value, str(house)),
        "示例经办人",
        role.value,
        institution_id=house,
        request_id=uuid7(),
    )


@dataclass(frozen=True)
class Parties:
    """Everybody, of 芜湖 unless said otherwise."""

    site: Site

    @property
    def city(self) -> Actor:
        """The city's commission."""
        return commission_of("3402")

    @property
    def county(self) -> Actor:
        """南陵县's commission."""
        return commission_of("340223")

    @property
    def elsewhere(self) -> Actor:
        """Another city's commission."""
        return commission_of("4407")

    @property
    def lead(self) -> Actor:
        """The office of the consortium that the county hospital leads."""
        return office_at(self.site.county_hospital, Role.CONSORTIUM_OFFICE)

    @property
    def member(self) -> Actor:
        """The township centre, a member of that consortium."""
        return office_at(self.site.township)

    @property
    def stranger(self) -> Actor:
        """A hospital that has no part in it."""
        return office_at(self.site.stranger)

    def choice(self, house: UUID) -> str:
        """An institution as a form sends it."""
        return next(
            each.choice
            for each in roll(self.city).subjects.values()
            if each.group == "institution" and each.party.institution_id == house
        )

    @property
    def township(self) -> str:
        """The member as a form sends it."""
        return self.choice(self.site.township)

    def inspection(self, **more: Any) -> UUID:
        """The city's evaluation of the member, from the template of its plan."""
        given = {"template": "effect_evaluation", "mode": "site_visit", "subject": self.township}
        return supervision.inspect(self.city, **(given | more))

    def finding(
        self,
        inspection: UUID,
        *,
        by: Actor | None = None,
        item: str = "capability",
        severity: str = "serious",
    ) -> UUID:
        """Something that is not as it should be; answers the entry."""
        supervision.judge(
            by or self.city,
            matter_id=inspection,
            item=item,
            judgement="not_met",
            severity=severity,
            words="示例：设备停用三个月，没有替代安排",
        )
        return matter(by or self.city, matter_id=inspection).entries[-1].id

    def rest_is_well(self, inspection: UUID, *, by: Actor | None = None) -> None:
        """All other items are met."""
        actor = by or self.city
        shown = matter(actor, matter_id=inspection)
        said = {each.figures.get("item") for each in shown.entries}
        for item in shown.standing.payload["items"]:
            if item["id"] not in said:
                numbers = {"target": "65%", "actual": "66.2%"} if item["goal"] else {}
                supervision.judge(
                    actor,
                    matter_id=inspection,
                    item=item["id"],
                    judgement="met",
                    words="示例：符合",
                    **numbers,
                )


def said(words: str = "示例说明", **more: Any) -> Said:
    """Words, and what else."""
    return Said(words, **more)


def do(actor: Actor, key: UUID, act: Act, words: str = "示例说明", **more: Any) -> State:
    """One act."""
    return commands.act(actor, matter_id=key, act=act, said=Said(words, **more))


def shown(actor: Actor, key: UUID) -> Shown:
    """A matter as the actor sees it."""
    return matter(actor, matter_id=key)


def stored(key: UUID) -> Matter:
    """A matter as it is stored, seen by the platform itself."""
    with scoped(SYSTEM, area="*"):
        return Matter.objects.get(id=key)


def file(name: str = "示例整改.pdf") -> File:
    """A document."""
    return File(name, PDF)


@contextmanager
def oversight_altered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pack: str, was: str, now: str
) -> Iterator[PackSet]:
    """Our packs with one thing of ``oversight/*.yaml`` written otherwise, in every file of the pack where it stands."""
    packs = mandates.packs()
    folder = tmp_path / f"altered-{pack}"
    shutil.copytree(packs.packs[pack].folder, folder, dirs_exist_ok=True)
    found = 0
    for path in sorted((folder / "oversight").glob("*.yaml")):
        text = path.read_text("utf-8")
        found += text.count(was)
        path.write_text(text.replace(was, now), "utf-8")
    assert found, f"{was!r} stands nowhere in {pack}"
    changed = PackSet({**packs.packs, pack: replace(packs.packs[pack], folder=folder)})
    with monkeypatch.context() as patch:
        patch.setattr("tiercare.apps.evaluation.queries.book.mandates.packs", lambda: changed)
        yield changed


def today() -> date:
    """The platform's."""
    return ledger.today()


__all__ = ["commands", "reporting", "supervision"]
