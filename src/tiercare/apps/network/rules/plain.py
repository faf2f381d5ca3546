"""The short form of a network in which rule cards write their examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .facts import (
    Affiliation,
    Agreement,
    Area,
    AreaKind,
    Category,
    Consortium,
    Grid,
    Institution,
    Joined,
    Kind,
    Membership,
    Network,
    Owner,
    Plan,
    Role,
    Trusteeship,
)


def from_plain(plain: Mapping[str, Any]) -> Network:
    """A network from ``institutions: {H1: {level: 3}}`` and so on; a consortium may name its ``lead``,
    ``members``, ``communities`` (joined as a whole) in place.

    Raises:
        ValueError: for a key or a name that does not exist.
    """
    return _Plain(plain).network()


def _build(shape: type[Any], name: str, given: Mapping[str, Any]) -> Any:
    """One value of ``shape`` with its enums and sets made from plain text."""
    known = {f.name: f for f in fields(shape)}
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"{shape.__name__} {name} has no field {', '.join(sorted(unknown))}")
    return shape(**{key: _cast(str(known[key].type), value) for key, value in given.items()})


_CASTS: Mapping[str, Any] = {
    "Category": Category,
    "Owner": Owner,
    "Affiliation": Affiliation,
    "Kind": Kind,
    "Role": Role,
    "AreaKind": AreaKind,
    "frozenset[str]": frozenset,
    "tuple[str, ...]": tuple,
}


def _cast(kind: str, value: Any) -> Any:
    cast = _CASTS.get(kind)
    return cast(value) if cast else value


@dataclass
class _Plain:
    """Reads the short form."""

    plain: Mapping[str, Any]

    def network(self) -> Network:
        unknown = set(self.plain) - {f.name for f in fields(Network)}
        if unknown:
            raise ValueError(f"a network has no {', '.join(sorted(unknown))}")
        institutions = self._named("institutions", Institution, "id")
        memberships, joined, consortia = self._consortia()
        for membership in memberships:
            if membership.institution not in institutions:
                raise ValueError(
                    f"{membership.consortium} names the unknown institution {membership.institution}"
                )
        return Network(
            region=str(self.plain.get("region", "")),
            institutions=institutions,
            consortia=consortia,
            memberships=tuple(memberships),
            joined=tuple(joined),
            areas=self._named("areas", Area, "code"),
            grids=self._named("grids", Grid, "id"),
            agreements=tuple(self._listed("agreements", Agreement)),
            trusteeships=tuple(self._listed("trusteeships", Trusteeship)),
            plans=tuple(self._listed("plans", Plan)),
            specialty_names=dict(self.plain.get("specialty_names", {})),
            division_names=dict(self.plain.get("division_names", {})),
        )

    def _named(self, part: str, shape: type[Any], key: str) -> dict[str, Any]:
        rows = self.plain.get(part, {})
        return {
            name: _build(shape, name, {"name": name, **(row or {}), key: name}) for name, row in rows.items()
        }

    def _listed(self, part: str, shape: type[Any]) -> list[Any]:
        return [_build(shape, part, row) for row in self.plain.get(part, [])]

    def _consortia(self) -> tuple[list[Membership], list[Joined], dict[str, Consortium]]:
        memberships: list[Membership] = []
        joined: list[Joined] = []
        consortia: dict[str, Consortium] = {}
        parts = {"leads": Role.LEAD, "members": Role.MEMBER, "collaborators": Role.COLLABORATOR}
        for name, row in self.plain.get("consortia", {}).items():
            given = dict(row or {})
            lead = given.pop("lead", None)
            if lead:
                given["leads"] = [lead]
            for part, role in parts.items():
                memberships += [Membership(name, institution, role) for institution in given.pop(part, [])]
            joined += [Joined(name, child) for child in given.pop("communities", [])]
            consortia[name] = _build(Consortium, name, {"name": name, **given, "id": name})
        return memberships, joined, consortia
