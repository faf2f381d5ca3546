from datetime import UTC, datetime
from pathlib import Path

import pytest

from tiercare.apps.ledger import checkpoints

_AT = datetime(2026, 11, 21, tzinfo=UTC)


def _write(home: Path, position: int) -> checkpoints.SignedHead:
    head = checkpoints.sign(home, position=position, digest=bytes([position]) * 32, at=_AT)
    checkpoints.append(home, head)
    return head


def test_lines_come_back_with_valid_signatures(tmp_path: Path) -> None:
    written = [_write(tmp_path, number) for number in (1, 2, 3)]
    assert list(checkpoints.read(tmp_path)) == list(enumerate(written, start=1))


def test_key_and_file_are_their_owners_only(tmp_path: Path) -> None:
    _write(tmp_path, 1)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in (checkpoints.KEY, checkpoints.FILE, "keys")]
    assert modes == [0o600, 0o600, 0o700]


def test_a_changed_line_is_no_checkpoint(tmp_path: Path) -> None:
    _write(tmp_path, 1)
    _write(tmp_path, 2)
    file = tmp_path / checkpoints.FILE
    file.write_text(file.read_text().replace('"position": 1', '"position": 9') + "rubbish\n")
    assert [(number, head and head.position) for number, head in checkpoints.read(tmp_path)] == [
        (1, None),
        (2, 2),
        (3, None),
    ]


@pytest.mark.parametrize("left", [1, 20, 200])
def test_a_half_written_line_is_dropped_by_the_next_writer(tmp_path: Path, left: int) -> None:
    first = _write(tmp_path, 1)
    file = tmp_path / checkpoints.FILE
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:left])
    assert list(checkpoints.read(tmp_path)) == [(1, first)]
    second = _write(tmp_path, 2)
    assert list(checkpoints.read(tmp_path)) == [(1, first), (2, second)]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, 1)
    (tmp_path / checkpoints.KEY).chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600"):
        _write(tmp_path, 2)


def test_a_lost_key_is_not_silently_replaced(tmp_path: Path) -> None:
    _write(tmp_path, 1)
    (tmp_path / checkpoints.KEY).unlink()
    with pytest.raises(PermissionError, match="Put the key back"):
        _write(tmp_path, 2)
    with pytest.raises(PermissionError, match="Put the key back"):
        list(checkpoints.read(tmp_path))
