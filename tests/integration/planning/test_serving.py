"""What each institution of primary care serves and in which form, and who is left without (XH-89)."""

from __future__ import annotations

from uuid import UUID

import pytest

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.planning.commands import lay_service_area
from tiercare.apps.planning.models import ServiceArea
from tiercare.apps.planning.queries.serving import Serving, serving, serving_of
from tiercare.apps.planning.rules.serving import GOVERNMENT_RUN, PURCHASED, Served
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ..evaluation.extracts import commission
from ..network.acts import altered
from ..referrals.places import lay_down

pytestmark = pytest.mark.django_db
XINHUI = "440705"


@pytest.fixture(autouse=True)
def xinhui(db) -> None:
    lay_down("xinhui")


def actor() -> Actor:
    return commission(XINHUI)


def now() -> Serving:
    return serving(actor(), XINHUI, on=ledger.today())


def centre(found: Serving) -> Served:
    """A centre that serves its own township, alone."""
    return next(
        each
        for each in found.served
        if each.places and sum(each.places == other.places for other in found.served) == 1
    )


def lay(served: Served | UUID, **more: object) -> None:
    key = UUID(served.id) if isinstance(served, Served) else served
    values: dict[str, object] = {"form": GOVERNMENT_RUN, "places": ()}
    lay_service_area(actor(), institution_id=key, **(values | more))


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {each.code for each in caught.value.refusals}


def private(served: Served) -> None:
    InstitutionVersion.objects.filter(institution_id=served.id).update(owner="PRIVATE")


@pytest.mark.clause("XH-89")
def test_each_has_a_form_and_an_area_and_who_is_left_is_counted(monkeypatch) -> None:
    found = now()
    assert found.forms == (GOVERNMENT_RUN, PURCHASED)
    assert {each.form for each in found.served} == {GOVERNMENT_RUN}  # all are public here
    assert found.people > 0 and 0 <= found.people_left < found.people
    own = centre(found)
    town = found.towns[own.places[0]]
    assert (found.people_of(own), own.recorded) == (town.people, False)
    assert town.code not in {each.town.code for each in found.left}
    # Private and nothing bought: it serves nobody by the text, and its township is left out.
    private(own)
    alone = now()
    assert own.id in {each.id for each in alone.without_form}
    assert alone.people_left == found.people_left + town.people
    assert town.code in {each.town.code for each in alone.left}
    # Bought by the government it counts again.
    lay(own, form=PURCHASED, places=(town.code,), contract="示例合同 2019-1")
    bought = now()
    assert bought.people_left == found.people_left
    (mine,) = (each for each in bought.served if each.id == own.id)
    assert (mine.form, mine.recorded, mine.contract) == (PURCHASED, True, "示例合同 2019-1")
    event = Event.objects.filter(kind="planning.service_area_laid").get()
    assert event.clauses == ["XH-89"]
    # A text that does not know purchase: it counts no more, and cannot be laid down.
    packs = altered("XH-89.forms", (GOVERNMENT_RUN,))
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    assert now().people_left == alone.people_left
    with pytest.raises(Refused) as caught:
        lay(own, form=PURCHASED, places=(town.code,), contract="示例")
    assert codes(caught) == {"planning.no_such_form"}


@pytest.mark.clause("XH-89")
def test_villages_can_be_served_apart_and_what_is_between_is_left(monkeypatch) -> None:
    before = now()
    own = next(
        each for each in before.served if each.places and len(before.towns[each.places[0]].villages) > 2
    )
    town = before.towns[own.places[0]]
    others = [each for each in before.served if each.id != own.id and town.code in each.places]
    for each in others:  # nobody else serves this township
        lay(each, places=(next(code for code in before.towns if code != town.code),))
    half = town.villages[: len(town.villages) // 2]
    lay(own, places=half)
    found = now()
    (left,) = (each for each in found.left if each.town.code == town.code)
    assert left.villages == town.villages[len(half) :]
    assert left.people == round(town.people * len(left.villages) / len(town.villages))
    assert found.people_of(next(each for each in found.served if each.id == own.id)) == round(
        town.people * len(half) / len(town.villages)
    )
    # What held before stays on record: its day is over, or was the same.
    lay(own, places=(town.code,))
    assert ServiceArea.objects.filter(institution_id=own.id).count() == 2
    assert town.code not in {each.town.code for each in now().left}


def test_what_cannot_be_laid_down_is_said(monkeypatch) -> None:
    found = now()
    own = centre(found)
    cases = (
        ({"form": "charity"}, "planning.no_such_form"),
        ({"form": PURCHASED, "contract": " "}, "planning.no_contract"),
        ({"places": ("340202001",)}, "planning.no_places"),
        ({"places": ()}, "planning.no_places"),
    )
    for given, code in cases:
        with pytest.raises(Refused) as caught:
            lay(own, **({"places": own.places} | given))
        assert codes(caught) == {code}
    private(own)
    with pytest.raises(Refused) as caught:
        lay(own, places=own.places)
    assert codes(caught) == {"planning.not_the_governments"}
    hospital = InstitutionVersion.objects.filter(division_code=XINHUI, category="GENERAL").first()
    with pytest.raises(Refused) as caught:
        lay(hospital.institution_id, places=own.places)
    assert codes(caught) == {"planning.not_primary"}
    stranger = Actor(
        account_id=uuid7(), name="示例", role="commission", division_code="3402", request_id=uuid7()
    )
    with pytest.raises(Refused):
        lay_service_area(stranger, institution_id=UUID(own.id), form=GOVERNMENT_RUN, places=own.places)


def test_where_no_text_names_forms_everybody_serves(wuhu) -> None:
    found = serving_of("3402", on=ledger.today())
    assert found.forms is None
    assert found.without_form == ()
