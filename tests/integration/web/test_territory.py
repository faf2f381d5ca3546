"""Who provides what stands with the resident's area: the residents' page, the desk's form, a contact planned, and the API (WH-03)."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records.models import PlannedContact
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..capacity.admitting import altered
from ..residents.conftest import given, register, site
from ..residents.test_territory import hers, other
from .residents_desk import at_desk, page_of
from .test_me import of

__all__ = ["at_desk", "given", "hers", "of", "other", "register", "site"]
pytestmark = pytest.mark.django_db


def doers() -> list[tuple[str, UUID]]:
    with scoped(Actor.system("test"), area="*"):
        return list(PlannedContact.objects.order_by("id").values_list("kind", "institution_id"))


@pytest.mark.clause("WH-03")
def test_a_resident_chooses_on_her_own_page_and_goes_back(site, hers, other, of, monkeypatch) -> None:
    client = of(hers)
    text = page_of(client.get("/me/providers"))
    assert text.count("您所在地</span>") == 3 and "WH-03" in text and "随时可以改回" in text
    sent = {"service": "basic_public_health", "institution": str(other), "once": str(uuid7())}
    assert client.post("/me/providers", sent).status_code == 302
    text = page_of(client.get("/me/providers"))
    assert "您自己选的" in text and text.count("您所在地</span>") == 2
    wrong = sent | {"institution": str(site.county_hospital), "once": str(uuid7())}
    assert "不是开业的基层" in page_of(client.post("/me/providers", wrong), 422)
    back = {"service": "basic_public_health", "back": "1", "once": str(uuid7())}
    assert client.post("/me/providers", back).status_code == 302
    assert page_of(client.get("/me/providers")).count("您所在地</span>") == 3
    # The same for other systems, in her name.
    body = json.dumps({"service": "disease_prevention", "institution": str(other)})
    key = {"Idempotency-Key": str(uuid7())}
    told = client.post("/api/providers", body, content_type="application/json", headers=key).json()
    assert (told["elsewhere"], told["institution"], told["clause"]) == (True, str(other), "WH-03")
    assert "随时可以改回" in told["notice_zh"]
    items = client.get("/api/providers").json()["items"]
    assert [each["elsewhere"] for each in items] == [False, True, False]
    altered(monkeypatch, "WH-03", territorial=())
    assert "没有规定哪些服务以属地为主" in page_of(client.get("/me/providers"))
    assert client.get("/api/providers").json() == {"items": []}


@pytest.mark.clause("WH-03")
def test_a_desk_enters_the_choice_and_plans_by_it(site, hers, other, at_desk, monkeypatch) -> None:
    desk, doctor = at_desk(), at_desk(Role.PRIMARY_DOCTOR)
    text = page_of(desk.get(f"/residents/{hers}"))
    assert "属地服务由谁提供" in text and text.count('chip-document">属地') == 3
    due = (ledger.today() + timedelta(days=3)).isoformat()
    plan = {"kind": "PUBLIC", "due_on": due, "way": "PHONE"}
    address = f"/residents/{hers}/record/contact"
    assert "公共卫生随访和疾病预防由谁做" not in page_of(doctor.get(address))  # it is one's own house
    assert doctor.post(address, plan | {"once": str(uuid7())}).status_code == 302
    chosen = {"service": "basic_public_health", "institution": str(other), "once": str(uuid7())}
    assert desk.post(f"/residents/{hers}/choose-provider", chosen).status_code == 302
    assert "居民自选" in page_of(desk.get(f"/residents/{hers}"))
    text = page_of(doctor.get(address))
    assert "公共卫生随访和疾病预防由谁做" in text and "请先向居民说明" in text
    assert doctor.post(address, plan | {"by": "area", "once": str(uuid7())}).status_code == 302
    assert doctor.post(address, plan | {"by": "own", "once": str(uuid7())}).status_code == 302
    assert doers() == [("PUBLIC", site.township), ("PUBLIC", other), ("PUBLIC", site.township)]
    altered(monkeypatch, "WH-03", territorial=())
    assert "属地服务由谁提供" not in page_of(desk.get(f"/residents/{hers}"))
    assert "公共卫生随访和疾病预防由谁做" not in page_of(doctor.get(address))
    refused = desk.post(f"/residents/{hers}/choose-provider", chosen | {"once": str(uuid7())})
    assert "没有规定这项服务以属地为主" in page_of(refused, 422)
