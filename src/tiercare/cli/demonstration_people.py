"""The people of a demonstration: synthetic residents of the township whose health centre is shown, some with a card."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tiercare.apps.access.rights import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules.file import lines_of
from tiercare.apps.terms import queries as terms
from tiercare.engines.population import Village, generate
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7

FILE = "demo_cards.json"
_PEOPLE, _CARDS, _SEED = 600, 5, 20190701
_MADE_UP = 2  # villages of a township of which the register knows none


def lay_down_people(clinic: UUID) -> None:
    """Six hundred synthetic residents around ``clinic``, the first few with a card; what is there already stays.

    Nobody where no township of the clinic is known: its list then begins empty.
    """
    desk = _desk(clinic)
    if desk is None or queries.listed(desk, limit=1):
        return
    assert desk.division_code is not None
    villages = villages_of(desk.division_code, on=ledger.today())
    if not villages:
        return
    homes = generate(seed=_SEED, villages=villages, people=_PEOPLE)
    commands.import_residents(
        Actor.system("cli"),
        lines=((line.number, line) for line in lines_of(homes)),
        institution_id=clinic,
        synthetic=True,
    )
    commands.demonstrate_covers()
    _issue_cards(desk)


def cards() -> list[str]:
    """The card numbers of the demonstration, for the welcome: whose they are stands on nobody's screen."""
    file: Path = settings.HOME / FILE
    return json.loads(file.read_text("utf-8")) if file.exists() else []


def villages_of(region: str, *, on: date) -> list[Village]:
    """The villages below a division as the register knows them; where it knows townships only, two made up for each."""
    known = sorted(code for code in terms.codes(on=on) if code.startswith(region) and len(code) in (9, 12))
    with_villages = {code[:9] for code in known if len(code) == 12}
    made_up = [
        Village(f"{code}{200 + number:03d}", f"示例{number}村")
        for code in known
        if len(code) == 9 and code not in with_villages
        for number in range(1, _MADE_UP + 1)
    ]
    return [Village(code, "") for code in known if len(code) == 12] + made_up


def _desk(clinic: UUID) -> Actor | None:
    place = network.place_of(clinic, on=ledger.today())
    if place is None:
        return None
    return Actor(
        account_id=stable_id("demonstration", "desk"),
        name="演示",
        role=Role.REGISTRAR.value,
        institution_id=clinic,
        division_code=place.division_code,
        channel="cli",
        request_id=uuid7(),
    )


def _issue_cards(desk: Actor) -> None:
    """Cards for the first residents whose file the clinic keeps and who have a telephone, for the code."""
    able = [each for each in queries.listed(desk, limit=50) if each.keeps_file and each.phone]
    numbers = []
    for each in able[:_CARDS]:
        commands.issue_card(desk, each.id)
        held = queries.card_of(desk, each.id).held
        assert held is not None
        numbers.append(held.number)
    file = settings.HOME / FILE
    file.touch(mode=0o600)
    file.write_text(json.dumps(numbers), encoding="utf-8")
