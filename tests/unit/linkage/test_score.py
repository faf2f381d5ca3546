"""The live score: what speaks for one person, what against, and what a clerk is told."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.engines.linkage import Person, score
from tiercare.engines.linkage.levels import COMPARISONS

KNOWN = Person(
    id="a",
    name="欧阳娜娜",
    sex="2",
    birth_date=date(1991, 3, 12),
    phone_hash="9f",
    address_code="340207101203",
    address_text="示例一路12号3栋501室",
)
RANK = {"different": 0, "perhaps": 1, "same": 2}

names = st.one_of(
    st.sampled_from(
        [
            "王伟",
            "王小明",
            "小明王",
            "李秀英",
            "张子涵",
            "张梓涵",
            "歐陽娜娜",
            "欧阳娜",
            "买买提·吐尔逊",
            "Wang Wei",
            "单乐",
        ]
    ),
    st.text("王李张欧阳伟玮明小名子梓涵晗英乐月", min_size=1, max_size=5),
    st.text(max_size=50),
)
persons = st.builds(
    Person,
    id=st.just("x"),
    name=names,
    sex=st.sampled_from(["1", "2", "9", "", None]),
    birth_date=st.none() | st.dates(date(1, 1, 1)) | st.dates(date(1990, 1, 1), date(1991, 12, 31)),
    phone_hash=st.sampled_from(["9f", "a0", "", None]),
    address_code=st.sampled_from(
        ["340207101203", "340207101204", "340207102203", "340207000000", "340222101203", "3402", "", None]
    ),
    address_text=st.sampled_from(
        ["示例一路12号", "示例一路１２号", "示例一路 12 号", "示例二路7号", "", None]
    ),
)


@given(persons, persons)
def test_it_does_not_matter_who_comes_first(a: Person, b: Person) -> None:
    assert score(a, b) == score(b, a)


@given(persons, persons, st.sampled_from(["sex", "birth_date", "phone_hash", "address", "name"]))
def test_agreeing_on_one_field_more_never_weighs_less(a: Person, b: Person, field: str) -> None:
    columns = ["address_code", "address_text"] if field == "address" else [field]
    agreeing = replace(b, **{column: getattr(a, column) for column in columns})
    known_before = {reason.split(".")[0] for reason in score(a, b).reasons}
    name = {"birth_date": "birth", "phone_hash": "phone"}.get(field, field)
    if (
        name in known_before
    ):  # an unknown field that becomes known to agree on something common may weigh less
        assert score(a, agreeing).weight >= score(a, b).weight


@given(persons, persons)
def test_reasons_are_keys_and_hold_nothing_of_the_persons(a: Person, b: Person) -> None:
    keys = {level.key for comparison in COMPARISONS for level in comparison.levels} | {"relatives"}
    assert set(score(a, b).reasons) <= keys


@given(st.sampled_from(["王小明", "李秀英", "张伟", "欧阳娜娜", "尉迟恭", "买买提吐尔逊"]), st.integers(1, 2))
def test_the_given_name_first_keeps_the_band(name: str, split: int) -> None:
    one = replace(KNOWN, name=name)
    other = replace(KNOWN, name=name[split:] + name[:split])
    assert score(one, other).band == score(one, one).band == "same"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "歐陽娜娜"}, "name.same"),
        ({"name": " 欧阳　娜娜"}, "name.same"),
        ({"name": "娜娜欧阳"}, "name.swapped"),
        ({"name": "欧阳那娜"}, "name.sound"),
        ({"name": "欧阳娜"}, "name.part"),
        ({"birth_date": date(1991, 12, 3)}, "birth.swapped"),
        ({"birth_date": date(1991, 3, 11)}, "birth.digit"),
        ({"birth_date": date(1991, 4, 20)}, "birth.near"),
        ({"birth_date": date(1991, 1, 1)}, "birth.near"),
        ({"birth_date": date(1992, 3, 12)}, "birth.digit"),
        ({"birth_date": None}, "name.same"),
        ({"phone_hash": "a0"}, "phone.other"),
        ({"address_code": "340207101209", "address_text": "示例二路7号"}, "address.township"),
        ({"address_code": "530102001001", "address_text": "示例二路7号"}, "address.other"),
        ({"address_text": "示例一路１２号 3栋 501室"}, "address.same"),
        ({"sex": "1"}, "sex.other"),
    ],
)
def test_one_slip_leaves_one_person_and_says_what_slipped(change: dict[str, object], reason: str) -> None:
    found = score(KNOWN, replace(KNOWN, **change))
    assert found.band == "same"
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("张三丰", "章三峰", "name.sound"),
        ("张胜男", "章森兰", "name.alike"),  # zh/z, sh/s, n/l, -ng/-n
        ("单小乐", "善小月", "name.sound"),  # surname and given name each in another of its readings
        ("王小明", "王晓民", "name.alike"),
        ("王小明", "王小强", "name.one_character"),
        ("王小明", "李小明", "name.given"),
        ("王小明", "王大伟", "name.surname"),
        ("王小明", "李大伟", "name.other"),
        ("王伟", "王芳", "name.surname"),
        ("王伟", "李伟", "name.other"),
        ("买买提·吐尔逊", "吐尔逊·买买提", "name.swapped"),
        ("买买提·吐尔逊", "买买提•吐尔逊", "name.same"),
    ],
)
def test_names_agree_as_people_mistake_them(one: str, other: str, level: str) -> None:
    assert score(Person("a", one), Person("b", other)).reasons == (level,)


def test_a_common_name_says_less_than_a_rare_one() -> None:
    weights = [score(Person("a", name), Person("b", name)).weight for name in ("王伟", "陶明芳", "欧阳娜娜")]
    assert weights == sorted(weights)
    assert weights[0] + 3 < weights[-1]  # bits: at least eight times as telling


def test_a_common_name_and_birthday_alone_are_not_enough() -> None:
    one = Person("a", "王伟", "1", date(1980, 5, 6), "9f", "340207101203", "示例一路12号")
    elsewhere = replace(one, phone_hash="a0", address_code="340222101203", address_text="示例二路7号")
    assert score(one, elsewhere).band == "perhaps"
    assert score(one, replace(elsewhere, birth_date=date(1961, 8, 30))).band == "different"


@pytest.mark.parametrize("twin", ["王子轩", "王浩宇", "王明"])
def test_twins_are_for_a_clerk_to_tell(twin: str) -> None:
    one = replace(KNOWN, name="王子涵")
    found = score(one, replace(one, name=twin))
    assert found.band == "perhaps"
    assert found.reasons[-1] == "relatives"


def test_a_child_named_after_a_parent_is_for_a_clerk_to_tell() -> None:
    found = score(replace(KNOWN, name="王晓明"), replace(KNOWN, name="王小明", birth_date=date(2015, 8, 30)))
    assert (found.band, found.reasons[-1]) == ("perhaps", "relatives")


def test_what_is_unknown_says_nothing() -> None:
    nobody = Person("a", "")
    assert score(nobody, KNOWN).weight == 0
    assert score(nobody, KNOWN).reasons == ()
    for field in fields(Person)[2:]:
        column = {"birth_date": "birth", "phone_hash": "phone", "address_code": "address"}.get(
            field.name, field.name
        )
        reasons = score(KNOWN, replace(KNOWN, **{field.name: None})).reasons
        assert not any(reason.startswith(column + ".") for reason in reasons)


def test_two_households_members_are_different_persons() -> None:
    wife = replace(KNOWN, name="王伟", sex="1", birth_date=date(1988, 7, 4), phone_hash="a0")
    assert RANK[score(KNOWN, wife).band] == RANK["different"]
