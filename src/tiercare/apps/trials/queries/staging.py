"""A trial made ready: both policies as the pack sets them on a day, the invented region, and the digest of all that a result follows from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from tiercare import __version__
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.policy import PackErrors, PackSet
from tiercare.engines.twin.from_packs import Origin, Resolved, levers_of
from tiercare.engines.twin.levers import LEVERS
from tiercare.engines.twin.readiness import Staged, staged
from tiercare.engines.twin.scenarios import scenario_from
from tiercare.engines.twin.values import plain
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..rules.asked import SIDES, Value, at_field, digest
from ..rules.trials import SAME
from .profiles import profile_of, region_digest

# What a run is computed by; a change of any of these may change the result.
_ENGINES = (
    "tiercare.engines.twin",
    "tiercare.engines.measures.synth",
    "tiercare.engines.payment",
    "tiercare.engines.population",
)
_MOST_WRONG = 5


@dataclass(frozen=True, slots=True)
class Played:
    """A trial ready to be run: both sides on the same ground.

    Attributes:
        policy: for every lever what the pack sets, by which clause, and what each side plays; plain values.
        pack_digest, engine, inputs: on what it runs; the same ``inputs`` give the same result.
    """

    pack: str
    on: date
    a: Staged
    b: Staged
    policy: list[dict[str, Any]]
    pack_digest: str
    engine: str
    inputs: str

    @property
    def notices(self) -> list[tuple[str, str]]:
        """What should be known beside the result."""
        told = dict.fromkeys((each.zh, each.en) for side in (self.a, self.b) for each in side.notices)
        return list(told)


def resolved_of(region: str, *, on: date) -> Resolved:
    """The levers as the region's pack sets them on a day, each with where it comes from.

    Raises:
        Refused: there is no such region, or its ``twin.yaml`` is wrong (the first faults with file and line).
    """
    try:
        return levers_of(mandates.packs(), _known(region), on=on)
    except PackErrors as errors:
        raise _wrong(errors) from errors


def playable(region: str) -> None:
    """Nothing, where the region's pack lays institutions and divisions down that can be filled with people.

    Raises:
        Refused: where it does not.
    """
    profile_of(mandates.packs().packs[_known(region)])


def ready(
    region: str, *, on: date, sides: Mapping[str, Mapping[str, Value]], residents: int, seeds: Sequence[int]
) -> Played:
    """Both sides ready to be played in the region.

    Args:
        sides: ``a`` and ``b``: levers set otherwise than the pack does.

    Raises:
        Refused: with every fault of both sides, each at its field (``b.reserve_share``).
    """
    packs, pack = mandates.packs(), _known(region)
    found: list[Refusal] = []
    made: dict[str, Staged] = {}
    for side in SIDES:
        try:
            made[side] = _side(packs, pack, on, sides[side], residents)
        except Refused as refused:
            found += [at_field(each, side) for each in refused.refusals]
    if found:
        raise Refused(*{(each.code, each.at): each for each in found}.values())
    policy = _policy(made["a"].scenario.resolved, made)
    if all(row["a"] == row["b"] for row in policy):
        raise Refused(SAME)
    pack_digest, engine = packs.digest(pack), engine_digest()
    inputs = digest(
        {
            "pack": [pack, *(each.digest for each in packs.chain(pack))],
            "ground": region_digest(packs.packs[pack]),
            "on": on.isoformat(),
            "engine": engine,
            "levers": {row["name"]: [row["a"], row["b"]] for row in policy},
            "residents": residents,
            "seeds": list(seeds),
        }
    )
    return Played(pack, on, made["a"], made["b"], policy, pack_digest, engine, inputs)


def resolved_digest(region: str) -> str:
    """The fingerprint of the packs that hold in a region now."""
    return mandates.packs().digest(_known(region))


@cache
def engine_digest() -> str:
    """The version of the program and a fingerprint of the files that a run is computed by."""
    sha = hashlib.sha256()
    for package in _ENGINES:
        for name, file in sorted(_files(files(package)), key=lambda each: each[0]):
            sha.update(name.encode() + b"\0" + file.read_bytes())
    return f"{__version__}+{sha.hexdigest()[:12]}"


def _files(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    """Code, numbers and tables (which diseases there are, how old people are), in folders below too."""
    for each in folder.iterdir():
        name = f"{above}/{each.name}"
        if each.is_dir():
            yield from _files(each, name)
        elif name.endswith((".py", ".yaml", ".csv")):
            yield name, each


def _known(region: str) -> str:
    """The id of the pack; a region is a pack's id or a division code."""
    found = mandates.packs().find(network.region_of(region))
    if found is None:
        raise Refused(mandates.region_without_pack(region))
    return found.id


def _side(packs: PackSet, pack: str, on: date, changes: Mapping[str, Value], residents: int) -> Staged:
    content = {"pack": pack, "on": on, "year": on.year, "residents": residents, "changes": dict(changes)}
    try:
        return staged(scenario_from(content, packs), profile_of(packs.packs[pack]), packs)
    except PackErrors as errors:
        raise _wrong(errors) from errors


def _policy(resolved: Resolved, made: Mapping[str, Staged]) -> list[dict[str, Any]]:
    rows = []
    for name in LEVERS:
        row = {"name": name, "pack": plain(getattr(resolved.levers, name)), **_from(resolved.origins[name])}
        rows.append(row | {side: plain(getattr(made[side].scenario.levers, name)) for side in SIDES})
    return rows


def _from(origin: Origin) -> dict[str, Any]:
    why = origin.why or origin.source
    return {
        "clause": origin.clause.id if origin.clause else "",
        "ours": origin.ours,
        "why": [why.zh, why.en] if why else [],
    }


def _wrong(errors: PackErrors) -> Refused:
    """A pack's file that cannot be used, as everybody is told it: file, line, and how to mend it."""
    return Refused(
        *(
            Refusal(
                "trials.pack_wrong",
                Text("政策包有问题：{problem}", "The pack cannot be used: {problem}"),
                Text("请告诉平台管理员更正政策包。", "Have the platform's operator mend the pack."),
                {"problem": f"{each.sentence('zh')} {each.sentence('en')}"},
                at="region",
                status=422,
            )
            for each in errors.problems[:_MOST_WRONG]
        )
    )
