"""Pay by results: amounts typed or from a table, and the run as .xlsx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands.uses import NO_LAW, Run, open_pay_run
from tiercare.apps.evaluation.queries import uses as queries
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import NO_SUCH_MATTER
from tiercare.apps.evaluation.rules.uses import PAY
from tiercare.apps.ledger import queries as clock
from tiercare.engines.sheets import Cell, Table, Unreadable, normalised, read
from tiercare.kernel.money import Money
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.marks import write_xlsx
from tiercare.web.pages import once, page
from tiercare.web.shell import newest_is_simulated

from .uses import address, run_shown

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KEY, _NAME, _AMOUNT = "单位代码", "单位名称", "金额（元）"
_DAYS = 30
_PREFIX = "amount."
_LARGEST = 10**12  # yuan: more than a province pays its doctors in a year


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.SUPERVISION_ISSUE)
def new(request: HttpRequest) -> HttpResponse:
    """What each unit is set down for, typed or from a table; ``?level=`` chooses whom the form lists."""
    if request.method != "POST":
        return _form(request)

    def work() -> str:
        run = Run(
            given.text(request.POST, "period", longest=10),
            _amounts(request),
            given.text(request.POST, "words", longest=4000),
            given.day(request.POST, "due_on"),
        )
        return address(request, open_pay_run(request.actor, run))

    try:
        return once(request, _("已按考核系数算出，等候提交审定。"), work)
    except Refused as refused:
        return _form(request, refused)


@require_safe
@page(Right.SUPERVISION_ISSUE)
def template(request: HttpRequest) -> HttpResponse:
    """The table to fill in: every unit that can be set down."""
    lines: list[tuple[Cell, ...]] = [(each.key, each.name, None) for each in queries.units(request.actor)]
    return _download(_("绩效兑现金额表"), [Table(_("金额"), (_KEY, _NAME, _AMOUNT), lines)])


@require_safe
@page(Right.EVALUATION_READ)
def file(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """A run as it stands, one line a unit, sums below."""
    shown = queries.use(request.actor, matter_id)
    if shown.standing.kind != KindId.PAY_RUN:
        raise Refused(NO_SUCH_MATTER)
    found, payload = run_shown(request, shown), shown.standing.payload
    lines: list[tuple[Cell, ...]] = [
        (
            each["key"],
            each["name"],
            str(Money(each["set_down"])),
            each["result"]["title"] if each["result"] else _("没有锁定的结果"),
            each["result"]["points"] if each["result"] else "",
            each["factor"],
            str(Money(each["paid"])),
        )
        for each in payload["lines"]
    ]
    total = (_("合计"), "", str(Money(payload["set_down"])), "", "", "", str(Money(payload["paid"])))
    header = (_KEY, _NAME, _AMOUNT, _("考核"), _("得分"), _("系数"), _("应发（元）"))
    law: list[tuple[Cell, ...]] = [(points, factor) for points, factor in found["law"]["knots"]]
    tables = [
        Table(_("绩效兑现"), header, [*lines, total]),
        Table(_("得分与系数"), (_("得分"), _("系数")), law),
    ]
    name = f"{_('绩效兑现')}-{shown.standing.period}"
    return _download(name, tables, simulated=newest_is_simulated(request))


def _amounts(request: HttpRequest) -> dict[str, int]:
    """In fen by key: of the table if one was sent, otherwise as typed; every fault at its field."""
    upload = request.FILES.get("table")
    typed: Mapping[str, str]
    if upload is not None:
        typed = _from_table(upload.read(), upload.name or "")
    else:
        typed = {
            key.removeprefix(_PREFIX): text for key, text in request.POST.items() if key.startswith(_PREFIX)
        }
    found, faults = {}, []
    for key, text in typed.items():
        if text.strip():
            try:
                found[key] = _fen(text)
            except ValueError:
                faults.append(_not_money(key, text))
    if faults:
        raise Refused(*faults[:20])
    return found


def _from_table(content: bytes, name: str) -> dict[str, str]:
    wanted = {normalised(_KEY), normalised(_AMOUNT)}

    def is_header(cells: Sequence[str]) -> bool:
        return wanted <= {normalised(each) for each in cells}

    try:
        book = read(content, name, is_header=is_header)
    except Unreadable as unreadable:
        raise Refused(unreadable.refusal) from None
    sheet = next((each for each in book.sheets if each.lines), None)
    names = [] if sheet is None else [str(each) for each in sheet.header]
    heads = {normalised(each): at for at, each in enumerate(names)}
    if sheet is None or normalised(_KEY) not in heads or normalised(_AMOUNT) not in heads:
        raise Refused(NO_TABLE)
    key, amount = heads[normalised(_KEY)], heads[normalised(_AMOUNT)]
    found: dict[str, str] = {}
    for line in sheet.lines:
        value = line.cells[amount]
        if value is None or not str(value).strip():
            continue
        unit = str(line.cells[key] or "").strip()[:120]
        if unit in found:
            raise Refused(_twice(unit, line.number))
        found[unit] = f"{value:.2f}" if isinstance(value, float) and round(value, 2) == value else str(value)
    return found


def _fen(text: str) -> int:
    """Yuan as people write them, thousands apart or not, as whole fen.

    Raises:
        ValueError: if it is no amount, below nothing, or finer than a fen.
    """
    try:
        amount = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise ValueError(text) from None
    if not amount.is_finite() or not 0 <= amount < _LARGEST:
        raise ValueError(text)
    return Money.yuan(amount).fen


def _form(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    law = queries.law_for(request.actor)
    if law is None or PAY not in law.uses:
        raise Refused(NO_LAW)
    level = "institution" if request.GET.get("level") == "institution" else "consortium"
    units = [each for each in queries.units(request.actor) if each.level == level]
    results = queries.latest_locked(request.actor, units)
    context = {
        "level": level,
        "lines": [
            {
                "key": each.key,
                "name": each.name,
                "typed": request.POST.get(f"{_PREFIX}{each.key}", ""),
                "result": results.get(each.key),
                "factor": law.factor(Decimal(results[each.key]["points"])) if each.key in results else None,
            }
            for each in sorted(
                units, key=lambda one: one.key not in results
            )  # who cannot be paid stands last
        ],
        "without": law.without.value,
        "clause": law.clause,
        "typed": request.POST,
        "period": request.POST.get("period", str(clock.today().year - 1)),
        "due_on": request.POST.get("due_on") or (clock.today() + timedelta(days=_DAYS)).isoformat(),
    }
    return again(request, "assessments/pay_new.html", context, refused)


def _download(name: str, tables: list[Table], *, simulated: bool = False) -> HttpResponse:
    response = HttpResponse(write_xlsx(tables, simulated=simulated), content_type=_XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    return response


def _not_money(key: str, text: str) -> Refusal:
    return Refusal(
        code="evaluation.not_money",
        message=Text("“{typed}”不是金额（{unit}）。", "“{typed}” is no amount ({unit})."),
        instead=Text(
            "请以元填写，最多两位小数，如 120000.50。",
            "Write yuan with two decimals at most, such as 120000.50.",
        ),
        fields={"typed": text[:20], "unit": key[:80]},
        at=f"{_PREFIX}{key}"[:140],
        status=422,
    )


def _twice(unit: str, number: int) -> Refusal:
    return Refusal(
        code="evaluation.unit_twice",
        message=Text("第 {row} 行的 {unit} 前面已经有了。", "Row {row}: {unit} stood above already."),
        instead=Text("每个单位只留一行。", "Leave one row for each unit."),
        fields={"row": number, "unit": unit[:80]},
        at="table",
        status=422,
    )


NO_TABLE = Refusal(
    code="evaluation.no_amount_table",
    message=Text(
        "表里没有“单位代码”和“金额（元）”两列。", "The table has no columns 单位代码 and 金额（元）."
    ),
    instead=Text("请用页面上下载的表填写。", "Fill in the table for download."),
    at="table",
    status=422,
)
