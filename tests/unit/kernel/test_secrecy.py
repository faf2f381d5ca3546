"""Sealed values open with their key, in their place, unchanged; and not otherwise."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.kernel.secrecy import FILE, CannotOpen, KeyRing, add_key, drop_keys, key_number, key_ring

RING = KeyRing({1: bytes(range(32)), 2: bytes(range(32, 64))}, bytes(32))


@given(st.text(max_size=200), st.text(max_size=30))
def test_what_was_sealed_opens_in_its_place(value: str, place: str) -> None:
    assert RING.open(RING.seal(value, of=place), of=place) == value


@given(st.binary(max_size=200), st.text(max_size=30))
def test_bytes_that_are_no_text_open_too(value: bytes, place: str) -> None:
    assert RING.open_bytes(RING.seal_bytes(value, of=place), of=place) == value


@given(st.text(min_size=1, max_size=50), st.data())
def test_any_changed_bit_and_any_other_place_stay_closed(value: str, data: st.DataObject) -> None:
    sealed = RING.seal(value, of="here")
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    changed = bytearray(sealed)
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises(CannotOpen):
        RING.open(bytes(changed), of="here")
    with pytest.raises(CannotOpen):
        RING.open(sealed, of="there")


def test_the_same_value_never_lies_the_same_twice() -> None:
    assert RING.seal("x", of="here") != RING.seal("x", of="here")


def test_equal_values_have_equal_indexes_and_kinds_do_not_meet() -> None:
    assert RING.blind("phone", "1") == RING.blind("phone", "1") != RING.blind("id_card", "1")
    assert KeyRing(RING.sealing, b"other" * 6).blind("phone", "1") != RING.blind("phone", "1")


def test_keys_are_made_once_for_their_owner_only(tmp_path) -> None:
    ring = key_ring(tmp_path)
    assert key_ring(tmp_path) == ring and (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_key_file_open_to_others_is_refused(tmp_path) -> None:
    key_ring(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(PermissionError):
        key_ring(tmp_path)


def test_a_spoiled_key_file_is_not_replaced(tmp_path) -> None:
    key_ring(tmp_path)
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(ValueError, match="copy"):
        key_ring(tmp_path)


def test_a_new_key_seals_and_the_old_one_still_opens_until_it_is_dropped(tmp_path) -> None:
    before = key_ring(tmp_path).seal("x", of="here")
    number = add_key(tmp_path)
    os.utime(tmp_path / FILE, ns=(1, 1))  # however coarse the clock of the file system
    ring = key_ring(tmp_path)
    after = ring.seal("x", of="here")
    assert (key_number(before), key_number(after)) == (1, number)
    assert ring.open(before, of="here") == ring.open(after, of="here") == "x"
    drop_keys(tmp_path, before=number)
    os.utime(tmp_path / FILE, ns=(2, 2))
    with pytest.raises(CannotOpen):
        key_ring(tmp_path).open(before, of="here")
    assert key_ring(tmp_path).open(after, of="here") == "x"
