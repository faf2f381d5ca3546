"""Primary care beside a hospital, as residents and whoever books for them see it before they choose (XH-23)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tiercare.apps.capacity.queries.comparison import Comparison, Lever, Option
from tiercare.kernel.clock import day_of
from tiercare.kernel.money import Money
from tiercare.web import labels
from tiercare.web.pages import said

from . import words


def compared(found: Comparison, names: Mapping[str, str], *, today: date) -> dict[str, Any]:
    """A head of two columns and a line for each lever that the pack names; ``names`` are of specialties."""
    return {
        "clause": found.clause,
        "sides": [_head(each, names, today) for each in (found.primary, found.hospital)],
        "rows": [
            {"name": name, "estimate": guess, "cells": cells} for name, guess, *cells in _rows(found, names)
        ],
        "general": "" if found.specialty_kept else names.get(found.primary.specialty, ""),
        "less": _less(found),
        "why": _why(found),
        "caveat": _caveat(found),
    }


def _head(option: Option, names: Mapping[str, str], today: date) -> dict[str, Any]:
    return {
        "institution": option.name,
        "session_id": option.session_id,
        "level": labels.name("level", str(option.level)),
        "km": f"{option.km:.1f}" if option.km else "",
        "specialty": names.get(option.specialty, ""),
        "day": words.day(day_of(option.starts_at), today),
        "time": words.clock(option.starts_at),
    }


def _rows(found: Comparison, names: Mapping[str, str]) -> Iterator[tuple[str, bool, str, str]]:
    """Name of the line, whether it is an estimate, and what stands in both columns."""
    near, far = found.primary, found.hospital
    if Lever.PRICE in found.levers and (near.price or far.price):
        yield _("看一次大约"), True, yuan(near.price), yuan(far.price)
    if Lever.INSURANCE in found.levers and near.estimate.known and far.estimate.known:
        yield _("医保支付"), True, yuan(near.estimate.fund_pays), yuan(far.estimate.fund_pays)
        yield _("自己付"), True, yuan(near.estimate.out_of_pocket), yuan(far.estimate.out_of_pocket)
    if Lever.CAPACITY in found.levers:
        yield _("能约的科"), False, _clinics(near, names), _clinics(far, names)


def yuan(amount: Money | None) -> str:
    """40 元, or a dash where nobody says."""
    return "—" if amount is None else _("%(amount)s 元") % {"amount": str(amount).removesuffix(".00")}


def _clinics(option: Option, names: Mapping[str, str]) -> str:
    listed = "、".join(names[code] for code in option.clinics if code in names)
    if option.clinics_in_all <= len(option.clinics):
        return listed or "—"
    return _("%(listed)s等 %(count)s 科") % {"listed": listed, "count": option.clinics_in_all}


def _less(found: Comparison) -> str:
    """By how much less one pays oneself in primary care, where that is so."""
    near, far = found.primary.estimate.out_of_pocket, found.hospital.estimate.out_of_pocket
    if Lever.INSURANCE not in found.levers or near is None or far is None or near >= far:
        return ""
    return yuan(far - near)


def _why(found: Comparison) -> str:
    """That primary care is reimbursed higher, where the packs' shares say so."""
    near, far = found.primary.estimate.ratio, found.hospital.estimate.ratio
    if Lever.INSURANCE not in found.levers or near is None or far is None or near <= far:
        return ""
    return _("基层门诊起付线以上医保付 %(near)s%%，%(level)s医院未经转诊付 %(far)s%%。") % {
        "near": f"{(near * 100).normalize():f}",
        "far": f"{(far * 100).normalize():f}",
        "level": labels.name("level", str(found.hospital.level)),
    }


def _caveat(found: Comparison) -> str:
    """What the amounts rest on, where any are shown or would be."""
    return said(found.primary.estimate.caveat) if found.levers & {Lever.INSURANCE, Lever.PRICE} else ""
