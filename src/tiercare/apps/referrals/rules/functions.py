"""What an institution does for patients who come down, in the words of the texts (TY-20, YN-44, NHC-39)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tiercare.apps.network.rules import PRIMARY, Category, Institution
from tiercare.apps.network.rules.services import OFFERS, Offer
from tiercare.kernel.text import Text

# Besides those that the network's rules know: what is primary care's by its nature, or shown by a registered specialty.
_MORE: Mapping[str, Offer] = {
    "common": Offer(Text("常见病诊疗", "common diseases"), PRIMARY, ("02",)),
    "continuing_care": Offer(
        Text("下转接续治疗", "continuing care"), PRIMARY | {Category.REHABILITATION, Category.NURSING}
    ),
    "emergency_rescue": Offer(Text("急危重症抢救", "rescue in emergencies"), specialties=("20",)),
}
FUNCTIONS: Mapping[str, Offer] = {**OFFERS, **_MORE}
FUNCTION_NAMES: Mapping[str, Text] = {word: offer.name for word, offer in FUNCTIONS.items()}
# What can be asked for below, besides what everybody gets there; in the order in which it is most often needed.
NEEDED_BELOW = (
    "rehabilitation",
    "nursing",
    "chronic",
    "tcm",
    "long_term_care",
    "hospice",
    "mental_health",
    "nutrition",
)
# Where patients are sent down to: village clinics and stations work under their centre and are not sent to by name.
BELOW = frozenset(
    {Category.TOWNSHIP_CENTRE, Category.COMMUNITY_CENTRE, Category.REHABILITATION, Category.NURSING}
)
# Where patients are sent up to.
ABOVE = frozenset(
    {
        Category.GENERAL,
        Category.TCM,
        Category.SPECIALTY,
        Category.PSYCHIATRIC,
        Category.MATERNAL_CHILD,
        Category.REHABILITATION,
        Category.NURSING,
        Category.TOWNSHIP_CENTRE,
        Category.COMMUNITY_CENTRE,
    }
)

# Whom referrals go to by name, either way.
RECEIVES = ABOVE | BELOW


def offered(category: Category, specialties: Iterable[str], facilities: Iterable[str]) -> frozenset[str]:
    """The functions that the registers of an institution show."""
    known = Institution(
        "", category=category, specialties=frozenset(specialties), facilities=frozenset(facilities)
    )
    return frozenset(word for word, offer in FUNCTIONS.items() if offer.by(known))
