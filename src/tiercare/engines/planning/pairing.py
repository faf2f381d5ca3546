"""Who supports whom: every client gets its partners, nobody gets more clients than it has room for, and minutes are as few as they can be.

The same machinery as the grids with other constraints, for counterpart support (each county a tertiary hospital, each township one of
level 2), telemedicine pairs and specialty alliances. Who may support whom is given (``able`` writes the usual rule: tier and
specialties). A client that nobody can take goes to its fallback, where one is named, and is told; as few as possible do.

Solved by HiGHS: a flow where every client takes the same room, and then whole by itself; never called proven unless it is.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tiercare.kernel.text import Text

from .programme import Outcome, Programme, Rows, solve
from .tasks import TINY, Flags, Floats, Impossible, Ints

NODES = 20_000  # of the search tree; a flow needs none
NAMED = 5  # names in a sentence


@dataclass(frozen=True, slots=True)
class Partner:
    """Who may support others.

    Attributes:
        tier: its level, 1 to 3; skills: specialties that it can lend.
        room: how many clients it can take, in the unit of their ``size``.
    """

    key: str
    name: str
    tier: int = 0
    skills: frozenset[str] = frozenset()
    room: float = math.inf


@dataclass(frozen=True, slots=True)
class Client:
    """Who is to be supported.

    Attributes:
        tiers: levels that a partner may have, any where empty; wants: specialties that a partner must have.
        weight: how much its minutes count (its people); size: how much of a partner's room it takes.
        fallback: the key of who takes it when nobody able has room; without one it must be paired.
    """

    key: str
    name: str
    tiers: frozenset[int] = frozenset()
    wants: frozenset[str] = frozenset()
    weight: float = 1.0
    size: float = 1.0
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is asked.

    Attributes:
        minutes: partners × clients; infinite where a pair may not be at all.
        today: pairs (partner, client) that work together already; change: minutes that a new pair costs beside its travel.
        each: how many different partners every client gets.
    """

    partners: Sequence[Partner]
    clients: Sequence[Client]
    minutes: Floats
    today: Collection[tuple[str, str]] = ()
    change: float = 0.0
    each: int = 1


@dataclass(frozen=True, slots=True)
class Paired:
    """Who supports whom.

    Attributes:
        partners_of: keys of partners by client, the nearest first; of those that fell back, the fallback's key.
        fallen: clients that nobody able had room for, in the order given.
        cost: minutes times weight, of those paired; bound: what no pairing with as few fallen undercuts.
        fewest: whether it is proven that fewer cannot fall back.
    """

    partners_of: Mapping[str, tuple[str, ...]]
    fallen: tuple[str, ...] = ()
    cost: float = 0.0
    bound: float = -math.inf
    fewest: bool = True
    minutes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def proven(self) -> bool:
        """Whether nothing better exists."""
        return self.fewest and self.cost <= self.bound + TINY * max(1.0, abs(self.bound))

    @property
    def gap(self) -> float:
        """How far the cost lies above the best possible at most, as a part of the bound."""
        if self.proven:
            return 0.0
        return (
            (self.cost - self.bound) / max(abs(self.bound), TINY) if math.isfinite(self.bound) else math.inf
        )


def able(task: Pairing) -> Flags:
    """Pairs, partners × clients, that tier, specialties and minutes allow."""
    return np.array(
        [
            [
                (not client.tiers or partner.tier in client.tiers)
                and client.wants <= partner.skills
                and math.isfinite(task.minutes[i, j])
                and client.size <= partner.room + TINY
                for j, client in enumerate(task.clients)
            ]
            for i, partner in enumerate(task.partners)
        ],
        np.bool_,
    ).reshape(len(task.partners), len(task.clients))


def paired(task: Pairing) -> Paired:
    """The best pairing: first as few on their fallback as possible, then as few minutes as possible.

    Raises:
        Impossible: if a client without fallback can have no partner; ``reasons`` say who presses on whom.
    """
    if not task.clients:
        return Paired({}, bound=0.0)
    pairs = np.argwhere(able(task))
    least = solve(_programme(task, pairs, _fallen_only(task, pairs), None), nodes=NODES)
    if least.impossible:
        raise Impossible("not every client can have a partner", reasons=_why(task, pairs))
    if not least.point.shape[0]:
        raise Impossible(f"no pairing found in {NODES} nodes of the search tree")
    k = pairs.shape[0]
    count = round(float(least.point[k:].sum()))
    cost = np.concatenate([_costs(task, pairs), np.zeros(len(task.clients))])
    best = solve(_programme(task, pairs, cost, count), nodes=NODES, start=least.point)
    return _read(task, pairs, cost, best if best.point.shape[0] else least, best.bound, fewest=least.solved)


def _costs(task: Pairing, pairs: Ints) -> Floats:
    """What each pair costs, in minutes times weight."""
    known = set(task.today)
    return np.array(
        [
            task.clients[j].weight
            * (task.minutes[i, j] + task.change * ((task.partners[i].key, task.clients[j].key) not in known))
            for i, j in pairs.tolist()
        ]
    )


def _fallen_only(task: Pairing, pairs: Ints) -> Floats:
    return np.concatenate([np.zeros(pairs.shape[0]), np.ones(len(task.clients))])


