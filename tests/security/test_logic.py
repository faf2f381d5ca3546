"""S20: steps skipped, done twice, done for another: what the order of things is for holds against its misuse."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from tiercare.apps.access.commands.glass import review_glass
from tiercare.apps.access.models import BreakGlass, Consent
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands
from tiercare.apps.residents.models import Arrival, Duplicate, Resident
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .planting import EXPLANATION, registration
from .scraping import posted
from .world import CITY, NAME, World, ask, taken_back

pytestmark = pytest.mark.security("S20")

URGENT = {"reason": "life_at_risk", "explanation": EXPLANATION}


def refused(run: Any, *args: object, **kwargs: object) -> set[str]:
    """The codes with which it is refused."""
    with pytest.raises(Refused) as caught:
        run(*args, **kwargs)
    return {refusal.code for refusal in caught.value.refusals}


def test_glass_broken_twice_is_open_no_longer_and_reviewed_once(world: World) -> None:
    doctor = world.actor("clinician@other")
    with taken_back():
        first = commands.break_glass(doctor, world.resident, **URGENT)
        assert commands.break_glass(doctor, world.resident, **URGENT) == first
        with scoped(doctor):
            assert BreakGlass.objects.filter(account_id=doctor.account_id).count() == 1
        assert Event.objects.filter(kind="access.glass_broken", actor_id=doctor.account_id).count() == 1


def test_who_broke_the_glass_does_not_review_it_in_another_role(world: World) -> None:
    """Somebody who is doctor and auditor: the account counts, not the role."""
    with scoped(Actor.system("test"), area="*"):
        glass = BreakGlass.objects.get(pk=world.ids["glass"])
    auditor = Actor(glass.account_id, "x", Role.AUDITOR.value, division_code=CITY)
    with taken_back():
        found = refused(review_glass, auditor, glass_id=glass.id, outcome="justified")
        assert found == {"access.review_of_oneself"}


def test_a_review_is_given_once(world: World) -> None:
    auditor = world.actor("auditor@own")
    with taken_back():
        review_glass(auditor, glass_id=UUID(world.ids["glass"]), outcome="justified")
        again = refused(
            review_glass, auditor, glass_id=UUID(world.ids["glass"]), outcome="unjustified", remark="其实不妥"
        )
        assert len(again) == 1
        with scoped(auditor, area=CITY):
            assert BreakGlass.objects.get(pk=world.ids["glass"]).outcome == "justified"


def test_the_same_two_are_merged_once_and_parted_once(world: World) -> None:
    keeper = world.actor("index_keeper@own")
    one, two, why = UUID(world.ids["one"]), UUID(world.ids["two"]), "核对后是同一个人"
    with taken_back():
        assert len(refused(commands.merge, keeper, kept_id=one, merged_id=two, reason=why)) == 1
        assert len(refused(commands.merge, keeper, kept_id=two, merged_id=one, reason=why)) == 1
        commands.part(keeper, merge_id=UUID(world.ids["merge"]), reason=why)
        assert len(refused(commands.part, keeper, merge_id=UUID(world.ids["merge"]), reason=why)) == 1


def test_nobody_is_merged_with_themselves(world: World) -> None:
    keeper = world.actor("index_keeper@own")
    assert refused(
        commands.merge, keeper, kept_id=world.resident, merged_id=world.resident, reason="核对后是同一个人"
    )


def test_a_consent_is_withdrawn_once_and_only_by_whom_it_is(world: World) -> None:
    me, other = world.actor("resident@own"), world.actor("resident@sister")
    consent = UUID(world.ids["consent"])
    assert other.resident_id is not None
    with taken_back():
        # One's own record, but the consent of somebody else.
        assert len(refused(commands.withdraw_consent, other, other.resident_id, consent_id=consent)) == 1
        commands.withdraw_consent(me, world.resident, consent_id=consent)
        assert len(refused(commands.withdraw_consent, me, world.resident, consent_id=consent)) == 1
        with scoped(me, persons=[world.resident]):
            assert Consent.objects.get(pk=consent).withdrawn_at is not None
        told = Event.objects.filter(kind="access.consent_withdrawn", subject_id=world.resident)
        assert told.count() == 1


def test_a_token_that_was_taken_opens_nothing_at_another_desk(world: World) -> None:
    sent = {"text": world.ids["token"], "use": "first_contact"}
    with taken_back():
        first = posted(world, "registrar@own", "/api/cards/scan", sent)
        assert first.status_code == 200 and json.loads(first.content)["arrival_id"]
        replayed = posted(world, "registrar@sister", "/api/cards/scan", sent)
        again = posted(world, "registrar@own", "/api/cards/scan", sent)
        assert {replayed.status_code, again.status_code} == {409}
        with scoped(world.actor("registrar@sister")):
            assert not Arrival.objects.exists()


def test_the_same_scan_sent_again_is_answered_again_and_done_once(world: World) -> None:
    key = {"Idempotency-Key": str(uuid7())}
    sent = json.dumps({"text": world.ids["token"], "use": "first_contact"})
    with taken_back():
        answers = [
            ask(
                world.people["registrar@own"],
                "post",
                "/api/cards/scan",
                data=sent,
                content_type="application/json",
                headers=key,
            )
            for _ in range(2)
        ]
        assert answers[0].status_code == 200
        with scoped(world.actor("registrar@own")):
            assert Arrival.objects.count() == 1


def test_presence_that_was_never_shown_lets_nobody_arrive(world: World) -> None:
    with taken_back():
        shown = commands.scan(world.actor("registrar@own"), text=world.ids["token"])
        stolen = {"presence": shown.presence, "use": "first_contact"}
        for who in ("registrar@sister", "clinician@own"):  # another desk, another person of the same desk
            assert len(refused(commands.arrive, world.actor(who), **stolen)) == 1


def test_registering_with_one_key_twice_makes_one_resident(world: World) -> None:
    key = {"Idempotency-Key": str(uuid7())}
    sent = json.dumps(
        {
            "number": "",
            "identity_kind": "none",
            "name": "宓一心",
            "birth_date": "1990-03-03",
            "division": "340223",
        }
    )
    with taken_back():
        one, two = (
            ask(
                world.people["registrar@own"],
                "post",
                "/api/residents",
                data=sent,
                content_type="application/json",
                headers=key,
            )
            for _ in range(2)
        )
        assert (one.status_code, two.content, two["Idempotency-Replayed"]) == (201, one.content, "true")
        with scoped(world.actor("registrar@own")):
            assert Resident.objects.filter(name="宓一心").count() == 1


def test_anothers_key_answers_nothing_of_theirs(world: World) -> None:
    """The key of a colleague's request, sent by somebody else, is just another request."""
    key = {"Idempotency-Key": str(uuid7())}
    sent = json.dumps(
        {
            "number": "",
            "identity_kind": "none",
            "name": "宓二心",
            "birth_date": "1990-03-03",
            "division": "340223",
        }
    )
    with taken_back():
        mine = ask(
            world.people["registrar@own"],
            "post",
            "/api/residents",
            data=sent,
            content_type="application/json",
            headers=key,
        )
        theirs = ask(
            world.people["registrar@other"],
            "post",
            "/api/residents",
            data=sent,
            content_type="application/json",
            headers=key,
        )
        assert mine.status_code == 201
        assert theirs.content != mine.content and "Idempotency-Replayed" not in theirs.headers


