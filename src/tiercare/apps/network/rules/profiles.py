"""Words by which the texts say which hospitals are meant, as tests of one institution.

The packs list the words (``NHC-02.lead``, ``CX-19.leads`` …); a region that changes its list changes who may
lead, without a line of code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tiercare.engines.policy.model import Value
from tiercare.kernel.text import Text

from .facts import Affiliation, Category, Institution

Profile = Callable[[Institution], bool]

_HOSPITALS = frozenset({Category.GENERAL, Category.TCM, Category.SPECIALTY, Category.MATERNAL_CHILD})
_COUNTY = frozenset({Affiliation.COUNTY})
SPECIALISED = frozenset({Category.SPECIALTY, Category.PSYCHIATRIC, Category.MATERNAL_CHILD})


def _county(*categories: Category) -> Profile:
    return lambda i: i.affiliation in _COUNTY and i.category in categories and i.level >= 2


def _county_hospital(i: Institution) -> bool:
    return i.affiliation in _COUNTY and i.category in {Category.GENERAL, Category.TCM} and i.level >= 2


def _strong(i: Institution) -> bool:
    """业务能力较强: a judgement, so it needs a recorded decision."""
    return i.category in _HOSPITALS and i.qualified


PROFILES: Mapping[str, Profile] = {
    # NHC-02
    "prefecture_city_hospital": lambda i: (
        i.public
        and i.category in _HOSPITALS
        and i.affiliation in {Affiliation.PREFECTURE, Affiliation.PROVINCE}
    ),
    "county_hospital": _county_hospital,
    "county_tcm_hospital": _county(Category.TCM),
    # CX-08
    "prefecture_tier3_public": lambda i: (
        i.public and i.level == 3 and i.affiliation is Affiliation.PREFECTURE and i.category in _HOSPITALS
    ),
    # CX-14, CX-19, YN-24
    "county_general_hospital": _county(Category.GENERAL),
    "county_tcm_yi_hospital": _county(Category.TCM),
    "county_mch": _county(Category.MATERNAL_CHILD),
    "qualified_county_mch": lambda i: _county(Category.MATERNAL_CHILD)(i) and i.qualified,
    # YN-17
    "tier3_public": lambda i: i.public and i.level == 3 and i.category in _HOSPITALS,
    "strong_hospital": _strong,
    # TY-12
    "district_general_hospital": lambda i: (
        i.public and i.category is Category.GENERAL and i.affiliation is Affiliation.COUNTY
    ),
    # XH-58; TCM hospitals count as general, since NHC-10 wants them to lead
    "general_hospital": lambda i: i.category in {Category.GENERAL, Category.TCM},
    "specialty_hospital": lambda i: i.category in {Category.SPECIALTY, Category.PSYCHIATRIC},
    # WH-42; 领先水平 is plain for a tertiary hospital, else it needs a recorded decision
    "leading_specialty_hospital": lambda i: i.category in SPECIALISED and (i.level == 3 or i.qualified),
    "tier3_general_feature_specialty": lambda i: (
        i.category in {Category.GENERAL, Category.TCM} and i.level == 3 and bool(i.key_specialties)
    ),
}

PROFILE_NAMES: Mapping[str, Text] = {
    "prefecture_city_hospital": Text(
        "市（州）级及以上公立医院", "public hospital of the prefecture or above"
    ),
    "county_hospital": Text("县级医院", "county hospital"),
    "county_tcm_hospital": Text("县中医医院", "county TCM hospital"),
    "prefecture_tier3_public": Text("州属三级公立医院", "tertiary public hospital of the prefecture"),
    "county_general_hospital": Text("县级综合医院", "county general hospital"),
    "county_tcm_yi_hospital": Text("县中（彝）医医院", "county TCM (Yi) hospital"),
    "county_mch": Text("县妇幼保健院", "county maternal-child hospital"),
    "qualified_county_mch": Text("有条件的县妇幼保健院", "qualified county maternal-child hospital"),
    "tier3_public": Text("三级公立医院", "tertiary public hospital"),
    "strong_hospital": Text("业务能力较强的医院", "hospital recorded as strong"),
    "district_general_hospital": Text("区级综合性医院", "district general hospital"),
    "general_hospital": Text("综合医院", "general hospital"),
    "specialty_hospital": Text("专科医院", "specialty hospital"),
    "leading_specialty_hospital": Text("领先水平的专科医院", "leading specialty hospital"),
    "tier3_general_feature_specialty": Text(
        "三级综合医院的特色专科", "tertiary hospital with a key specialty"
    ),
}


def same_specialty(one: str, other: str) -> bool:
    """True if two specialty codes name the same second-level specialty (or the same first-level one)."""
    return one.split(".")[:2] == other.split(".")[:2]


def words(value: Value) -> tuple[str, ...]:
    """A list parameter as words; a single text counts as a list of one."""
    if isinstance(value, tuple):
        return tuple(str(item) for item in value)
    return () if value is None else (str(value),)


def fits(institution: Institution, value: Value) -> bool:
    """True if the institution is one of those the parameter names.

    Raises:
        KeyError: for a word that no profile explains.
    """
    return any(PROFILES[word](institution) for word in words(value))


def named(value: Value) -> Text:
    """The words as a reader knows them."""
    names = [PROFILE_NAMES[word] for word in words(value)]
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
