"""What institutions of primary care serve, in which form they are there (XH-89), and who is left without."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

GOVERNMENT_RUN, PURCHASED = "government_run", "purchased_service"
# The words of the packs (XH-89 ``forms``).
FORM_NAMES: Mapping[str, Text] = {
    GOVERNMENT_RUN: Text("政府举办", "run by the government"),
    PURCHASED: Text("政府购买服务", "service bought by the government"),
}
LONGEST_CONTRACT = 200
_TOWNSHIP = 9  # digits


@dataclass(frozen=True, slots=True)
class Town:
    """A township or street; ``villages`` are the codes of those below it, none where the register knows none; ``county`` the one
    it lay in on that day, whatever its own code begins with."""

    code: str
    name: str
    people: int
    villages: tuple[str, ...] = ()
    county: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """What one institution serves. ``form``: empty where none is on record; ``recorded``: the area was laid down, otherwise it is the
    township that a centre stands in."""

    id: str
    name: str
    category: str
    private: bool
    division: str
    form: str
    places: tuple[str, ...]
    recorded: bool
    contract: str = ""
    since: date | None = None

    def counts(self, forms: Collection[str] | None) -> bool:
        """Whether it serves in a form that the text in force knows; every one does where no text names forms."""
        return forms is None or self.form in forms


@dataclass(frozen=True, slots=True)
class Left:
    """A township with people whom nobody serves; ``villages`` are those left out where only some are."""

    town: Town
    people: int
    villages: tuple[str, ...] = ()


def left_out(towns: Iterable[Town], served: Sequence[Served], forms: Collection[str] | None) -> list[Left]:
    """Who is served by nobody, the most people first. People of a township are shared equally among its villages: an estimate, as
    everywhere that the register counts no villages' people."""
    covered = {place for each in served if each.counts(forms) for place in each.places}
    found = []
    for town in towns:
        if town.code in covered:
            continue
        missing = tuple(code for code in town.villages if code not in covered)
        partly = bool(town.villages) and len(missing) < len(town.villages)
        people = round(town.people * len(missing) / len(town.villages)) if partly else town.people
        if people or not partly:
            found.append(Left(town, people, missing if partly else ()))
    return sorted(found, key=lambda each: (-each.people, each.town.code))


def people_of(places: Iterable[str], towns: Mapping[str, Town]) -> int:
    """How many live in these places; a village counts as its share of its township."""
    found = 0.0
    whole = {place for place in places if place in towns}
    for place in set(places):
        town = towns.get(place[:_TOWNSHIP])
        if town is None or (place not in whole and town.code in whole):
            continue
        found += town.people if place in whole else town.people / max(len(town.villages), 1)
    return round(found)


def form_refusal(form: str, forms: Collection[str] | None, *, private: bool, contract: str) -> Refusal | None:
    """Why an institution cannot be on record in this form."""
    if form not in (forms if forms is not None else FORM_NAMES):
        return NO_SUCH_FORM
    if form == GOVERNMENT_RUN and private:
        return NOT_THE_GOVERNMENTS
    if form == PURCHASED and not contract:
        return NO_CONTRACT
    return None


NO_SUCH_FORM = Refusal(
    code="planning.no_such_form",
    message=Text("当地现行的文件没有这种举办形式。", "No text in force here knows this form."),
    instead=Text("请从列出的形式中选择。", "Choose one of the forms that are listed."),
    at="form",
    status=422,
)
NOT_THE_GOVERNMENTS = Refusal(
    code="planning.not_the_governments",
    message=Text(
        "机构登记为社会办，不能记作政府举办。",
        "It is on the register as private: the government does not run it.",
    ),
    instead=Text(
        "由政府购买服务的，选“政府购买服务”；举办主体有变的，先更新机构登记。",
        "Where its service is bought choose that; where its owner changed, have the register corrected first.",
    ),
    at="form",
    status=422,
)
NO_CONTRACT = Refusal(
    code="planning.no_contract",
    message=Text(
        "购买服务要写明合同或文件。", "Where service is bought, the contract or decision must be named."
    ),
    instead=Text(
        "请填写合同编号或文件名称。", "Give the number of the contract or the name of the document."
    ),
    at="contract",
    status=422,
)
NOT_PRIMARY = Refusal(
    code="planning.not_primary",
    message=Text("这家机构不是开业的基层医疗卫生机构。", "This is no open institution of primary care."),
    instead=Text("请从列表中选择。", "Choose one from the list."),
    at="institution",
    status=422,
)
NO_PLACES = Refusal(
    code="planning.no_places",
    message=Text(
        "没有写服务区域，或有不在本县区的乡镇、村。",
        "No service area is given, or it names townships or villages that are not of this county.",
    ),
    instead=Text("请从列表中选择乡镇（街道）或村（社区）。", "Choose townships or villages from the list."),
    at="places",
    status=422,
)
