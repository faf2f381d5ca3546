"""What the matrix asks about: one resident of whom everything is known, and the things of the network."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.range import DateRange

from tiercare.apps.access.commands import invitations
from tiercare.apps.access.models import BreakGlass, Grant
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import BreakGlassReason, Purpose, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.queries.windows import readings_of
from tiercare.apps.mandates.models import Waiver
from tiercare.apps.network import models as network_models
from tiercare.apps.network.commands import lay_down_region, papers
from tiercare.apps.network.commands.imports import upload_import
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Card, Duplicate, Guardianship
from tiercare.apps.residents.rules import IdentityKind, Registration, Relation, Sex
from tiercare.apps.residents.rules.cover import Given, Scheme
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.period import Period

from .planting_assessments import assessments_planted
from .planting_bulletins import bulletins_planted
from .planting_care import care_planted
from .planting_facts import facts_planted
from .planting_localities import localities_planted
from .planting_places import places_planted
from .planting_plans import plans_planted
from .planting_projects import projects_planted
from .planting_records import records_planted
from .planting_requests import requests_planted
from .planting_supervision import supervision_planted
from .planting_surveys import surveys_planted
from .planting_trials import trials_planted
from .world import (
    ADDRESS,
    BORN,
    CITY,
    FAR,
    GUARDIAN_PHONE,
    NAME,
    NUMBER,
    OTHER,
    OWN,
    PHONE,
    SISTER,
    Person,
    World,
    id_number,
    member,
    of_a_resident,
    places_of_the_region,
    staff,
)

EXPLANATION = "车祸昏迷送来抢救，家属还没有到场"


def build() -> World:
    """Lay it all down, in the transaction of the caller."""
    lay_down_region(actor=Actor.system("test"), pack_id="xinhui")
    places = places_of_the_region()
    people = {each.name: each for each in staff(places)}
    world = World(people, {name: str(key) for name, key in places.items()})
    _residents(world)
    _about_the_resident(world, places)
    _duplicates(world)
    _account(world)
    _network(world)
    world.ids.update(places_planted(world, places))
    world.ids.update(records_planted(world))
    world.ids.update(requests_planted(world, places))
    world.ids.update(care_planted(world))
    world.ids.update(facts_planted(world))
    world.ids.update(bulletins_planted(world))
    world.ids.update(supervision_planted(world))
    world.ids.update(projects_planted(world))
    world.ids.update(assessments_planted(world))
    world.ids.update(surveys_planted(world))
    world.ids.update(plans_planted(world))
    world.ids.update(trials_planted(world))
    world.ids.update(localities_planted(world))
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(sequence) FROM ledger_event")
        world.ids["last_event"] = str(cursor.fetchone()[0])
    return world


def registration(name: str, number: str, **more: object) -> Registration:
    """What a desk types."""
    given: dict[str, Any] = {
        "sex": Sex.UNKNOWN if number else Sex.FEMALE,
        "birth_date": BORN,
        "division_code": "340223",
        "identity_kind": IdentityKind.ID_CARD if number else IdentityKind.NONE,
        "number": number,
    } | more
    return Registration(name=name, **given)


def _keep(world: World, **ids: object) -> None:
    world.ids.update({name: str(key) for name, key in ids.items()})


def _residents(world: World) -> None:
    """The resident, a child of theirs, two neighbours, and somebody far away; three of them with accounts."""
    desk, far = world.actor("registrar@own"), world.actor("registrar@other")
    centre = network_models.InstitutionVersion.objects.filter(institution_id=desk.institution_id).first()
    assert centre is not None
    here = {"division_code": centre.township_code}

    def made(actor: Actor, given: Registration) -> UUID:
        return commands.register(actor, given=given).resident_id

    resident = made(desk, registration(NAME, NUMBER, phone=PHONE, address=ADDRESS, **here))
    child = made(
        desk, registration("甘小满", id_number(7, date(2020, 3, 1)), birth_date=date(2020, 3, 1), **here)
    )
    neighbour = made(
        desk, registration("佘念生", id_number(102, date(1980, 2, 3)), birth_date=date(1980, 2, 3), **here)
    )
    stranger = made(
        far,
        registration(
            "冼佩文", id_number(104, date(1975, 6, 7), FAR), birth_date=date(1975, 6, 7), division_code=FAR
        ),
    )
    people = {OWN: resident, SISTER: neighbour, OTHER: stranger}
    world.people.update({f"resident@{where}": of_a_resident(where, key) for where, key in people.items()})
    _keep(world, resident=resident, ward=child, neighbour=neighbour, far_resident=stranger)


def _about_the_resident(world: World, places: dict[str, UUID]) -> None:
    """Card, guardian, household, consent, emergency access with its review, objection."""
    desk, me = world.actor("registrar@own"), world.actor("resident@own")
    resident, ward = world.resident, UUID(world.ids["ward"])
    for person in ("own", "sister", "other"):
        of = world.actor(f"resident@{person}")
        assert of.resident_id is not None
        commands.issue_card(of, of.resident_id)
    commands.set_guardian(
        desk, resident_id=ward, guardian_id=resident, name=NAME, phone=GUARDIAN_PHONE, relation="母亲"
    )
    commands.add_member(desk, resident_id=resident, member_id=ward, relation=Relation.SON)
    insured = Given(Scheme.OTHER.value, "", ledger.today() - timedelta(days=30))
    _keep(world, cover=commands.record_cover(desk, resident_id=resident, given=insured))
    until = ledger.today() + timedelta(days=30)
    consent = commands.give_consent(
        me, resident, grantee_id=places["stranger"], purposes=[Purpose.REFERRAL], until=until
    )
    of_ward = commands.give_consent(
        me, ward, grantee_id=places["stranger"], purposes=[Purpose.REFERRAL], until=until
    )
    objected, reading = (_read_in_an_emergency(world, places, resident, name) for name in (" one", " two"))
    of_the_ward = _read_in_an_emergency(world, places, ward, " ward")
    objection = commands.object_to_reading(me, resident, event_id=objected, text="我没有到过这家医院")
    with scoped(desk, persons=[resident, ward]):
        card, guardianship = (
            Card.objects.get(resident_id=resident),
            Guardianship.objects.get(resident_id=ward),
        )
        glass = BreakGlass.objects.filter(resident_id=resident).latest("id")
    _keep(world, card=card.id, card_number=card.number, guardianship=guardianship.id, glass=glass.id)
    _keep(
        world,
        consent=consent,
        ward_consent=of_ward,
        objection=objection,
        reading=reading,
        ward_reading=of_the_ward,
    )
    world.ids["until"] = until.isoformat()
    world.ids["token"] = queries.show_token(me)


def _read_in_an_emergency(world: World, places: dict[str, UUID], resident: UUID, name: str) -> UUID:
    """Somebody of the sister hospital broke the glass and read; by now that is over. Answers the reading."""
    doctor: Person = member(Role.CLINICIAN, SISTER, places, f".glass{name[1:]}")
    assert doctor.actor is not None
    commands.break_glass(
        doctor.actor, resident, reason=BreakGlassReason.LIFE_AT_RISK, explanation=EXPLANATION
    )
    with queries.opened(doctor.actor, resident):
        pass
    with scoped(doctor.actor, persons=[resident]):
        now = ledger.now()
        BreakGlass.objects.filter(account_id=doctor.actor.account_id).update(
            since=now - timedelta(hours=4), until=now - timedelta(microseconds=1)
        )
        return readings_of([resident], limit=1)[0].id


def _duplicates(world: World) -> None:
    """A pair that waits for a decision, and a merge."""
    desk, keeper = world.actor("registrar@own"), world.actor("index_keeper@own")
    twin = commands.register(desk, given=registration(NAME, ""), despite=[world.resident]).resident_id
    one, two = (
        commands.register(
            desk, given=registration(name, "", birth_date=date(1990, 1, day), sex=Sex.MALE)
        ).resident_id
        for day, name in ((1, "昝亦行"), (9, "逄一衡"))
    )
    merge = commands.merge(keeper, kept_id=one, merged_id=two, reason="同一人，先后两次登记")
    with scoped(keeper, area=CITY):
        pair = Duplicate.objects.get(decision=None)
    _keep(world, twin=twin, one=one, two=two, merge=merge, pair=pair.id)


def _account(world: World) -> None:
    """An account that an operator of the city manages: invited, with one role."""
    operator, desk = world.actor("operator@own"), world.actor("registrar@own")
    made = invitations.invite(
        operator,
        username="s.invited",
        display_name="受邀者",
        role=Role.CLINICIAN,
        place_name="演示地点",
        division_code="340223",
        institution_id=desk.institution_id,
        period=Period(date(2018, 1, 1)),
    )
    grant = Grant.objects.get(account_id=made.account_id)
    _keep(world, account=made.account_id, grant=grant.id, invitation=made.token)


def _network(world: World) -> None:
    """An application, an uploaded file with a bad row, an agreement and what it asks for, a plan, an exception."""
    office, city = world.actor("consortium_office@own"), world.actor("commission@own")
    assert office.account_id is not None and city.account_id is not None
    application = network_models.Application.objects.create(
        region=CITY,
        kind="institution",
        title="演示申请",
        payload={"entries": []},
        starts_on=date(2026, 1, 1),
        state="SUBMITTED",
        applicant_id=office.account_id,
        applicant_name=office.name,
        institution_id=office.institution_id,
        decided_by_division=CITY,
        submitted_at=ledger.now(),
    )
    hospital = network_models.Institution.objects.get(id=office.institution_id)
    line = f"机构编码,科室名称,诊疗科目代码,生效日期\n{hospital.slug},演示科,99.99,2019-08-01\n"
    batch = upload_import(actor=office, region=CITY, file_name="科室.csv", content=line.encode())
    agreement = network_models.Agreement.objects.filter(consortium_id=world.ids["consortium"]).first()
    assert agreement is not None
    draft = papers.draft_agreement(
        actor=office,
        consortium_id=UUID(world.ids["consortium"]),
        institution_ids=[UUID(world.ids["institution"]), UUID(world.ids["hospital"])],
        kind="cooperation",
        start=date(2026, 12, 1),
        end=date(2027, 12, 1),
        title="演示草案",
    )
    party = draft.parties.get(institution_id=office.institution_id)
    _keep(world, draft=draft.id, party=party.id)
    owed = network_models.Obligation.objects.create(
        agreement=agreement,
        debtor="gov:3402",
        creditor="gov:3402",
        text_zh="培训",
        text_en="Train",
        due=date(2026, 9, 1),
    )
    plan = network_models.RegionalPlan.objects.create(
        division_code=CITY, kind="community-plan", finished_on=date(2019, 1, 1), goal="演示目标"
    )
    milestone = network_models.PlanMilestone.objects.create(
        plan=plan, text_zh="演示节点", due=date(2026, 9, 1)
    )
    setting = network_models.InstitutionPlan.objects.create(
        division_code=CITY,
        kind="INSTITUTION_SETTING",
        number=1,
        title="演示规划",
        adopted_on=date(2018, 1, 1),
        period=DateRange(date(2018, 1, 1), None),
        recorded_by=city.name,
        recorded_at=ledger.now(),
    )
    _keep(world, institution_plan=setting.id)
    waiver = Waiver.objects.create(
        pack="wuhu",
        card="wuhu/one_tertiary_partner_per_community",
        subject=f"institution:{stable_id('test', 'excepted')}",
        subject_name="演示医院",
        reason="演示",
        period=DateRange(date(2019, 1, 1), date(2030, 1, 1)),
        granted_by_id=city.account_id,
        granted_by_name=city.name,
        granted_at=ledger.now(),
    )
    alliance = network_models.Consortium.objects.filter(
        kind="SPECIALTY_ALLIANCE", versions__division_code=CITY
    ).first()
    assert alliance is not None
    link = network_models.CentreLink.objects.create(
        consortium=alliance, institution=hospital, period=DateRange(date(2026, 11, 1), None)
    )
    _keep(world, centre_link=link.id)
    _keep(world, application=application.id, batch=batch.id, row=batch.rows.get().id, agreement=agreement.id)
    world.ids["hospital_code"] = hospital.slug
    _keep(world, obligation=owed.id, milestone=milestone.id, waiver=waiver.id, nothing=uuid7())
