"""Names: one spelling, what cannot be a name, readings, tokens that find their name, masked form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.engines import naming
from tiercare.engines.naming import fold, initials, mask, problem, query, readings, tokens

HAN = st.one_of(
    st.sampled_from(
        "王李张单曾吕欧阳尉迟小明伟芳乐行长朝茜建国子涵梓轩喆堃邨昇傑甦峯區葉黃國劉阿不都热合曼買提"
    ),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
)
ORDINARY = st.text(HAN, min_size=1, max_size=5)
IN_PARTS = st.lists(st.text(HAN, min_size=2, max_size=4), min_size=2, max_size=4).map("·".join)
LATIN = st.lists(
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzÀÉÜñøßABCLNUV"), min_size=2, max_size=8),
    min_size=1,
    max_size=4,
).map(" ".join)
NAMES = st.one_of(ORDINARY, IN_PARTS, LATIN)


def found(text: str, name: str) -> bool:
    return query(text).finds(tokens(name))


class TestFold:
    @given(st.one_of(st.text(max_size=20), NAMES))
    def test_folding_twice_is_folding_once(self, name: str) -> None:
        assert fold(fold(name)) == fold(name)

    @pytest.mark.parametrize(
        ("written", "one"),
        [
            ("王　明", "王明"),
            ("王 小 明", "王小明"),
            ("歐陽 小明", "欧阳小明"),
            ("劉曉峯", "刘晓峰"),
            ("李喆", "李哲"),
            ("王堃", "王坤"),
            ("陈邨", "陈村"),
            ("赵昇傑", "赵升杰"),
            ("周甦", "周苏"),
            ("\u2f29\u2f24", "小大"),  # radicals, as copied from a PDF file
            ("王\ue863", "王䶮"),  # the private code point of older registers
            ("王\u200b明\ufeff", "王明"),
            ("阿力 木江", "阿力·木江"),
            ("Ｊｏｈｎ  SMITH", "john smith"),
            ("O’Neil", "o'neil"),
            ("Jean‐Pierre", "jean-pierre"),
            ("J. Smith", "j smith"),
            (" · ", ""),
        ],
    )
    def test_spellings_become_one(self, written: str, one: str) -> None:
        assert fold(written) == one

    @pytest.mark.parametrize("dot", [*"·・•‧．.-'`。･∙ ", " · ", "—", "’", "\u3000"])
    def test_every_dot_between_han_is_one(self, dot: str) -> None:
        assert fold(f"阿不都{dot}热合曼") == "阿不都·热合曼"

    def test_names_that_only_look_like_variants_stay(self) -> None:
        assert fold("王乾") == "王乾"
        assert fold("傅彬") != fold("付斌")

    def test_the_order_of_the_parts_stays(self) -> None:
        assert fold("热合曼·阿不都") == "热合曼·阿不都"


class TestProblem:
    @pytest.mark.parametrize(
        "name",
        ["王", "王小明", "𬱖䶮", "阿不都·热合曼", "O'Neil-Smith", "Nguyễn Văn A", "སྒྲོལ་མ", "ئابدۇراخمان", "ᠪᠠᠲᠤ",
         "'t Hart", " 王 ", "〇一", "王" * 50, "⼩明"],
    )  # fmt: skip
    def test_names_of_this_country_are_names(self, name: str) -> None:
        assert problem(name) is None

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "empty"),
            (" \u3000", "empty"),
            ("王" * 51, "too_long"),
            ("王\0", "control"),
            ("王\t明", "control"),
            ("\u202e王明", "control"),
            ("王\u200d明", "control"),
            ("王\ud800", "control"),
            ("王😀", "emoji"),
            ("👨‍👩‍👧", "emoji"),
            ("王♥", "emoji"),
            ("王1", "not_a_name"),
            ("王１", "not_a_name"),
            ("王Ⅷ", "not_a_name"),
            ("·王", "not_a_name"),
            ("·-'", "not_a_name"),
            ("王<b>", "not_a_name"),
            ("王×", "not_a_name"),
            ("Иван", "not_a_name"),
            ("王\ue000", "not_a_name"),
            ("a" + "\u0301\u0302\u0303\u0304\u0305\u0306", "not_a_name"),
        ],
    )
    def test_what_is_no_name_is_refused_by_code(self, text: str, code: str) -> None:
        assert problem(text) == code

    @given(NAMES)
    def test_a_name_keeps_something_to_find_it_by(self, name: str) -> None:
        if problem(name) is None:
            assert fold(name)
            assert tokens(name)


class TestReadings:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("王小明", ("wangxiaoming",)),
            ("单明", ("shanming", "danming")),
            ("曾明", ("zengming", "cengming")),
            ("查明", ("zhaming", "chaming")),
            ("仇明", ("qiuming", "chouming")),
            ("解明", ("xieming", "jieming")),
            ("区明", ("ouming", "quming")),
            ("盖明", ("geming", "gaiming")),
            ("翟明", ("zhaiming", "diming")),
            ("尉迟恭", ("yuchigong", "weichigong")),
            ("万俟明", ("moqiming", "wansiming")),
            ("吕布", ("lvbu", "lubu")),
            ("王乐", ("wangle", "wangyue")),
            ("John Smith", ("johnsmith",)),
        ],
    )
    def test_surnames_are_read_as_surnames_first(self, name: str, expected: tuple[str, ...]) -> None:
        assert readings(name) == expected

    def test_the_surname_varies_before_the_given_name(self) -> None:
        assert readings("曾乐") == ("zengle", "cengle", "zengyue", "cengyue")

    def test_initials_follow_the_readings(self) -> None:
        assert initials("王小明") == ("wxm",)
        assert initials("单晓明") == ("sxm", "dxm")

    @given(NAMES)
    def test_never_more_than_four_and_only_letters(self, name: str) -> None:
        assert len(readings(name)) <= naming.MAX_READINGS
        assert all(
            reading.isascii() and reading.isalpha() and reading.islower() for reading in readings(name)
        )


class TestSearch:
    @pytest.mark.parametrize(
        "text",
        ["王小明", "王 小明", "王　小明", "小明", "王", "王小", "wang xiaoming", "wangxiaoming", "Wang Xiao Ming",
         "WangXM", "wang xm", "wangxiaom", "wxm", "WXM", "w x m", "xiaoming", "xiaoming wang", "wangxiao", "wang",
         "王xm", "王 xiaoming", "王小m", "wáng xiǎomíng"],
    )  # fmt: skip
    def test_what_a_clerk_types_finds(self, text: str) -> None:
        assert found(text, "王小明")

    @pytest.mark.parametrize(
        "text", ["王明", "wangming", "李小明", "wxn", "xm", "wangxiaomin", "小", "张xm", "lixm"]
    )
    def test_what_is_another_name_does_not(self, text: str) -> None:
        assert not found(text, "王小明")

    @pytest.mark.parametrize(
        "text",
        ["阿不都·热合曼", "阿不都热合曼", "阿不都.热合曼", "阿不都 热合曼", "热合曼", "阿不都", "abudureheman",
         "abdrhm", "Abudu Reheman"],
    )  # fmt: skip
    def test_names_in_parts_are_found_with_or_without_dot(self, text: str) -> None:
        assert found(text, "阿不都·热合曼")
        assert found(text, "阿不都热合曼")

    def test_a_middle_part_may_be_left_out(self) -> None:
        assert found("买买提·库尔班", "买买提·艾力·库尔班")

    @pytest.mark.parametrize(
        "text", ["吕小明", "lv xiaoming", "lu xiaoming", "lü xiaoming", "LYU XIAOMING", "lvxm", "luxm"]
    )
    def test_u_with_dots_is_found_however_typed(self, text: str) -> None:
        assert found(text, "吕小明")

    def test_initials_with_h_are_found(self) -> None:
        assert found("zhxm", "张小明")
        assert found("zhangshf", "张淑芬")

    @pytest.mark.parametrize("text", ["John Smith", "smith john", "SMITH", "smithjohn", "sj"])
    def test_names_in_letters_are_found_in_either_order(self, text: str) -> None:
        assert found(text, "SMITH John")

    def test_marks_on_letters_do_not_matter(self) -> None:
        assert found("muller", "Müller")
        assert found("Müller", "MULLER")
        assert found("nguyen van a", "Nguyễn Văn A")

    def test_both_readings_of_a_surname_find(self) -> None:
        assert found("shanxiaoming", "单小明")
        assert found("dan xiaoming", "单小明")

    def test_variants_find_each_other(self) -> None:
        assert found("李哲", "李喆")
        assert found("劉傑", "刘杰")
        assert tokens("劉傑") == tokens("刘杰")

    @given(NAMES)
    def test_every_name_finds_itself(self, name: str) -> None:
        if fold(name):
            assert found(name, name)

    @given(st.one_of(ORDINARY, IN_PARTS))
    def test_every_reading_and_its_initials_find_the_name(self, name: str) -> None:
        for typed in (*readings(name), *(short for short in initials(name) if len(short) > 1)):
            assert found(typed, name)

    @given(st.one_of(NAMES, st.text(max_size=80)))
    def test_the_index_stays_small(self, name: str) -> None:
        held = tokens(name)
        assert len(held) <= naming.MAX_TOKENS
        assert all(token and token == unicodedata.normalize("NFC", token) for token in held)

    def test_three_characters_take_at_most_ten(self) -> None:
        assert tokens("王小明") == {
            "王小明", "王", "小明", "王小", "wangxiaoming", "wangxiao", "xiaoming", "wang", "wxm"
        }  # fmt: skip

    @given(st.text(max_size=80))
    def test_nothing_typed_is_an_error(self, text: str) -> None:
        asked = query(text)
        assert len(asked.any_of) <= naming.MAX_ALTERNATIVES
        assert all(alternative and all(alternative) for alternative in asked.any_of)

    def test_nothing_and_far_too_much_find_nothing(self) -> None:
        assert not query("").any_of
        assert not query("·").any_of
        assert not query("王" * 301).any_of

    def test_alternatives_of_one_token_are_told_apart(self) -> None:
        asked = query("wangxm")
        assert asked.single == ("wangxm",)
        assert asked.several == (("wxm", "wang"),)


class TestMask:
    @pytest.mark.parametrize(
        ("name", "masked"),
        [
            ("王小明", "王*明"),
            ("王明", "王*"),
            ("王　明", "王*"),
            ("欧阳小明", "欧**明"),
            ("劉傑", "劉*"),
            ("阿不都·热合曼", "阿***"),
            ("阿不都 热合曼", "阿***"),
            ("John Smith", "J***"),
            ("王", "*"),
            ("", "*"),
        ],
    )
    def test_masked_forms(self, name: str, masked: str) -> None:
        assert mask(name) == masked

    @given(NAMES)
    def test_a_name_is_never_shown_whole(self, name: str) -> None:
        whole = fold(name).replace("·", "").replace(" ", "")
        if len(whole) > 1:
            shown = mask(name)
            assert "*" in shown
            assert len(shown.replace("*", "")) <= min(2, len(whole) - 1)
