"""``/assessments/reports/<id>``: a unit's own numbers beside the platform's, and the review line by line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import assessing as commands
from tiercare.apps.evaluation.commands.matters import LARGEST_FILE
from tiercare.apps.evaluation.queries import assessing
from tiercare.apps.evaluation.queries.matters import matter as read_matter
from tiercare.apps.evaluation.queries.matters import proof as read_proof
from tiercare.apps.evaluation.rules import assessing as rules
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import NO_SUCH_MATTER, File
from tiercare.apps.evaluation.workflow import Act, Side, State
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.records.rules.files import size_refusal
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import once, page

from . import presenters

_FIELDS = ("numerator", "denominator", "remark")
_FILES = 5
# Whoever owes a report answers matters; whoever reviews it too.
_RIGHT = Right.SUPERVISION_ANSWER


@require_http_methods(["GET", "HEAD", "POST"])
@page(_RIGHT)
def report(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """The report; whoever owes it fills it in and sends it."""
    if request.method != "POST":
        return _page(request, matter_id)

    def work() -> str:
        commands.report(
            request.actor,
            matter_id=matter_id,
            lines=_typed(request, _FIELDS),
            words=given.text(request.POST, "words", longest=4000),
            files=files_sent(request),
            version=_version(request),
        )
        return _back(request, matter_id)

    try:
        return once(request, _("自评已报送。"), work)
    except Refused as refused:
        return _page(request, matter_id, refused)


@require_POST
@page(_RIGHT)
def review(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """Decide each line; one that is returned returns the report."""

    def work() -> str:
        state = commands.review(
            request.actor,
            matter_id=matter_id,
            decisions=_typed(request, ("take", "why")),
            version=_version(request),
        )
        if state is State.RETURNED:
            return _back(request, matter_id)
        above = read_matter(request.actor, matter_id=matter_id).standing.parent_id
        return f"{reverse('assessments:one', args=[above])}?{request.frame.query}"

    try:
        return once(request, _("审核结果已保存。"), work)
    except Refused as refused:
        return _page(request, matter_id, refused)


@require_safe
@page(_RIGHT)
def proof(request: HttpRequest, matter_id: UUID, proof_id: UUID) -> HttpResponse:
    """A file that was sent with a report."""
    name, media, content = read_proof(request.actor, proof_id=proof_id)
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(request: HttpRequest, matter_id: UUID, refused: Refused | None = None) -> HttpResponse:
    shown = read_matter(request.actor, matter_id=matter_id)
    standing = shown.standing
    if standing.kind != KindId.SELF_REPORT:
        raise Refused(NO_SUCH_MATTER)
    acts = {row.act for row in shown.steps}
    row = assessing.unit_of(request.actor, report_id=matter_id)
    reported, review_ = dict(standing.result.get("lines", {})), dict(row.review)
    above = _above(request, standing.parent_id)
    again_ = standing.state is State.CLOSED and Side.ISSUER in shown.sides and above in {"OPEN", "SUBMITTED"}
    if refused is not None and request.method == "POST":
        reported |= _typed(request, _FIELDS) if Act.SUBMIT in acts else {}
        review_ = _typed(request, ("take", "why")) or review_
    lines = presenters.report_lines(rules.lines_of(standing.payload), reported, review_)
    at = {each.at: each for each in refused.refusals} if refused else {}
    for line in lines:
        line["wrong"] = [name for name in (*_FIELDS, "take", "why") if f"{line['id']}.{name}" in at]
    context: dict[str, Any] = {
        "line": presenters.listed(shown.line, area_names(on=clock.today())),
        "unit": standing.subject_name,
        "lines": lines,
        "fills": Act.SUBMIT in acts,
        "reviews": Act.CLOSE in acts or again_,
        "decided": bool(row.review) or standing.state is State.CLOSED,
        "differing": sum(line["differs"] for line in lines),
        "version": standing.version,
        "history": presenters.history(shown.entries),
        "parent": standing.parent_id if above else None,
        "assessed": row.id,
        "matter_id": matter_id,
        "assessment": row.assessment_id,
        "typed": request.POST,
    }
    return again(request, "assessments/report.html", context, refused)


def _above(request: HttpRequest, parent: UUID | None) -> str:
    """The state of the assessment, for whoever may see it."""
    if parent is None:
        return ""
    try:
        return read_matter(request.actor, matter_id=parent).standing.state.value
    except Refused:
        return ""


def _typed(request: HttpRequest, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """``line.<indicator>.<name>`` as typed, by indicator; lines without anything are left out."""
    found: dict[str, dict[str, str]] = {}
    for key in request.POST:
        head, _dot, rest = key.partition(".")
        indicator, _dot, name = rest.rpartition(".")
        if head == "line" and name in names and (text := given.text(request.POST, key, longest=600)):
            found.setdefault(indicator, {})[name] = text
    return found


def files_sent(request: HttpRequest) -> tuple[File, ...]:
    """The files of a form.

    Raises:
        Refused: if one is larger than is taken.
    """
    files = request.FILES.getlist("files")[:_FILES]
    refuse(*(size_refusal(each.size or 0, LARGEST_FILE) for each in files))
    return tuple(File(each.name or "", each.read()) for each in files)


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _back(request: HttpRequest, matter_id: UUID) -> str:
    return f"{reverse('assessments:report', args=[matter_id])}?{request.frame.query}"
