"""The forms that hold where an institution is, by the packs in force; read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.forms import Form, load_forms

from .ours import pack_at


def forms_at(institution_id: UUID, *, on: date) -> Mapping[str, Form]:
    """By id: those of the pack in force where the institution is and of the packs it extends; none where none is."""
    pack = pack_at(institution_id, on)
    if pack is None:
        return {}
    return _forms(tuple(Path(each.folder) for each in mandates.packs().chain(pack)))


@lru_cache(maxsize=16)
def _forms(folders: Sequence[Path]) -> Mapping[str, Form]:
    return load_forms(folders)
