"""The database's refusals in our words: a constraint's name becomes the sentence of the rule it guards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from django.db import IntegrityError, transaction

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text


def _fence(code: str, message: Text, instead: Text, at: str) -> Refusal:
    return Refusal(code=code, message=message, instead=instead, at=at)


_EARLIER = Text(
    "请先结束原来的一段，或改选不重叠的日期。", "End the earlier one first, or choose other dates."
)

FENCES: Mapping[str, Refusal] = {
    refusal.code: refusal
    for refusal in (
        _fence(
            "one_lead_per_consortium",
            Text(
                "这段时间已有牵头医院，一个医联体只能有一家。",
                "There is a lead then already; a consortium has one.",
            ),
            Text("请先结束现任牵头医院的任期，再登记新的。", "End the present lead's term first."),
            "role",
        ),
        _fence(
            "no_overlapping_membership",
            Text("该机构在这段时间已是成员。", "The institution is a member then already."),
            _EARLIER,
            "start",
        ),
        _fence(
            "no_overlapping_joining",
            Text("该医共体在这段时间已整体加入。", "The community has joined then already."),
            _EARLIER,
            "start",
        ),
        _fence(
            "no_overlapping_centre_link",
            Text("该联盟在这段时间已对接这家中心。", "The alliance is linked to this centre then already."),
            _EARLIER,
            "start",
        ),
        _fence(
            "nobody_joins_itself",
            Text("医联体不能加入自己。", "A consortium cannot join itself."),
            Text("请选择另一个医联体。", "Choose another consortium."),
            "child",
        ),
        _fence(
            "one_trustee_at_a_time",
            Text("该机构在这段时间已由别的机构托管。", "The institution is entrusted to another one then."),
            _EARLIER,
            "start",
        ),
        _fence(
            "nobody_runs_itself",
            Text("机构不能托管自己。", "An institution cannot be entrusted to itself."),
            Text("请选择另一家托管方。", "Choose another trustee."),
            "trustee",
        ),
        _fence(
            "no_cycle_of_trusteeship",
            Text(
                "这样会形成托管循环：甲托管乙，乙又（间接）托管甲。", "This closes a circle of trusteeship."
            ),
            Text("请先解除圈中的一段托管关系。", "End one of the trusteeships in the circle first."),
            "entrusted",
        ),
        _fence(
            "one_version_at_a_time",
            Text("该机构在这段时间已有登记。", "The institution is recorded for that time already."),
            _EARLIER,
            "start",
        ),
        _fence(
            "every_place_in_one_grid",
            Text("该地区在这段时间已属于另一网格。", "The place lies in another grid then."),
            _EARLIER,
            "place",
        ),
        _fence(
            "one_practice_per_site",
            Text("该医师在这段时间已在此机构执业。", "The clinician practises there then already."),
            _EARLIER,
            "start",
        ),
    )
}


@contextmanager
def fenced() -> Iterator[None]:
    """Run in a savepoint; a refusal of the database comes out as ``Refused`` with its rule's words.

    Raises:
        Refused: for a constraint that ``FENCES`` names.
        IntegrityError: for any other: that is a defect, not something a person did.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = _constraint(error)
        if name not in FENCES:
            raise
        raise Refused(FENCES[name]) from error


def _constraint(error: IntegrityError) -> str:
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""
