"""An event as the audit page shows it: in words, and without any number of a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.access import rules as access
from tiercare.apps.ledger.events import READ
from tiercare.apps.ledger.rules import concealed
from tiercare.web import labels
from tiercare.web.pages import said

_ = gettext_noop

# What came of a reading, with icon and colour of its tag.
RESULTS: Mapping[str, tuple[str, str, str]] = {
    "shown": (_("已调阅"), "check", "met"),
    "refused": (_("被拒绝"), "ban", "violated"),
}
_KEYS: Mapping[str, str] = {"what": _("内容"), "basis": _("依据"), "purpose": _("目的")}
_ROLES, _BASES, _PURPOSES = frozenset(access.Role), frozenset(access.Basis), frozenset(access.Purpose)


def results() -> list[tuple[str, str]]:
    """The results to choose from, with their names."""
    return [(code, gettext(name)) for code, (name, _icon, _tag) in RESULTS.items()]


def row(event: Any, institutions: Mapping[UUID, str]) -> dict[str, Any]:
    """One line of the list. ``institutions`` are names by id."""
    role, told = event.actor_role, event.payload
    residents = told.get(READ) if isinstance(told.get(READ), list) else []
    return {
        "at": event.at,
        "kind": labels.name("event", event.kind),
        "code": event.kind,
        "actor": concealed(event.actor_name),
        "actor_id": event.actor_id,
        "role": said(access.ROLE_NAMES[access.Role(role)])
        if role in _ROLES
        else labels.name("outside_role", role),
        "institution_id": event.institution_id if event.institution_id in institutions else None,
        "institution": institutions.get(event.institution_id, ""),
        "result": _result(told.get("result")),
        "clauses": event.clauses,
        "payload": [
            (gettext(_KEYS.get(key, key)), _shown(key, value))
            for key, value in told.items()
            if value not in (None, "", []) and key != "result" and not (key == READ and residents)
        ],
        "residents": residents,
        "sequence": event.sequence,
    }


def _result(code: object) -> dict[str, str] | None:
    if not isinstance(code, str) or code not in RESULTS:
        return None
    name, icon, tag = RESULTS[code]
    return {"name": gettext(name), "icon": icon, "tag": tag}


def _shown(key: str, value: object) -> str:
    """A value of a payload as text."""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if not isinstance(value, str):
        return concealed(json.dumps(value, ensure_ascii=False))
    if key == "basis" and value in _BASES:
        return said(access.BASIS_NAMES[access.Basis(value)])
    if key == "purpose" and value in _PURPOSES:
        return said(access.PURPOSE_NAMES[access.Purpose(value)])
    return concealed(value)
