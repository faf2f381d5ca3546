"""What a patient takes along to the visit that a request leads to: said from the request, in words for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tiercare.kernel.text import Text

from .vocabulary import Kind

# More titles than these are no list to pack a bag by.
_TITLES = 6


@dataclass(frozen=True, slots=True)
class Along:
    """What is known of a request: its kind, the papers that went with it (title and day; their results nowhere), how many
    medicines are taken, whether a stay in hospital is asked for. ``discreet``: titles could tell a disease that can
    brand a person, and stay out."""

    kind: str
    papers: Sequence[tuple[str, str]] = ()
    drugs: int = 0
    admission: bool = False
    discreet: bool = False


def to_bring(known: Along, *, sheet: bool = True) -> tuple[Text, ...]:
    """What to take along, the indispensable first; nothing for a question that doctors settle from afar. ``sheet``: the
    reader has, or can have, the printed sheet."""
    if known.kind == Kind.ADVICE:
        return ()
    first = Text("患者本人的身份证或健康卡", "the patient's identity card or health card")
    found = [first, Text("医保卡或医保电子凭证", "the insurance card, or its code on the telephone")]
    if sheet:
        found.append(Text("这张转诊单", "this referral sheet"))
    found.append(_papers(known))
    if known.drugs:
        found.append(
            Text(
                f"正在吃的 {known.drugs} 种药，连药盒一起带",
                f"the medicines that are taken ({known.drugs}), in their boxes",
            )
        )
    else:
        found.append(Text("正在吃的药，连药盒一起带", "medicines that are taken, in their boxes"))
    if known.kind == Kind.DOWN:
        found.append(
            Text(
                "出院小结和医院给的接续治疗方案",
                "the discharge letter and the hospital's plan for what follows",
            )
        )
    if known.admission:
        found.append(
            Text(
                "可能要住院：换洗衣物、洗漱用品，最好有家人陪同",
                "for a stay in hospital: clothes and toilet things; best with a relative",
            )
        )
    return tuple(found)


def _papers(known: Along) -> Text:
    """The originals of what travelled by name, so that nothing is examined twice."""
    if not known.papers or known.discreet:
        return Text("以前的病历、检查报告和片子", "earlier records, reports and films")
    named = known.papers[:_TITLES]
    more = len(known.papers) - len(named)
    zh = "、".join(f"{title}（{day}）" for title, day in named) + (
        f"等 {len(known.papers)} 份" if more else ""
    )
    en = ", ".join(f"{title} ({day})" for title, day in named) + (f" and {more} more" if more else "")
    return Text(f"这些报告的原件或片子：{zh}", f"the originals or films of: {en}")
