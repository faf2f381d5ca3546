"""Signals become alerts: of a run's findings, and of costs outside the band of their peers (NHC-83, NHC-86, YN-101, YN-102).

An alert asks somebody to look and accuses nobody. The same signal of the same period opens one, however often it is computed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.oversight import AlertRule
from tiercare.engines.measures.rounding import shown, written
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from ..queries import ours
from ..queries.book import oversight_of
from ..queries.oversight import indicator, names, party_of
from ..rules.kinds import KindId
from ..rules.peers import Outlier, outside
from ..rules.standing import Party
from .matters import Issue, issue

_COST = "cost_band"
_SHOWN = 50  # keys of cases that an alert carries; the rest stand with the finding
_RUN = "SELECT id, pack, region, spans, synthetic FROM evaluation_run WHERE id = %(run)s"
_NEWEST = """
SELECT DISTINCT ON (pack, region) id FROM evaluation_run ORDER BY pack, region, made_at DESC, id DESC
"""
_FINDINGS = "SELECT name, span, level, key, content FROM evaluation_finding WHERE run_id = %(run)s AND kind = 'signal' ORDER BY id"
_COSTS = """
SELECT indicator, span, key, value, denominator FROM evaluation_value
WHERE run_id = %(run)s AND span = %(span)s AND level = 'institution' AND indicator = ANY (%(indicators)s::text[]) AND value IS NOT NULL
"""
# Alerts that nobody answered in time, of rules that call whoever is behind them to account.
_UNANSWERED = """
SELECT m.id, m.pack, m.title, m.clauses, m.period, m.subject_type, m.subject_key, m.subject_name, m.issuer_area
FROM evaluation_matter m
WHERE m.kind = 'ALERT' AND m.turn = 'owner' AND m.escalated > 0 AND (m.payload ->> 'account')::boolean
  AND NOT EXISTS (SELECT FROM evaluation_matter c WHERE c.origin = 'account:' || m.id)
ORDER BY m.id LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class _Signal:
    rule: AlertRule
    span: str
    level: str
    key: str
    content: Mapping[str, Any]


def open_alerts(run_id: UUID | None = None) -> int:
    """Open an alert for each signal of a run (of the newest of every pack, if none is named) that has none yet; returns how
    many. A killed run leaves what it had not reached to the next."""
    host = Actor.system("job")
    with scoped(host, area=EVERYWHERE):
        ids = [run_id] if run_id else [row["id"] for row in rows(_NEWEST)]
        found = [(run, _signals(run)) for each in ids for run in rows(_RUN, run=each)]
    return sum(_open(host, run, signal) for run, signals in found for signal in signals)


def _signals(run: Mapping[str, Any]) -> list[_Signal]:
    rules = {each.signal: each for each in oversight_of(run["pack"]).alerts.values()}
    signals = [
        _Signal(rules[row["name"]], row["span"], row["level"], row["key"], json.loads(row["content"]))
        for row in rows(_FINDINGS, run=run["id"])
        if row["name"] in rules
    ]
    years = [each for each in run["spans"] if each.isdigit()]
    if _COST in rules and years:
        signals += _costs(run, rules[_COST], max(years))
    return signals


def _costs(run: Mapping[str, Any], rule: AlertRule, year: str) -> Iterator[_Signal]:
    found = rows(_COSTS, run=run["id"], span=year, indicators=list(rule.indicators))
    today = clock.today()
    level = {each.slug: each.level for each in network.institution_rows(run["region"], on=today)}
    for name in rule.indicators:
        known = indicator(run["pack"], name)
        if known is None:
            continue
        values: dict[int, dict[str, Decimal]] = {}
        for row in found:
            fits = row["indicator"] == name and row["key"] in level
            if fits and (row["denominator"] is None or row["denominator"] >= known.small):
                values.setdefault(level[row["key"]], {})[row["key"]] = row["value"]
        for peers in values.values():
            for each in outside(peers, width=rule.width, least=rule.least):
                yield _Signal(rule, year, "institution", each.key, _told(each, known))


