"""Tokens and numbers of health cards: what was signed is believed, whatever else is refused without a word too much."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.residents.rules import card_tokens, cards
from tiercare.apps.residents.rules.card_tokens import Claims, issuer_of, raw_public, sign, verify
from tiercare.kernel.refusal import Refusal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = {issuer_of(raw_public(KEY)): raw_public(KEY)}
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CARD = UUID("01890000-0000-7000-8000-000000000001")


def code(answer: Claims | Refusal) -> str:
    assert isinstance(answer, Refusal)
    return answer.code


@given(st.uuids(), st.integers(1_600_000_000, 4_000_000_000))
def test_what_was_signed_is_believed_for_five_minutes(card: UUID, seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    token = sign(KEY, card_id=card, now=at)
    claims = verify(token, KEYS, at)
    assert isinstance(claims, Claims)
    assert (claims.card_id, claims.issued_at) == (card, at)
    assert claims.expires_at - claims.issued_at == card_tokens.LIFETIME
    assert isinstance(verify(token, KEYS, claims.expires_at - timedelta(seconds=1)), Claims)
    assert code(verify(token, KEYS, claims.expires_at)) == "cards.expired"


def test_two_tokens_of_a_card_have_nothing_random_in_common() -> None:
    nonces = set()
    for _ in range(50):
        claims = verify(sign(KEY, card_id=CARD, now=NOW), KEYS, NOW)
        assert isinstance(claims, Claims)
        nonces.add(claims.nonce)
    assert len(nonces) == 50


@given(st.data())
def test_one_bit_flipped_anywhere_is_refused(data: st.DataObject) -> None:
    token = sign(KEY, card_id=CARD, now=NOW)
    at = data.draw(st.integers(0, len(token) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = token[:at] + chr(ord(token[at]) ^ (1 << bit)) + token[at + 1 :]
    assert isinstance(verify(flipped, KEYS, NOW), Refusal)


def test_every_spelling_of_the_last_characters_but_one_is_refused() -> None:
    """Base64 leaves bits of the last character unread: they must not make a second spelling of one token."""
    token = sign(KEY, card_id=CARD, now=NOW)
    head, payload, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spellings = [f"{head}.{payload}.{signature[:-1]}{last}" for last in alphabet]
    spellings += [f"{head}.{payload[:-1]}{last}.{signature}" for last in alphabet]
    believed = {each for each in spellings if isinstance(verify(each, KEYS, NOW), Claims)}
    assert believed == {token}


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: "TC1." + raw.hex()))
def test_garbage_is_malformed(text: str) -> None:
    assert code(verify(text, KEYS, NOW)) == "cards.malformed"


@pytest.mark.parametrize("text", ["TC1." + "A" * 1_000_000, "TC1." * 250_000, "\0" * 1_000_000])
def test_a_megabyte_is_malformed(text: str) -> None:
    assert code(verify(text, KEYS, NOW)) == "cards.malformed"
    assert cards.read_card_number(text) is None


def test_yesterdays_another_regions_and_tomorrows_are_refused_as_what_they_are() -> None:
    assert code(verify(sign(KEY, card_id=CARD, now=NOW - timedelta(days=1)), KEYS, NOW)) == "cards.expired"
    assert code(verify(sign(OTHER, card_id=CARD, now=NOW), KEYS, NOW)) == "cards.other_region"
    assert code(verify(sign(KEY, card_id=CARD, now=NOW + timedelta(minutes=2)), KEYS, NOW)) == "cards.not_yet"
    behind = verify(sign(KEY, card_id=CARD, now=NOW), KEYS, NOW - card_tokens.SKEW)
    assert isinstance(behind, Claims), "a device whose clock is a little behind still reads the card"


def test_a_signature_of_another_key_under_our_name_is_not_genuine() -> None:
    keys = {issuer_of(raw_public(KEY)): raw_public(OTHER)}
    assert code(verify(sign(KEY, card_id=CARD, now=NOW), keys, NOW)) == "cards.not_genuine"


def test_refusals_repeat_nothing_of_the_token() -> None:
    token = sign(OTHER, card_id=CARD, now=NOW)
    refusal = verify(token, KEYS, NOW)
    assert isinstance(refusal, Refusal)
    assert token.split(".")[1] not in repr(refusal) and str(CARD) not in repr(refusal)


def test_caps_lock_at_the_reader_does_no_harm() -> None:
    token = sign(KEY, card_id=CARD, now=NOW)
    assert verify(f" {token.swapcase()}\r\n", KEYS, NOW) == verify(token, KEYS, NOW)
    assert card_tokens.is_token(token.swapcase()) and not card_tokens.is_token("8012345678901234")


@given(st.integers(0, 15), st.integers(1, 9))
def test_a_number_has_sixteen_digits_and_no_slip_of_one_is_another(at: int, step: int) -> None:
    number = cards.new_number()
    assert len(number) == 16 and number.startswith(cards.PREFIX)
    assert cards.read_card_number(cards.grouped(number)) == number
    slipped = number[:at] + str((int(number[at]) + step) % 10) + number[at + 1 :]
    assert cards.read_card_number(slipped) is None
    for here in range(15):
        swapped = number[:here] + number[here + 1] + number[here] + number[here + 2 :]
        assert swapped == number or cards.read_card_number(swapped) is None


def test_numbers_are_random_and_full_width_digits_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(secrets, "randbelow", lambda below: asked.append(below) or 7)
    number = cards.new_number()
    assert asked == [10**12] and number[2:14] == "000000000007"
    assert cards.read_card_number("".join(chr(ord(digit) + 0xFEE0) for digit in number)) == number


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("051X", True),
        ("051x", True),
        ("19680517", True),
        ("1968-05-17", True),
        ("1968/05/17", True),
        ("1968 05 17", True),
        ("19680518", False),
        ("1968", False),
        ("51X", False),
        ("", False),
        ("34022319680517051X", False),
    ],
)
def test_the_second_item_is_the_end_of_a_document_or_a_birth_date(typed: str, fits: bool) -> None:
    told = cards.second_item_fits(typed, numbers=["34022319680517051X", ""], births=[date(1968, 5, 17), None])
    assert told is fits


ALLOWED = {"first_contact": ("NHC-67", "WH-59"), "新词": ("TY-102",)}


def test_a_use_that_no_document_names_is_refused_with_those_that_are() -> None:
    refusal = cards.use_refusal("blood_donation", ALLOWED)
    assert refusal is not None and refusal.clauses == ("NHC-67", "WH-59", "TY-102")
    assert "献血服务" in refusal.sentence() and "基层首诊、新词" in refusal.way_on()
    assert cards.use_refusal("新词", ALLOWED) is None


def test_only_a_timed_use_has_a_window_and_it_runs_forward() -> None:
    good, back = cards.Window(NOW, NOW + timedelta(minutes=30)), cards.Window(NOW, NOW)
    assert cards.window_refusal("timed_appointment", good) is None
    assert cards.window_refusal("first_contact", None) is None
    for use, window in (("timed_appointment", None), ("timed_appointment", back)):
        refused = cards.window_refusal(use, window)
        assert refused is not None and refused.code == "cards.window"
    refused = cards.window_refusal("first_contact", good)
    assert refused is not None and refused.code == "cards.no_window"


def test_a_type_of_card_counts_where_the_documents_name_it_or_name_none() -> None:
    assert cards.type_refusal("resident_card", {}) is None
    assert cards.type_refusal("resident_card", {"resident_card": ("WH-59",)}) is None
    refusal = cards.type_refusal("resident_card", {"electronic_card": ("WH-59",)})
    assert refusal is not None and refusal.clauses == ("WH-59",) and "居民健康卡" in refusal.sentence()
