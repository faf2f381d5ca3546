"""The drugs of a plan against the receiver's list: what is kept with the plan, and what has to be said of a gap (XH-50)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tiercare.apps.records.rules.formularies import Compared, Held, Instead
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

_WORDS = 100  # characters


def with_gap(drugs: Sequence[Mapping[str, Any]], compared: Sequence[Compared]) -> list[dict[str, str]]:
    """The drugs as they go with the plan: ``held`` and ``listed`` say how they stand to the receiver's list that day,
    ``instead`` and ``instead_words`` what is done where it has not."""
    found = []
    for each, how in zip(drugs, compared, strict=True):
        row = {key: str(each.get(key) or "") for key in ("name", "code", "dose")}
        by = how.by
        row |= {"held": how.held.value, "listed": f"{by.name} {by.strength}".strip() if by else ""}
        if how.held is not Held.HAS:
            chosen = str(each.get("instead") or "")
            row |= {
                "instead": chosen if chosen in set(Instead) else "",
                "instead_words": str(each.get("instead_words") or "").strip()[:_WORDS],
            }
        found.append(row)
    return found


def gap_refusals(drugs: Sequence[Mapping[str, str]]) -> list[Refusal]:
    """Drugs that the receiver has not, and of which nobody said what is done; and a substitute that is not named."""
    open_ = [
        each["name"] for each in drugs if each.get("held") == Held.LACKS.value and not each.get("instead", "")
    ]
    unnamed = [
        each["name"]
        for each in drugs
        if each.get("instead") == Instead.SUBSTITUTE.value and not each.get("instead_words")
    ]
    found = [replace(_GAP, fields={"drugs": "、".join(open_)})] if open_ else []
    return [*found, replace(_NO_SUBSTITUTE, fields={"drugs": "、".join(unnamed)})] if unnamed else found


_GAP = Refusal(
    code="referrals.drug_gap",
    message=Text("接手机构没有这些药：{drugs}。", "The receiver has not: {drugs}."),
    instead=Text(
        "请逐一选择：本院开足、换用对方目录里的药，或请对方采购。",
        "Say of each: prescribed here, substituted by the receiver's list, or procured by the receiver.",
    ),
    at="drugs",
    status=422,
)
_NO_SUBSTITUTE = Refusal(
    code="referrals.no_substitute",
    message=Text("没有写明换用哪种药：{drugs}。", "By what it is substituted is not said: {drugs}."),
    instead=Text("请写换用的药名和用法。", "Name the drug and its dose."),
    at="drugs",
    status=422,
)
