"""Changes of institutions, and where clinicians practise; history is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms.queries import initials
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models
from .standing import not_there, standing_institution
from .trying import tried

# Fields of a version that ``change_institution`` may change; the rest is identity or period.
CHANGEABLE = frozenset(
    {
        "name",
        "category",
        "level",
        "grade",
        "owner",
        "affiliation",
        "funding",
        "division_code",
        "township_code",
        "beds",
        "licence_number",
        "licence_until",
        "qualified",
        "subcentre",
        "managed_as_level",
    }
)


@transaction.atomic
def change_institution(
    *, actor: Actor, institution_id: UUID, start: date, changes: Mapping[str, object]
) -> models.InstitutionVersion:
    """Change an institution from ``start`` on: the version before ends there, a new one begins.

    Raises:
        Refused: if it does not exist that day, a later version exists already, a field cannot be changed,
            or a card would be violated.
    """
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise Refused(_cannot_change(unknown))
    before = standing_institution(institution_id, start)
    with tried(actor, Right.NETWORK_DECIDE, before.division_code, on=start):
        after = _split(before, start)
        for name, value in changes.items():
            setattr(after, name, value)
        after.initials = initials(after.name)
        after.save()
    _record_change(actor, after, start, tuple(sorted(changes)))
    return after


def _cannot_change(names: list[str]) -> Refusal:
    return Refusal(
        code="field_cannot_change",
        message=Text("这些内容不能在此变更：{names}。", "These cannot be changed here: {names}."),
        instead=Text("可变更：{allowed}。", "You can change: {allowed}."),
        fields={"names": "、".join(names), "allowed": "、".join(sorted(CHANGEABLE))},
        at=names[0],
        status=422,
    )


def _split(before: models.InstitutionVersion, start: date) -> models.InstitutionVersion:
    """End ``before`` on ``start`` and answer a copy that begins there; on its first day it is the copy itself."""
    if before.period.lower == start:
        return before
    end = before.period.upper
    before.period = DateRange(before.period.lower, start)
    before.save(update_fields=["period"])
    after = models.InstitutionVersion.objects.get(pk=before.pk)
    after.pk = uuid7()
    after.period = DateRange(start, end)
    after._state.adding = True
    return after


@transaction.atomic
def close_institution(*, actor: Actor, institution_id: UUID, end: date) -> models.InstitutionVersion:
    """Close an institution: ``end`` is the first day on which it no longer exists.

    Raises:
        Refused: if it does not exist the day before, or still belongs to a consortium on ``end`` (close
            memberships first, so that nobody refers to a closed door).
    """
    current = standing_institution(institution_id, end)
    still = models.Membership.objects.filter(institution_id=institution_id, period__contains=end)
    names = [row.consortium.versions.latest("period").name for row in still.select_related("consortium")]
    if names:
        raise Refused(
            Refusal(
                code="closing_institution_is_member",
                message=Text(
                    "{name}在 {end} 仍属于：{names}。", "{name} still belongs on {end} to: {names}."
                ),
                instead=Text(
                    "请先结束这些成员关系，再关闭机构。", "End these memberships first, then close it."
                ),
                fields={"name": current.name, "end": end, "names": "、".join(names)},
                at="end",
            )
        )
    if current.period.lower == end:
        raise Refused(not_there("institution", Text("机构", "institution"), end))
    with tried(actor, Right.NETWORK_DECIDE, current.division_code, on=end):
        current.period = DateRange(current.period.lower, end)
        current.save(update_fields=["period"])
    _record_change(actor, current, end, ("closed",))
    return current


def _record_change(
    actor: Actor, row: models.InstitutionVersion, start: date, changed: tuple[str, ...]
) -> None:
    ledger.append(
        actor,
        events.InstitutionChanged(str(row.institution_id), start, changed),
        subject_type="institution",
        subject_id=row.institution_id,
        institution_id=row.institution_id,
        division_code=row.division_code,
    )


@transaction.atomic
def record_practice(
    *,
    actor: Actor,
    clinician_id: UUID,
    institution_id: UUID,
    start: date,
    agreement_id: UUID | None = None,
    end: date | None = None,
) -> models.PracticeSite:
    """Record where a clinician practises. Without an agreement the site is the registered one; under a help
    or trusteeship agreement of the institution no re-registration is needed (YN-59).

    Raises:
        Refused: if the agreement does not name the institution or is not in force, or the clinician already
            has a registered site then.
    """
    institution = standing_institution(institution_id, start)
    refusal = _practice_refusal(clinician_id, institution, start, agreement_id)
    if refusal:
        raise Refused(refusal)
    ground = models.PracticeSite.Ground.AGREEMENT if agreement_id else models.PracticeSite.Ground.REGISTERED
    with tried(actor, Right.NETWORK_DECIDE, institution.division_code, on=start):
        site = models.PracticeSite.objects.create(
            clinician_id=clinician_id,
            institution_id=institution_id,
            ground=ground,
            agreement_id=agreement_id,
            period=DateRange(start, end),
        )
    _record_change(actor, institution, start, ("clinicians",))
    return site


NO_REREGISTRATION = "YN-59"


def _practice_refusal(
    clinician_id: UUID, institution: models.InstitutionVersion, start: date, agreement_id: UUID | None
) -> Refusal | None:
    pack = mandates.pack_in_force(institution.division_code, on=start)
    waived = any(clause.id == NO_REREGISTRATION for clause in mandates.packs().clauses_for(pack))
    if agreement_id is not None and not waived:
        return _registration_needed(institution.name)
    if agreement_id is not None:
        covered = models.Agreement.objects.filter(
            id=agreement_id, period__contains=start, parties__institution_id=institution.institution_id
        ).exists()
        if covered:
            return None
        return Refusal(
            code="practice_without_agreement",
            message=Text(
                "所选协议在 {start} 未生效，或不含该机构。",
                "The agreement is not in force on {start}, or not with it.",
            ),
            instead=Text(
                "请选择与该机构签订的有效帮扶或托管协议，或先办理执业注册变更。",
                "Choose a help or trusteeship agreement with it, or change the registration.",
            ),
            fields={"start": start},
            clauses=(NO_REREGISTRATION,),
            at="agreement",
            status=422,
        )
    registered = models.PracticeSite.objects.filter(
        clinician_id=clinician_id, ground="REGISTERED", period__contains=start
    ).exists()
    if not registered:
        return None
    return _agreement_needed() if waived else _registration_needed(institution.name)


def _agreement_needed() -> Refusal:
    return Refusal(
        code="practice_needs_agreement",
        message=Text("该医师已在别处注册执业。", "The clinician is registered elsewhere."),
        instead=Text(
            "在签订帮扶或托管协议的机构执业无需变更注册：请选择协议。",
            "Under a help or trusteeship agreement no re-registration is needed: choose the agreement.",
        ),
        clauses=(NO_REREGISTRATION,),
        at="agreement",
        status=422,
    )


def _registration_needed(name: str) -> Refusal:
    return Refusal(
        code="practice_needs_registration",
        message=Text(
            "本地区没有“协议内执业免变更注册”的规定，该医师不能仅凭协议在{name}执业。",
            "This region has no rule that waives re-registration under an agreement for {name}.",
        ),
        instead=Text(
            "请先结束原注册，或办理多机构备案后登记。",
            "End the present registration first, or file for practice at several institutions.",
        ),
        fields={"name": name},
        at="agreement",
        status=422,
    )
