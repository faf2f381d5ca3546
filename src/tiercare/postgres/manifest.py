"""What stands beside a backup: where it comes from, what it holds, and the sum that shows damage."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from .problems import Message, PostgresProblem

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands beside a backup, in ``<backup>.json``.

    Attributes:
        format: of the manifest.
        app: version of Tiercare that made the backup.
        postgres: major version of the server it was made from.
        made_at: ISO 8601, UTC.
        sha256: of the backup file, hexadecimal.
        tables: rows of each ``schema.table``, in the same snapshot as the backup.
    """

    format: int
    app: str
    postgres: int
    made_at: str
    sha256: str
    tables: dict[str, int]

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(self.tables.values())


def manifest_path(backup_file: Path) -> Path:
    """Where the manifest of a backup lies."""
    return backup_file.with_name(f"{backup_file.name}.json")


def read_manifest(source: Path) -> Manifest:
    """The manifest, after the backup has been compared with it byte for byte.

    Raises:
        PostgresProblem: ``damaged``.
    """
    try:
        manifest = Manifest(**json.loads(manifest_path(source).read_text(encoding="utf-8")))
        found = sha256(source)
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(source, str(error)) from error
    if manifest.sha256 != found:
        raise _damaged(source, f"SHA-256 {found[:16]}… ≠ {manifest.sha256[:16]}…")
    return manifest


def write_manifest(target: Path, manifest: Manifest) -> None:
    """Write the manifest of a backup whole or not at all."""
    draft = manifest_path(target).with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(manifest_path(target))


def sha256(path: Path) -> str:
    """The sum of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(source: Path, reason: str) -> PostgresProblem:
    return PostgresProblem(
        "damaged",
        Message(
            f"备份 {source} 已损坏或不完整({reason})。",
            f"The backup {source} is damaged or incomplete ({reason}).",
        ),
        Message(
            "请使用另一份备份;备份文件和同名的 .json 清单必须放在一起。",
            "Use another backup; the file and its .json manifest belong side by side.",
        ),
    )
