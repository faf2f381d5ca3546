"""The lines to the insurers: one that is silent holds up no other, none is taken on trust, and none holds up a referral."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange import queries as requests
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.exchange.workflow import State as Step
from tiercare.apps.referrals import commands
from tiercare.apps.referrals.commands import filing_sent
from tiercare.apps.referrals.rules.filing import State

from ..capacity.conftest import Hospital, hospital, synthetic_clock
from ..residents.conftest import Site, given, register, site
from .insurer_site import agency_on, connect
from .test_filing import AREA, accepted, cover, filed, insured, xinhui
from .test_loop import patient

__all__ = [
    "Site",
    "accepted",
    "given",
    "hospital",
    "insured",
    "patient",
    "register",
    "site",
    "synthetic_clock",
    "xinhui",
]
pytestmark = pytest.mark.django_db


def test_one_area_that_is_silent_holds_up_no_other(
    hospital: Hospital,
    site: Site,
    register: Callable[..., UUID],
    insured: UUID,
    accepted: Callable[..., UUID],
    tmp_path: Path,
) -> None:
    with agency_on(tmp_path) as county, agency_on(tmp_path, "3402") as city:
        county.script = [500, 500]
        first = accepted(insured)
        neighbour, other = register("李小红"), register("张小军")
        cover(site, neighbour)
        cover(site, other, area="3402")
        second, third = (_plain(hospital, each) for each in (neighbour, other))
        assert commands.send_filings() == 2, "of two for the silent one only the first is tried"
        assert [filed(hospital, each).state for each in (first, second, third)] == [
            State.SENT,
            State.WAITING,
            State.ACCEPTED,
        ]
        assert (len(county.heard), len(city.heard)) == (1, 1)


def _plain(hospital: Hospital, resident: UUID) -> UUID:
    """An accepted referral of somebody of whom nothing is on record."""
    row = commands.start(hospital.family_doctor, resident_id=resident, kind="up")
    ground = {"reason": "请进一步诊治", "ground": {"severity": "ROUTINE", "criterion": "", "beyond": "role"}}
    content = exchange.Content(to_institution=hospital.id, problem="胸痛待查", payload=ground)
    commands.send(hospital.family_doctor, request_id=row.id, content=content)
    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    return row.id


def test_a_file_of_insurers_that_cannot_be_used_connects_nobody(tmp_path: Path, site: Site) -> None:
    insurers = filing_sent.insurer_of
    assert insurers(AREA) is None
    connect(tmp_path, "3402", "https://insurer.example/file")
    assert insurers(AREA) is not None and insurers("440705") is None
    for url, key in (("http://insurer.example/file", "k"), ("https://insurer.example/file", "")):
        connect(tmp_path, "3402", url, key)
        (tmp_path / "insurers.json").touch()
        with pytest.raises(ValueError, match=r"https|no key"):
            insurers(AREA)
    (tmp_path / "insurers.json").write_text("{", "utf-8")
    with pytest.raises(ValueError, match="write"):
        insurers(AREA)


def test_the_request_itself_goes_on_whatever_the_insurer_does(
    hospital: Hospital, insured: UUID, accepted: Callable[..., UUID], tmp_path: Path
) -> None:
    connect(tmp_path, AREA, "http://127.0.0.1:9/nobody")
    request = accepted(insured)
    assert commands.send_filings() == 1
    assert (filed(hospital, request).state, filed(hospital, request).words) == (State.SENT, "unreachable")
    assert requests.opened(hospital.office, request).line.state is Step.ACCEPTED
