"""A year of numbers of 芜湖 as a run keeps them, and an assessment on its way through: made by hand, all of it made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands import act
from tiercare.apps.evaluation.commands.assessing import Opening, open_assessment, report, review
from tiercare.apps.evaluation.commands.schemes import define_scheme
from tiercare.apps.evaluation.models import Matter, Run, Scheme, Value
from tiercare.apps.evaluation.queries.assessing import Stands, indicators_of, unit_of, units_of
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.holders import holders
from tiercare.kernel.actor import Actor

from .facts_made import JINGHU, LEAD, OTHER_LEAD, OTHER_STATION, STATION, YIJIANG, commission, office_of

__all__ = ["JINGHU", "LEAD", "OTHER_LEAD", "OTHER_STATION", "STATION", "YIJIANG", "commission", "office_of"]
SHARE, CONTROL, COST = "primary_visit_share", "chronic_control_rate", "stay_cost"
# numerator and denominator of 2019 by indicator and place, of whom the region is one
Numbers = Mapping[str, Mapping[tuple[str, str], tuple[int, int]]]
NUMBERS: Numbers = {
    SHARE: {
        ("region", "3402"): (900, 1500),
        ("division", "340202"): (500, 800),
        ("division", "340203"): (200, 400),
        ("consortium", JINGHU): (500, 800),
        ("consortium", YIJIANG): (200, 400),
        ("institution", STATION): (420, 420),
        ("institution", LEAD): (0, 300),
        ("institution", OTHER_STATION): (200, 200),
        ("institution", OTHER_LEAD): (0, 200),
    },
    CONTROL: {
        ("region", "3402"): (160, 400),
        ("consortium", JINGHU): (120, 240),
        ("consortium", YIJIANG): (40, 160),
    },
}
LAST_YEAR = {CONTROL: {("region", "3402"): (120, 400), ("consortium", JINGHU): (80, 240)}}


def planted(numbers: Numbers = NUMBERS, *, pack: str = "wuhu", before: Numbers | None = None) -> Run:
    """A run that keeps these numbers of 2019, and some of the year before."""
    book, region = indicators_of(pack), "3402"
    behind = holders(on=clock.today())
    with scoped(commission(region), area=region):
        run = Run.objects.create(
            pack=pack,
            pack_digest="0" * 64,
            region=region,
            spans=["2018", "2019"],
            digest="1" * 64,
            synthetic=True,
            made_by_name="测试",
        )
        for span, of in (("2019", numbers), ("2018", LAST_YEAR if before is None else before)):
            for indicator, found in of.items():
                for (level, key), (above, below) in found.items():
                    held = behind.consortia.get(key) or behind.institutions.get(key) or ()
                    Value.objects.create(
                        run=run,
                        indicator=indicator,
                        version=book[indicator].version,
                        span=span,
                        level=level,
                        key=key,
                        holders=list(held),
                        numerator=above,
                        denominator=below,
                        value=(Decimal(above) * book[indicator].per / below) if below else None,
                    )
    return run


def definition(share: int = 60, control: int = 40, *, public: bool = True) -> dict:
    """A scheme of two lines."""
    return {
        "id": "test_scheme",
        "version": 1,
        "name": {"zh": "测试方案", "en": "A scheme for tests"},
        "source": {"zh": "为测试而写", "en": "Written for tests"},
        "clauses": ["NHC-59"],
        "ours": True,
        "covered": 0.5,
        "alpha": 0.002,
        "panels": [
            {
                "id": "order",
                "name": {"zh": "有序就医", "en": "Care in order"},
                "measures": [
                    {"indicator": SHARE, "weight": share, "zero": 0.4, "full": 0.7, "public": public}
                ],
            },
            {
                "id": "health",
                "name": {"zh": "健康", "en": "Health"},
                "measures": [{"indicator": CONTROL, "weight": control, "zero": 0.3, "full": 0.7}],
            },
        ],
    }


def scheme(actor: Actor | None = None, *, division: str = "3402", content: dict | None = None) -> Scheme:
    """The city's own scheme, in force from today."""
    return define_scheme(
        actor or commission(division),
        division=division,
        pack="wuhu",
        definition=content or definition(),
        assessor="测试考核组",
        since=clock.today(),
    )


def opened(actor: Actor | None = None, of: Scheme | None = None) -> UUID:
    """An assessment of 2019 by a scheme."""
    by = actor or commission()
    found = of or scheme(by, division=by.division_code)
    return open_assessment(
        by, Opening("wuhu", "2019", clock.today() + timedelta(days=30), scheme_id=found.id)
    )


def of(actor: Actor, assessment: UUID, key: str) -> Stands:
    """One who is assessed, whole."""
    found = next(each for each in units_of(actor, assessment) if each.key == key)
    return unit_of(actor, assessed_id=found.id)


def lead_of(key: str) -> Actor:
    """The office that reports for a consortium."""
    return office_of(holders(on=clock.today()).consortia[key][0], Role.CONSORTIUM_OFFICE)


def reported(assessment: UUID, own: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None) -> None:
    """Everybody reports: ``own`` by consortium, or nothing but words."""
    city = commission()
    for each in units_of(city, assessment):
        if each.report_id is not None:
            report(
                owner_of(each), matter_id=each.report_id, lines=(own or {}).get(each.key, {}), words="已核对"
            )


def reviewed(
    assessment: UUID, decisions: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None
) -> None:
    """Every report is reviewed."""
    city = commission()
    for each in units_of(city, assessment):
        if each.report_id is not None:
            review(city, matter_id=each.report_id, decisions=(decisions or {}).get(each.key, {}))


def done(assessment: UUID, *acts: Act) -> None:
    """The commission takes the assessment on by these acts, with words where they are asked for."""
    for each in acts:
        act(commission(), matter_id=assessment, act=each, said=Said(words="已全部核对"))


def locked(**more) -> UUID:
    """A locked assessment of the numbers planted."""
    assessment = opened(**more)
    reported(assessment)
    reviewed(assessment)
    done(assessment, Act.SUBMIT, Act.APPROVE, Act.LOCK)
    return assessment


def owner_of(each: Stands) -> Actor:
    """Whoever reports for a unit."""
    with scoped(commission(), area="3402"):
        matter = Matter.objects.get(id=each.report_id)
    if matter.owner_institution is None:
        return commission(matter.owner_area)
    return office_of(matter.owner_institution, Role.CONSORTIUM_OFFICE)
