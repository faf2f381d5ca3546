"""Where a request comes from, how long it counts, and how often one may ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.access.rules import rates, sessions
from tiercare.kernel.ids import uuid7

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
PROXIES = [ip_network("10.9.0.0/24"), ip_network("192.0.2.7")]
addresses = st.ip_addresses(v=4).map(str)
moments = st.integers(1_500_000_000, 2_200_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(addresses, st.text(max_size=60))
def test_without_a_trusted_proxy_no_header_is_believed(peer: str, header: str) -> None:
    assert sessions.source_of(peer, header, []) == peer


@given(st.lists(addresses, max_size=4), st.ip_addresses(v=4, network="203.0.113.0/24").map(str))
def test_what_a_visitor_writes_before_never_counts(forged: list[str], visitor: str) -> None:
    header = ", ".join([*forged, visitor, "192.0.2.7"])
    assert sessions.source_of("10.9.0.3", header, PROXIES) == visitor


@pytest.mark.parametrize(
    ("peer", "header", "source"),
    [
        ("10.9.0.3", "", "10.9.0.3"),
        ("10.9.0.3", "203.0.113.5", "203.0.113.5"),
        ("10.9.0.3", "203.0.113.5, nonsense", "10.9.0.3"),
        ("10.9.0.3", "203.0.113.5, 192.0.2.7", "203.0.113.5"),
        ("10.9.0.3", "10.9.0.8, 10.9.0.9", "10.9.0.8"),
        ("203.0.113.9", "127.0.0.1", "203.0.113.9"),
        ("::ffff:10.9.0.3", "203.0.113.5", "203.0.113.5"),
        ("10.9.0.3", "2001:db8::1", "2001:db8::1"),
        ("local", "203.0.113.5", "local"),
    ],
)
def test_the_last_address_that_no_proxy_of_ours_has_is_the_source(
    peer: str, header: str, source: str
) -> None:
    assert sessions.source_of(peer, header, PROXIES) == source


@given(st.integers(0, 2**64 - 1))
def test_a_whole_ipv6_network_counts_as_one(host: int) -> None:
    address = ip_address((0x20010DB8_0001_0002 << 64) | host)
    assert sessions.counted_source(str(address)) == "2001:db8:1:2::/64"


@given(addresses)
def test_ipv4_addresses_count_apart(address: str) -> None:
    assert sessions.counted_source(address) == address


def test_failures_count_at_the_device_only_for_whom_it_knows() -> None:
    mine, other = uuid7(), uuid7()
    device = sessions.Device("d" * 32, (mine,))
    assert sessions.counted_place("10.0.0.1", device, mine) == f"device:{'d' * 32}"
    for place in (
        sessions.counted_place("10.0.0.1", device, other),
        sessions.counted_place("10.0.0.1", device, None),
        sessions.counted_place("10.0.0.1", None, mine),
    ):
        assert place == "10.0.0.1"


@given(st.lists(st.uuids(), max_size=30))
def test_a_device_knows_the_latest_first_each_once_and_not_too_many(people: list) -> None:
    device = sessions.Device("x")
    for person in people:
        device = device.with_account(person)
    latest = list(dict.fromkeys(reversed(people)))
    assert list(device.accounts) == latest[: sessions.KNOWN_PEOPLE]


@given(moments, st.timedeltas(timedelta(0), timedelta(hours=9)))
def test_freshness_and_a_half_sign_in_end_and_come_from_no_future(now: datetime, ago: timedelta) -> None:
    assert sessions.is_fresh(now - ago, now=now) == (ago < timedelta(minutes=sessions.FRESH_MINUTES))
    assert sessions.half_is_over(now - ago, now=now) == (ago >= sessions.HALF_OPEN_LIMIT)
    later = now + ago + timedelta(seconds=1)
    assert not sessions.is_fresh(later, now=now)
    assert sessions.half_is_over(later, now=now)


@pytest.mark.parametrize(
    ("source", "shown"),
    [("203.0.113.5", "203.0.*.*"), ("2001:db8:1:2::9", "2001:0db8:*"), ("local", "*"), ("", "*")],
)
def test_an_address_is_shown_masked(source: str, shown: str) -> None:
    assert sessions.masked_source(source) == shown


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
            "Windows · Chrome",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Windows · Edge"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Linux · Firefox"),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/140 MicroMessenger/8.0.55",
            "Android · WeChat",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit Version/19.0 Safari/605.1",
            "macOS · Safari",
        ),
        ("curl/8.14", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_as_its_owner_would(agent: str, words: str) -> None:
    assert sessions.device_words(agent) == words


@given(st.text(max_size=300))
def test_any_user_agent_fits_its_column(agent: str) -> None:
    assert len(sessions.device_words(agent)) <= 80


@given(st.sampled_from([60, 3600]), moments)
def test_a_window_holds_its_moment_and_ends_after_it(seconds: int, now: datetime) -> None:
    limit = rates.Limit(rates.Per.ACCOUNT, seconds, 1)
    assert limit.window(now) <= now < limit.window(now) + timedelta(seconds=seconds)
    assert timedelta(0) < limit.remaining(now) <= timedelta(seconds=seconds)
    assert limit.window(now) == limit.window(limit.window(now))


def test_everything_counted_has_limits_that_grow_with_their_window_and_words_in_both_languages() -> None:
    assert set(rates.LIMITS) == set(rates.Rated)
    for what, limits in rates.LIMITS.items():
        for limit in limits:
            assert limit.most > 0
            longer = [each for each in limits if each.per == limit.per and each.seconds > limit.seconds]
            assert all(each.most > limit.most for each in longer)
        refusal = rates.too_often(what, timedelta(seconds=12.2))
        assert refusal.fields["seconds"] == 13
        assert "{" not in refusal.sentence("zh") + refusal.sentence("en")
