"""Three assessments of the city: one whose reports are owed, one whose reports came, one that is locked and published."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands import assessing, publishing, schemes
from tiercare.apps.evaluation.models import Post, Run, Value
from tiercare.apps.evaluation.queries.assessing import Stands, units_of
from tiercare.apps.evaluation.queries.matters import matter
from tiercare.apps.evaluation.queries.publishing import Audience
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import File, Party, Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.queries.holders import holders
from tiercare.kernel.ids import uuid7

from .world import CITY, World

_SHARE = "primary_visit_share"
_PDF = b"%PDF-1.4 \n%%EOF"


def assessments_planted(world: World) -> dict[str, str]:
    """The ids of the assessments, of the reports of the hospital that leads, and of what hangs on them."""
    city, office = world.actor("commission@own"), world.actor("consortium_office@own")
    leads = holders(on=ledger.today()).consortia
    mine = next(key for key, held in sorted(leads.items()) if UUID(world.ids["hospital"]) in held)
    with scoped(city, area=CITY):
        run = Run.objects.create(
            pack="wuhu",
            pack_digest="0" * 64,
            region=CITY,
            spans=["2024"],
            digest="1" * 64,
            synthetic=True,
            made_by_name=city.name,
        )
        for level, key in (("region", CITY), ("consortium", mine)):
            counts = {"numerator": 300, "denominator": 400, "value": "0.75"}
            Value.objects.create(
                run=run, indicator=_SHARE, version=1, span="2024", level=level, key=key, **counts
            )
    found = {}
    for name in ("open", "sent", "locked"):
        scheme = schemes.define_scheme(
            city,
            division=CITY,
            pack="wuhu",
            definition=_definition(name),
            assessor="演示考核组",
            since=ledger.today(),
        )
        due = ledger.today() + timedelta(days=30)
        opening = assessing.Opening("wuhu", "2024", due, scheme_id=scheme.id)
        found[name] = assessing.open_assessment(city, opening)
        found["scheme"] = scheme.id
    unit = {name: _of(world, found[name], mine) for name in ("open", "sent", "locked")}
    report = unit["sent"].report_id
    assert report is not None and unit["open"].report_id is not None
    files = (File("示例.pdf", _PDF),)
    assessing.report(office, matter_id=report, lines={}, words="示例", files=files)
    _through(world, found["locked"])
    publication = publishing.publish(city, assessment_id=found["locked"], audience=Audience.SECTOR)
    proof = matter(office, matter_id=report).entries[-1].proofs[0]["id"]
    return {
        "assessment": str(found["open"]),
        "assessment_locked": str(found["locked"]),
        "assessed": str(_of(world, found["locked"], mine).id),
        "self_report": str(unit["open"].report_id),
        "self_report_sent": str(report),
        "self_report_proof": str(proof),
        "publication": str(publication),
        "scheme": str(found["scheme"]),
        "consortium_key": mine,
        "assessed_level": "consortium",
        "pay_run": str(_pay_run(world)),
        "post": str(_post(world)),
    }


def _of(world: World, assessment: UUID, key: str) -> Stands:
    return next(each for each in units_of(world.actor("commission@own"), assessment) if each.key == key)


def _through(world: World, assessment: UUID) -> None:
    """Nobody reports in time: the reports are withdrawn, and the platform's numbers count."""
    city, said = world.actor("commission@own"), Said(words="示例")
    for each in units_of(city, assessment):
        if each.report_id is not None:
            commands.act(city, matter_id=each.report_id, act=Act.WITHDRAW, said=said)
    for step in (Act.SUBMIT, Act.APPROVE, Act.LOCK):
        commands.act(city, matter_id=assessment, act=step, said=said)


def _pay_run(world: World) -> UUID:
    """A pay run of the city's commission: in 芜湖 no text links pay to results, so it is laid by hand."""
    city = world.actor("commission@own")
    matter_id = commands.issue(
        city,
        commands.Issue(
            kind=KindId.PAY_RUN,
            title="2024 绩效工资",
            owner=Party(CITY),
            due_on=ledger.today() + timedelta(days=30),
            period="2024",
            payload={
                "law": {"points": [], "factors": [], "without": "one", "kept": False, "clause": "YN-91"},
                "lines": [],
                "set_down": 0,
                "paid": 0,
            },
        ),
    )
    assert matter_id is not None
    return matter_id


def _post(world: World) -> UUID:
    """Somebody whom the city named to a department."""
    city = world.actor("commission@own")
    with scoped(city, area=CITY):
        return Post.objects.create(
            division_code=CITY,
            department="price",
            account_id=uuid7(),
            account_name="示例经办人",
            period=DateRange(ledger.today(), None),
            made_by_name=city.name,
        ).id


def _definition(name: str) -> dict[str, object]:
    line = {"indicator": _SHARE, "weight": 100, "zero": 0.4, "full": 0.9, "public": True}
    return {
        "id": f"planted_{name}",
        "version": 1,
        "name": {"zh": "演示方案", "en": "A scheme to show"},
        "source": {"zh": "演示", "en": "To show"},
        "ours": True,
        "covered": 0.5,
        "alpha": 0.002,
        "panels": [{"id": "order", "name": {"zh": "有序就医", "en": "Care in order"}, "measures": [line]}],
    }