def _told(each: Outlier, known: Indicator) -> Mapping[str, Any]:
    value, low, high = (_figure(number, known.unit) for number in (each.value, each.low, each.high))
    return {
        "zh": f"{known.name.zh} {value.zh}，同级{each.peers}家机构的常见范围是 {low.zh}–{high.zh}。"
        "请先核对病种和口径，再看有没有不合理费用。",
        "en": f"{known.name.en} {value.en}; {each.peers} institutions of its level usually stand from {low.en} to {high.en}. "
        "See case mix and counting first.",
        "indicator": known.id,
        "value": str(each.value),
        "low": str(each.low),
        "high": str(each.high),
        "peers": each.peers,
    }


def _figure(number: Decimal, unit: Text) -> Text:
    """As people read it: money, which values hold in fen, in yuan."""
    exact = Fraction(number)
    if unit.zh == "元":
        return Text(shown(exact, unit.zh), f"{written(exact / 100, 2):,f} {unit.en}")
    return Text(shown(exact, unit.zh), shown(exact, unit.en))


@transaction.atomic
def _open(host: Actor, run: Mapping[str, Any], signal: _Signal) -> bool:
    """Whether it was opened: whoever answers is the commission of the region."""
    today = clock.today()
    commission = Party(run["region"])
    kind = "division" if signal.level in ("region", "division") else signal.level
    called = names([], on=today).subject(kind, signal.key)
    which = signal.content.get("indicator", "")
    made = issue(
        host,
        Issue(
            KindId.ALERT,
            f"{signal.rule.name.zh}：{called}"[:120],
            commission,
            today + timedelta(days=signal.rule.days),
            words=str(signal.content.get("zh", "")),
            clauses=signal.rule.clauses,
            pack=run["pack"],
            period=signal.span,
            subject_type=kind,
            subject_key=signal.key,
            subject_name=called,
            origin=f"alert:{run['region']}:{signal.rule.id}:{which}:{signal.span}:{signal.key}",
            payload={
                "rule": signal.rule.id,
                "account": signal.rule.account,
                "template": signal.rule.template,
                "run": str(run["id"]),
                "synthetic": run["synthetic"],
                "content": _short(signal.content),
            },
        ),
        issuer=commission,
    )
    return made is not None


def _short(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with at most so many keys of cases in each list."""
    return {key: _cut(value) for key, value in content.items()}


def _cut(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _short(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_cut(each) for each in value[:_SHOWN]]
    return value


def call_to_account() -> int:
    """Alerts that nobody answered in time and whose rule says so become cases of accountability of the institution that they
    are about: it has to explain and put right (YN-101). Returns how many were opened."""
    host, today = Actor.system("job"), clock.today()
    done = 0
    with scoped(host, area=EVERYWHERE), transaction.atomic():
        for row in rows(_UNANSWERED):
            house = network.institution_by_slug(row["subject_key"], on=today)
            owner = party_of(house, on=today) if house else None
            if owner is None or not mandates.packs().packs.get(row["pack"]):
                continue
            days = ours.days("supervision_rectify_days", row["pack"], on=today)
            made = issue(
                host,
                Issue(
                    KindId.RECTIFICATION,
                    f"问责：{row['title']}"[:120],
                    owner,
                    today + days,
                    words="预警逾期没有核实，请说明原因并整改。",
                    clauses=tuple(row["clauses"]),
                    pack=row["pack"],
                    period=row["period"],
                    subject_type=row["subject_type"],
                    subject_key=row["subject_key"],
                    subject_name=row["subject_name"],
                    parent_id=row["id"],
                    origin=f"account:{row['id']}",
                    payload={"file": False, "finding": "", "account": True},
                ),
                issuer=Party(row["issuer_area"]),
            )
            done += made is not None
    return done