def _programme(task: Pairing, pairs: Ints, cost: Floats, most: int | None) -> Programme:
    """Columns: pairs, then whether each client falls back; at most ``most`` do."""
    m, n, k = len(task.partners), len(task.clients), pairs.shape[0]
    partner, client = pairs[:, 0], pairs[:, 1]
    taken, fallen = np.arange(k), k + np.arange(n)
    each = float(task.each)
    # Who falls back has no partner of its own: the fallback stands in for all of them.
    served = Rows(
        np.concatenate([client, np.arange(n)]),
        np.concatenate([taken, fallen]),
        np.concatenate([np.ones(k), np.full(n, each)]),
        np.full(n, each),
        np.full(n, each),
    )
    size = np.array([each.size for each in task.clients])
    room = np.array([each.room for each in task.partners])
    within = Rows(partner, taken, size[client], np.full(m, -np.inf), room)
    rows = [served, within]
    if most is not None:
        rows.append(
            Rows(np.zeros(n, np.int64), fallen, np.ones(n), np.full(1, -np.inf), np.array([float(most)]))
        )
    has = np.array([float(bool(each.fallback)) for each in task.clients])
    return Programme(cost, np.concatenate([np.ones(k), has]), tuple(rows), whole=k + n)


def _read(
    task: Pairing, pairs: Ints, cost: Floats, outcome: Outcome, bound: float, *, fewest: bool
) -> Paired:
    chosen = outcome.point > 0.5
    k = pairs.shape[0]
    found: dict[str, list[tuple[float, str]]] = {client.key: [] for client in task.clients}
    for i, j in pairs[chosen[:k]].tolist():
        found[task.clients[j].key].append((float(task.minutes[i, j]), task.partners[i].key))
    fallen = [client for client, falls in zip(task.clients, chosen[k:].tolist(), strict=True) if falls]
    partners_of = {key: tuple(partner for _, partner in sorted(of)) for key, of in found.items()}
    partners_of |= {client.key: (client.fallback,) for client in fallen}
    total = float(cost[chosen].sum())
    return Paired(
        partners_of,
        tuple(client.key for client in fallen),
        total,
        min(bound, total),
        fewest,
        {key: tuple(minutes for minutes, _ in sorted(of)) for key, of in found.items()},
    )


def _why(task: Pairing, pairs: Ints) -> list[Text]:
    """Who cannot have enough partners whatever happens; else a group of clients whose partners together have too little room."""
    count = np.bincount(pairs[:, 1], minlength=len(task.clients))
    alone = [
        client.name
        for client, ways in zip(task.clients, count.tolist(), strict=True)
        if ways < task.each and not client.fallback
    ]
    if alone:
        names = _shown(alone)
        zh = f"{len(alone)} 家找不到够格的对口单位（每家要 {task.each} 个），也没有指定兜底：{names}。"
        en = f"{len(alone)} find too few able partners ({task.each} for each) and have no fallback: {names}."
        return [Text(zh, en)]
    return _pressed(task, pairs)


def _pressed(task: Pairing, pairs: Ints) -> list[Text]:
    """The room that lacks, by letting everybody fall back: who still must, whom they press on, and who shares these partners."""
    willing = Pairing(
        task.partners,
        [Client(each.key, each.name, size=each.size, fallback=each.fallback or "-") for each in task.clients],
        task.minutes,
        each=task.each,
    )
    # Those with a fallback of their own fall first.
    dear = np.array([1.0 if each.fallback else 1_000.0 for each in task.clients])
    cost = np.concatenate([np.zeros(pairs.shape[0]), dear])
    point = solve(_programme(willing, pairs, cost, None), nodes=NODES).point
    k = pairs.shape[0]
    short = {j for j in np.flatnonzero(point[k:] > 0.5).tolist() if not task.clients[j].fallback}
    clients, partners = _reached(pairs, pairs[point[:k] > 0.5], short)
    need = task.each * sum(task.clients[j].size for j in clients)
    room = sum(task.partners[i].room for i in partners)
    names = _shown([task.clients[j].name for j in sorted(clients)])
    of = _shown([task.partners[i].name for i in sorted(partners)])
    if need <= room:  # sizes that do not fit together, though there is room
        zh = f"{names}和{of}怎么配都不能人人有份：各家占用的名额大小不一。"
        en = f"However {names} and {of} are paired, not everybody fits: they take rooms of different sizes."
        return [Text(zh, en)]
    zh = f"{names}只能由{of}对口，合计需要 {need:g}，只能接 {room:g}。"
    en = f"{names} can only be supported by {of}: {need:g} are needed, there is room for {room:g}."
    return [Text(zh, en)]


def _reached(pairs: Ints, taken: Ints, short: set[int]) -> tuple[set[int], set[int]]:
    """From clients left over to the partners they could have, from these to whom they serve, and on: all who share the shortage."""
    clients, partners = set(short), set[int]()
    while True:
        more = {i for i, j in pairs.tolist() if j in clients} - partners
        if not more:
            return clients, partners
        partners |= more
        clients |= {j for i, j in taken.tolist() if i in partners}


def _shown(names: Sequence[str]) -> str:
    return "、".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
