"""To which pools a day's shortfall goes back."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.capacity.rules.proof import PoolDay, Use, offer_of, short_pools, total
from tiercare.apps.capacity.rules.shares import EXPERT_SLOT, keeps, promised, spread
from tiercare.apps.capacity.rules.vocabulary import Channel

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
HOSPITAL = uuid4()
shares = st.sampled_from([0.1, 0.2, 0.25, 0.3])


def pool(kept: int, offered: int) -> PoolDay:
    places = {FAMILY: kept, OPEN: offered - kept}
    return PoolDay(date(2024, 12, 2), HOSPITAL, uuid4(), "示例池", frozenset({EXPERT_SLOT}), places)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), shares, st.integers(5, 40))
def test_only_the_planted_pool_is_named_beside_those_that_were_shared_out(capacities, share, planted) -> None:
    kept = spread(promised(sum(capacities), share), capacities)
    sound = [pool(*each) for each in zip(kept, capacities, strict=True)]
    offer = offer_of(sound, HOSPITAL, EXPERT_SLOT)
    assert keeps(offer.offered, offer.kept_for([FAMILY]), share)
    bad = pool(0, 10 * planted)
    assert short_pools([*sound, bad], share, [FAMILY]) == [bad]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(5, 60)), min_size=1, max_size=6), shares)
def test_a_broken_promise_always_names_a_pool_and_never_one_that_keeps_its_share(given_pools, share) -> None:
    pools = [pool(*each) for each in given_pools]
    offer = offer_of(pools, HOSPITAL, EXPERT_SLOT)
    named = short_pools(pools, share, [FAMILY])
    if not keeps(offer.offered, offer.kept_for([FAMILY]), share):
        assert named
    assert all(each.places[FAMILY] < promised(each.offered, share) for each in named)


def test_without_a_share_those_that_keep_nothing_are_named() -> None:
    none, some = pool(0, 10), pool(1, 10)
    assert short_pools([none, some], None, [FAMILY, Channel.REFERRAL]) == [none]


def test_uses_add_up() -> None:
    assert total([Use(1, 2, 3, 4, 5, 6, 7), Use(10, 20, 30, 40, 50, 60, 70), Use()]) == Use(
        11, 22, 33, 44, 55, 66, 77
    )
