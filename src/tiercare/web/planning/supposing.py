"""What-ifs on the map: a lead closed, merged, enlarged or opened, in the form's words and in the page's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tiercare.apps.planning.queries.ground_leads import positions
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .asking import Look, look
from .figures import Numbered, people

_NOTHING = Refusal(
    code="planning.what_if_unknown",
    message=Text("没有这种设想。", "There is no such what-if."),
    instead=Text("请选撤下、并入、增加床位或增设。", "Choose closing, merging, enlarging or opening."),
    at="if_act",
    status=422,
)
_BEDS = Refusal(
    code="planning.what_if_beds",
    message=Text("没有写床位数。", "The number of beds is missing."),
    instead=Text("请写一个大于 0 的整数。", "Write a whole number above 0."),
    at="if_share",
    status=422,
)


def changed(request: HttpRequest, now: Look) -> Look:
    """The same weights with one more what-if, or with none; the plan begins at today's grids.

    Raises:
        Refused: for a what-if that is none, or that cannot be.
    """
    if request.POST.get("supposing") == "none":
        return look(request, now.wishes)
    return look(request, now.wishes, what_if=[*now.what_if, _asked(request)])


def _asked(request: HttpRequest) -> Mapping[str, Any]:
    posted = request.POST
    act, lead = posted.get("if_act", ""), posted.get("if_lead", "")
    if act == "close":
        return {"act": act, "lead": lead}
    if act == "merge":
        return {"act": act, "lead": lead, "into": posted.get("if_into", "")}
    if act == "upgrade":
        share = posted.get("if_share", "")
        if not share.isascii() or not share.isdigit() or int(share) < 1:
            raise Refused(_BEDS)
        return {"act": act, "lead": lead, "share": int(share)}
    if act == "open":
        return {"act": act, "institution": posted.get("if_house", "")}
    raise Refused(_NOTHING)


def words(now: Look, marks: Sequence[Numbered]) -> list[str]:
    """What is supposed, line by line."""
    names = {mark.lead.key: mark.lead.name for mark in marks}
    houses = {each.id: each.name for each in now.base.network.institutions.values()}
    found = []
    for each in now.what_if:
        lead, into = names.get(str(each.get("lead")), ""), names.get(str(each.get("into")), "")
        if each["act"] == "close":
            found.append(_("撤下 {lead}").format(lead=lead))
        elif each["act"] == "merge":
            found.append(_("{lead} 并入 {into}").format(lead=lead, into=into))
        elif each["act"] == "upgrade":
            found.append(_("{lead} 增加到 {beds} 张床").format(lead=lead, beds=each.get("share", "")))
        else:
            key = str(each.get("institution"))
            found.append(_("增设 {lead}").format(lead=houses.get(key, key)))
    return found


def hospitals(now: Look) -> list[tuple[str, list[tuple[str, str]]]]:
    """Hospitals that lead no grid and whose place is known, by area: those that could be opened."""
    net = now.ground.network
    planned = {place.area for place in now.region.places}
    placed = positions([each.id for each in net.local() if not each.primary], now.ground.on)
    leading = {house.id for lead in now.region.leads for house in net.leads(lead.key)}
    found: dict[str, list[tuple[str, str]]] = {}
    for each in sorted(net.local(), key=lambda house: (house.division, -house.beds, house.id)):
        if (
            not each.primary
            and each.beds
            and each.id not in leading
            and each.id in placed
            and each.division in planned
        ):
            found.setdefault(net.areas[each.division].name, []).append((each.id, each.name))
    return list(found.items())


def primary(now: Look) -> dict[str, Any] | None:
    """How near primary care is, whatever the grids."""
    told = now.ground.primary
    if told is None:
        return None
    names = {place.key: place.name for place in now.region.places}
    return {
        "limit": f"{told.limit:g}",
        "share": f"{100 * told.share:.1f}%",
        "people": people(told.people),
        "beyond": "、".join(names.get(key, key) for key, _minutes in told.beyond[:6]),
    }
