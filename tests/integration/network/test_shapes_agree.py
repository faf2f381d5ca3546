"""Predicate and constraint of the same name never disagree, on random networks and every day of them.

Rows are offered one by one. The database takes a row or refuses it; the predicate, asked on every day on
which something begins, must say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.range import DateRange

from tiercare.apps.network.models import (
    Consortium,
    ConsortiumVersion,
    Institution,
    InstitutionVersion,
    Membership,
    Trusteeship,
)
from tiercare.apps.network.queries import network_facts
from tiercare.apps.network.rules import PREDICATES
from tiercare.kernel.ids import stable_id

DAY = date(2019, 1, 1)
REGION = "3402"
HORIZON = 8

days = st.integers(0, HORIZON - 1)
lengths = st.one_of(st.none(), st.integers(1, HORIZON))


@dataclass(frozen=True)
class Span:
    """Days from ``start`` on, ``length`` of them or without end."""

    start: int
    length: int | None

    @property
    def range(self) -> DateRange:
        first = DAY + timedelta(days=self.start)
        return DateRange(first, first + timedelta(days=self.length) if self.length else None)


spans = st.builds(Span, days, lengths)
quick = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _key(kind: str, n: int) -> UUID:
    return stable_id("shape-test", kind, str(n))


def _hospitals(count: int) -> None:
    for n in range(count):
        Institution.objects.create(id=_key("institution", n), slug=f"shape-{n}")
        InstitutionVersion.objects.create(
            institution_id=_key("institution", n),
            period=DateRange(DAY, None),
            name=f"医院{n}",
            category="GENERAL",
            level=2,
            owner="PUBLIC",
            affiliation="COUNTY",
            division_code="340221",
        )


def _consortia(count: int) -> None:
    for n in range(count):
        Consortium.objects.create(id=_key("consortium", n), slug=f"shape-c{n}", kind="COUNTY_COMMUNITY")
        ConsortiumVersion.objects.create(
            consortium_id=_key("consortium", n),
            period=DateRange(DAY, None),
            name=f"医共体{n}",
            division_code="340221",
        )


@contextmanager
def _undone() -> Iterator[None]:
    """Run in a transaction that leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _refused_by(make: Callable[[], models.Model]) -> str | None:
    """The constraint that refuses the row, or ``None`` if it was taken."""
    try:
        with transaction.atomic():
            make()
    except IntegrityError as error:
        assert isinstance(error.__cause__, psycopg.Error)
        return error.__cause__.diag.constraint_name
    return None


def _broken_on_some_day(predicate: str) -> set[str]:
    """Subjects that the predicate finds wrong on some day of the horizon."""
    found: set[str] = set()
    for offset in range(HORIZON + 1):
        facts = network_facts(REGION, on=DAY + timedelta(days=offset))
        found |= {f.subject for f in PREDICATES[predicate](facts, {}).findings}
    return found


@pytest.mark.clause("NHC-12")
@quick
@given(rows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), spans), min_size=2, max_size=6))
def test_a_second_lead_is_refused_exactly_when_two_would_lead_on_one_day(
    db: None, rows: list[tuple[int, int, Span]]
) -> None:
    with _undone():
        _hospitals(3)
        _consortia(2)
        taken: list[tuple[int, int, Span]] = []
        for consortium, institution, span in rows:
            refused = _refused_by(
                lambda c=consortium, i=institution, s=span: Membership.objects.create(
                    consortium_id=_key("consortium", c),
                    institution_id=_key("institution", i),
                    role="LEAD",
                    period=s.range,
                )
            )
            overlapping = [other for c, _, other in taken if c == consortium and not _apart(other, span)]
            assert (refused is not None) == bool(overlapping)
            if refused is None:
                taken.append((consortium, institution, span))
        assert all(_lead_counts(offset) <= {0, 1} for offset in range(HORIZON + 1))


def _apart(one: Span, other: Span) -> bool:
    first, second = sorted((one, other), key=lambda s: s.start)
    return first.length is not None and first.start + first.length <= second.start


def _lead_counts(offset: int) -> set[int]:
    """What the predicate counts as leads on that day: 1 where it is silent."""
    facts = network_facts(REGION, on=DAY + timedelta(days=offset))
    findings = PREDICATES["one_lead_per_consortium"](facts, {}).findings
    return {int(str(f.fields["count"])) for f in findings} or {1}


@pytest.mark.clause("NHC-12")
@quick
@given(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), spans), min_size=2, max_size=7))
def test_a_circle_of_trusteeship_is_refused_exactly_when_the_predicate_would_find_one(
    db: None, rows: list[tuple[int, int, Span]]
) -> None:
    with _undone():
        _hospitals(4)
        for trustee, entrusted, span in rows:
            if trustee == entrusted:
                continue
            make = _trusteeship(trustee, entrusted, span)
            refused = _refused_by(make)
            if refused == "one_trustee_at_a_time":
                continue
            assert refused in {None, "no_cycle_of_trusteeship"}
            if refused is None:
                assert _broken_on_some_day("no_cycle_of_trusteeship") == set()
            else:
                with _unfenced():
                    make()
                    assert _broken_on_some_day("no_cycle_of_trusteeship")


def _trusteeship(trustee: int, entrusted: int, span: Span) -> Callable[[], models.Model]:
    return lambda: Trusteeship.objects.create(
        trustee_id=_key("institution", trustee),
        entrusted_id=_key("institution", entrusted),
        period=span.range,
    )


@contextmanager
def _unfenced() -> Iterator[None]:
    """The row goes in all the same, for the predicate to see; the fence is deferred and never reached."""
    with transaction.atomic():
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SET CONSTRAINTS no_cycle_of_trusteeship DEFERRED")
        yield
        transaction.set_rollback(True)
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS no_cycle_of_trusteeship IMMEDIATE")