def test_despite_passes_whom_one_was_shown_and_nobody_else(world: World) -> None:
    """Ids that were not shown neither pass the check nor come upon the list of pairs."""
    desk = world.actor("registrar@own")
    given = registration(NAME, "")
    foreign = [UUID(world.ids["far_resident"]), UUID(world.ids["neighbour"]), uuid7()]
    shown = [world.resident, UUID(world.ids["twin"])]
    with taken_back():
        assert refused(commands.register, desk, given=given, despite=foreign) == {"residents.likely_double"}
        made = commands.register(desk, given=given, despite=[*shown, *foreign]).resident_id
        event = Event.objects.get(kind="residents.registered", subject_id=made)
        assert set(event.payload["despite"]) == {str(each) for each in shown}
        with scoped(world.actor("index_keeper@own"), area=CITY):
            pairs = Duplicate.objects.filter(decision=None)
            named = {key for pair in pairs for key in (pair.first_id, pair.second_id)}
        assert not named & set(foreign)


def test_a_guardian_who_is_one_no_longer_sees_nothing_more(world: World) -> None:
    desk, me, ward = world.actor("registrar@own"), world.people["resident@own"], world.ids["ward"]
    with taken_back():
        assert ask(me, "get", f"/me/of/{ward}/readings").status_code == 200
        commands.end_guardian(desk, resident_id=UUID(ward), guardianship_id=UUID(world.ids["guardianship"]))
        assert ask(me, "get", f"/me/of/{ward}/readings").status_code == 403


def test_a_session_is_not_ended_or_confirmed_through_anothers(world: World) -> None:
    """Whoever knows the handle of a session of somebody else ends nothing with it."""
    from tiercare.apps.access.queries.sessions import handle_of

    victim = world.people["clinician@own"]
    with taken_back():
        ask(world.people["registrar@own"], "post", "/sessions", data={"handle": handle_of(victim.session)})
        assert ask(victim, "get", "/sessions").status_code == 200


@pytest.mark.parametrize("field", ["resident_id", "kept", "institution_id"])
def test_whose_it_is_comes_from_the_address_never_from_the_form(world: World, field: str) -> None:
    """A form of one resident with the id of another in its fields changes the one of the address, or nothing."""
    with taken_back():
        address = f"/residents/{world.ids['neighbour']}/correct"
        sent = {"name": "佘念生", "version": "1", "address": "新巷二号", field: world.ids["resident"]}
        ask(world.people["registrar@own"], "post", address, data=sent)
        with scoped(world.actor("registrar@own")):
            assert Resident.objects.get(pk=world.resident).version == 1
