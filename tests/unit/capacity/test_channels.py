"""The channel follows from the evidence, row by row, and nobody gets a narrower one than it carries."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from uuid import UUID

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.rules.channels import Evidence, channel_of, draws, may_book_for
from tiercare.apps.capacity.rules.vocabulary import CHANNEL_NAMES, EXTRA, OFFERED, RESERVED, Channel

HOST, BOOKER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
YES_OR_NO = (False, True)

Case = tuple[Evidence, Role, UUID | None]


def cases() -> Iterator[Case]:
    """Every row of evidence, with every role, at home, at another institution and at the host's own desk."""
    for own, known, signed_at, requested, fellows in product(
        YES_OR_NO, YES_OR_NO, (None, HOST, BOOKER, THIRD), YES_OR_NO, YES_OR_NO
    ):
        evidence = Evidence(own=own, known=known, signed_at=signed_at, requested=requested, fellows=fellows)
        for role, booker in product(Role, (None, HOST, BOOKER)):
            yield evidence, role, booker


def carried(evidence: Evidence, role: Role, booker: UUID | None) -> set[Channel]:
    """Every channel for which the evidence is enough, each by its own sentence."""
    for_another = booker is not None and not evidence.own
    elsewhere = for_another and booker != HOST
    answers = evidence.signed_at is not None and evidence.signed_at == booker
    enough = {
        Channel.FAMILY_DOCTOR: elsewhere and answers and role is Role.PRIMARY_DOCTOR,
        Channel.REFERRAL: evidence.requested,
        Channel.MEMBER: elsewhere and evidence.fellows,
        Channel.OPEN: True,
    }
    return {channel for channel, holds in enough.items() if holds}


def test_the_channel_is_the_narrowest_that_the_evidence_carries() -> None:
    seen = set()
    for evidence, role, booker in cases():
        found = channel_of(evidence, role=role.value, institution_id=booker, host_id=HOST)
        assert found is min(carried(evidence, role, booker), key=OFFERED.index), (evidence, role, booker)
        seen.add(found)
    assert seen == set(OFFERED)


@pytest.mark.parametrize(
    ("evidence", "role", "booker", "expected"),
    [
        (Evidence(known=True, signed_at=BOOKER), Role.PRIMARY_DOCTOR, BOOKER, Channel.FAMILY_DOCTOR),
        (Evidence(known=True, signed_at=BOOKER), Role.REGISTRAR, BOOKER, Channel.OPEN),
        (Evidence(known=True, signed_at=THIRD), Role.PRIMARY_DOCTOR, BOOKER, Channel.OPEN),
        (Evidence(known=True, signed_at=HOST), Role.PRIMARY_DOCTOR, HOST, Channel.OPEN),
        (Evidence(own=True, signed_at=BOOKER), Role.RESIDENT, None, Channel.OPEN),
        (Evidence(own=True, requested=True), Role.RESIDENT, None, Channel.REFERRAL),
        (Evidence(known=True, requested=True), Role.REGISTRAR, HOST, Channel.REFERRAL),
        (Evidence(known=True, fellows=True), Role.CLINICIAN, BOOKER, Channel.MEMBER),
        (Evidence(known=True, fellows=True), Role.CLINICIAN, HOST, Channel.OPEN),
    ],
)
def test_in_words(evidence: Evidence, role: Role, booker: UUID | None, expected: Channel) -> None:
    assert channel_of(evidence, role=role.value, institution_id=booker, host_id=HOST) is expected


def test_nobody_reaches_a_reserve_without_its_evidence() -> None:
    """By all that a booking may draw on before anything is released, not only by the channel's name."""
    for evidence, role, booker in cases():
        may_use = set(draws(channel_of(evidence, role=role.value, institution_id=booker, host_id=HOST)))
        if not evidence.requested and not (evidence.signed_at == booker and role is Role.PRIMARY_DOCTOR):
            assert Channel.REFERRAL not in may_use, (evidence, role, booker)
        if role is not Role.PRIMARY_DOCTOR or evidence.signed_at is None or evidence.own:
            assert Channel.FAMILY_DOCTOR not in may_use, (evidence, role, booker)
        assert not may_use & set(EXTRA)


def test_what_a_channel_draws_on_is_nested_from_narrow_to_wide() -> None:
    assert {*OFFERED, *EXTRA} == set(Channel) and set(RESERVED) == set(OFFERED) - {Channel.OPEN}
    for channel in Channel:
        assert draws(channel)[0] is channel
        assert len(set(draws(channel))) == len(draws(channel))
    for narrow, wide in pairwise(OFFERED):
        assert draws(narrow) == (narrow, *draws(wide))
    assert draws(OFFERED[-1]) == (Channel.OPEN,)
    for channel in EXTRA:
        assert draws(channel) == (channel,)


def test_there_is_a_ground_to_book_for_oneself_for_whom_one_looks_after_or_by_a_request() -> None:
    for evidence, _, _ in cases():
        refusal = may_book_for(evidence)
        ground = evidence.own or evidence.known or evidence.requested
        assert (refusal is None) is ground
        assert refusal is None or (refusal.status == 403 and refusal.way_on() and refusal.way_on("en"))


def test_every_channel_has_a_name_in_both_languages() -> None:
    assert set(CHANNEL_NAMES) == set(Channel)
    assert all(name.zh and name.en for name in CHANNEL_NAMES.values())
