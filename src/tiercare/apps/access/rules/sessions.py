"""Pure predicates of sessions: how fresh, from which address, on which device; and their refusals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from uuid import UUID

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# Names in the session. It holds when, from where, and which grant was picked; who and what is read afresh.
SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
FRESH_AT = "fresh_at"
GRANT = "grant"
SOURCE = "source"
DEVICE = "device"
HALF = "half"

# All numbers here are our own, not policy: no document of a region sets them.
# A code from a telephone is typed within a minute; five leave time to find the telephone.
HALF_OPEN_LIMIT = timedelta(minutes=5)
# Whoever signs must have shown who they are within this time. Ten minutes cover reading a paper and signing
# it, and are less than a person is away from a shared machine for the next patient (ASVS 5.0 V7.5).
FRESH_MINUTES = 10
# A device is known for a month after its last sign-in. Ten people share a desk at most; five names fit a
# screen above the form.
DEVICE_DAYS = 30
KNOWN_PEOPLE = 10
OFFERED_PEOPLE = 5

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that somebody has signed in with: its random id, and who has, the latest first."""

    id: str
    accounts: tuple[UUID, ...] = ()

    def with_account(self, account_id: UUID) -> Device:
        """The device after this account has signed in on it."""
        others = [known for known in self.accounts if known != account_id]
        return Device(self.id, (account_id, *others)[:KNOWN_PEOPLE])


def is_fresh(confirmed: datetime, *, now: datetime, minutes: int = FRESH_MINUTES) -> bool:
    """True if the person showed who they are at most so many minutes ago (and not in the future)."""
    return timedelta(0) <= now - confirmed < timedelta(minutes=minutes)


def half_is_over(began: datetime, *, now: datetime) -> bool:
    """True if the second step of a sign-in comes too late."""
    return not timedelta(0) <= now - began < HALF_OPEN_LIMIT


def source_of(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The address a request comes from: ``peer``, or what trusted proxies say about it.

    ``forwarded`` is ``X-Forwarded-For``. It counts only where the peer is trusted, and then from the right: each
    proxy appends whom it talked to, so the first entry that is no proxy of ours is the last one that we can
    believe. An entry that is no address ends the walk at the proxy that sent it.
    """
    source = _address(peer)
    if source is None:
        return peer[:45]
    for entry in reversed(forwarded.split(",")):
        if not any(source in network for network in trusted):
            break
        before = _address(entry)
        if before is None:
            break
        source = before
    return str(source)


def counted_source(source: str) -> str:
    """The address under which attempts are counted: of IPv6 the /64, which one household has for itself."""
    address = _address(source)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return source


def counted_place(source: str, device: Device | None, account_id: UUID | None) -> str:
    """Where failures are counted: on the device if this account is known there, otherwise at the address.

    So nobody keeps an owner out of a machine they use: strangers behind the same address count apart.
    """
    if device is not None and account_id is not None and account_id in device.accounts:
        return f"device:{device.id}"
    return counted_source(source)


def masked_source(source: str) -> str:
    """An address as a list shows it: enough to tell the clinic from elsewhere."""
    address = _address(source)
    if isinstance(address, IPv4Address):
        return ".".join((*str(address).split(".")[:2], "*", "*"))
    if isinstance(address, IPv6Address):
        return ":".join((*address.exploded.split(":")[:2], "*"))
    return "*"


_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
# The order counts: Edge calls itself Chrome too, and Chrome Safari.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_words(user_agent: str) -> str:
    """A device as its owner knows it ("Windows · Edge"); empty where the browser does not say."""
    found = [
        next((name for mark, name in table if re.search(rf"\b{mark}", user_agent)), "")
        for table in (_SYSTEMS, _BROWSERS)
    ]
    return " · ".join(filter(None, found))


def _address(text: str) -> Address | None:
    """The address, an IPv4 one in IPv6 clothes as itself; ``None`` if it is none."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


SIGN_IN_ANEW = Refusal(
    code="access.sign_in_anew",
    message=Text("这次登录等得太久，已作废。", "This sign-in has waited too long and no longer counts."),
    instead=Text("请从登录名和口令重新开始。", "Start again with name and password."),
    status=401,
)
NO_SUCH_SESSION = Refusal(
    code="access.no_such_session",
    message=Text("这处登录已经结束了。", "That session has already ended."),
    instead=Text("列表已刷新，不用再做什么。", "The list is up to date; there is nothing left to do."),
    status=404,
)
