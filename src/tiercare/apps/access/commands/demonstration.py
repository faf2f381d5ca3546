"""Accounts of a demonstration: one per role, with generated passwords that stand in a file and nowhere else."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused, refuse

from .. import queries, rules
from ..models import Account
from ..rights import GRANTABLE, ROLE_NAMES, SCOPE_OF, Right, Role, Scope
from .accounts import create_account
from .grants import grant

FILE_NAME = "demo_accounts.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a demonstration account holds its role: an area, an institution, or a consortium and its lead."""

    name: str
    division_code: str
    institution_id: UUID | None = None
    consortium_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """A further account of a role: where it holds it, and what it is called."""

    role: Role
    place: Place
    called: str


def lay_down_demo_accounts(
    actor: Actor,
    *,
    region: str,
    area: Place,
    places: Mapping[Role, Place],
    since: date,
    folder: Path,
    extras: Mapping[str, Extra] = MappingProxyType({}),
) -> dict[str, str]:
    """One account per role for ``region``, each with its one grant from ``since`` on; login name → password.

    Roles for an area get ``area``; the others get their place of ``places``, and none if it names none.
    ``extras`` are further accounts by the second half of their login name. Residents sign in with their card and
    get none. Laid down twice, nothing changes: passwords live in ``folder/demo_accounts.json`` (readable by its
    owner only), and an account whose password differs from the file is given the file's.

    Raises:
        Refused: if the actor may not manage access, this database is not marked synthetic, or a real person
            has one of the login names.
        OSError: if the file cannot be written; no account is made then.
    """
    refuse(rules.may(actor, Right.ACCESS_MANAGE, division=area.division_code))
    if not ledger.installation().synthetic:
        raise Refused(rules.NOT_SYNTHETIC)
    wanted = {
        rules.fold(f"{region}.{role}"): Extra(role, place, ROLE_NAMES[role].zh)
        for role in GRANTABLE
        if (place := area if SCOPE_OF[role] is Scope.REGION else places.get(role)) is not None
    }
    wanted |= {rules.fold(f"{region}.{name}"): extra for name, extra in extras.items()}
    passwords = _passwords(folder / FILE_NAME, list(wanted))
    with transaction.atomic():
        for name, extra in wanted.items():
            account = _account(actor, name, extra.called, passwords[name])
            _hold(actor, account, extra.role, extra.place, since)
    return {name: passwords[name] for name in wanted}


def _passwords(file: Path, names: list[str]) -> dict[str, str]:
    """The file's passwords, with a new one for every name that has none; written before any account is."""
    known: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(12) for name in missing}
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(known, out, indent=1, sort_keys=True)
        draft.replace(file)
    return known


def _account(actor: Actor, name: str, called: str, password: str) -> Account:
    account = queries.account_by_username(name)
    if account is None:
        return create_account(
            actor,
            username=name,
            display_name=f"演示·{called}",
            password=password,
            synthetic=True,
        )
    if not account.synthetic:
        raise Refused(replace(rules.USERNAME_TAKEN, fields={"username": name}))
    if not account.check_password(password):
        account.set_password(password)
        account.save(update_fields=["password"])
    return account


def _hold(actor: Actor, account: Account, role: Role, place: Place, since: date) -> None:
    """Grant the role unless the account holds one already on its first day."""
    if not queries.grants_in_force(account.id, on=since):
        grant(
            actor,
            account_id=account.id,
            role=role,
            place_name=place.name,
            division_code=place.division_code,
            period=Period(since),
            institution_id=place.institution_id,
            consortium_id=place.consortium_id,
        )
