"""What is looked at before a start, so that the refusal names the place instead of PostgreSQL's log."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

from .binaries import Binaries, quiet_environment
from .problems import Message, PostgresProblem

NEEDED_FREE = (
    200 * 2**20
)  # bytes: a new cluster is 40 MiB, one round of its log up to 64 MiB, and room to vacuum
MOUNTS = Path("/proc/self/mounts")
# Network and host-shared file systems: locks and fsync do not hold there as PostgreSQL needs them, and two
# machines could open the same files at once.
_SHARED = re.compile(
    r"(fuse\.)?(nfs4?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|beegfs\w*|gfs2?|ocfs2|orangefs|davfs2?|ncpfs|"
    r"vboxsf|vmhgfs\w*|prl_fs|virtiofs|sshfs|rclone|s3fs|gcsfuse|osxfs|grpcfuse)"
)


def refuse_shared_mount(folder: Path) -> None:
    """A database on a network drive gets damaged sooner or later.

    Raises:
        PostgresProblem: ``shared_mount``.
    """
    folder = folder.resolve()
    best, kind = Path("/"), ""
    for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
        point, name = line.split()[1:3]
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point))
        if folder.is_relative_to(mounted) and mounted.is_relative_to(
            best
        ):  # the later line covers the earlier
            best, kind = mounted, name
    if _SHARED.fullmatch(kind):
        raise PostgresProblem(
            "shared_mount",
            Message(
                f"数据目录 {folder} 位于共享或网络文件系统({best},类型 {kind}),数据库放在这里会损坏。",
                f"{folder} is on a shared or network file system ({best}, {kind}); a database gets damaged there.",
            ),
            Message(
                "请把 TIERCARE_HOME 设为本机磁盘上的目录。",
                "Set TIERCARE_HOME to a folder on a disk of this machine.",
            ),
        )


def refuse_full_disk(folder: Path) -> None:
    """A start that would stop half-way for want of space does not begin.

    Raises:
        PostgresProblem: ``disk_full``.
    """
    free = shutil.disk_usage(folder).free
    if free < NEEDED_FREE:
        raise disk_full(folder, free)


def disk_full(folder: Path, free: int) -> PostgresProblem:
    """The refusal for a full disk; ``free`` in bytes."""
    needed = NEEDED_FREE // 2**20
    return PostgresProblem(
        "disk_full",
        Message(
            f"{folder} 所在磁盘空间不足:剩余 {free // 2**20} MB,至少需要 {needed} MB。",
            f"The disk of {folder} is full: {free // 2**20} MB are free, {needed} MB are needed.",
        ),
        Message(
            "请清理该磁盘上的旧备份、日志或其他大文件后重试;不要删除 data-* 目录中的任何文件。",
            "Free space on that disk (old backups, logs, other large files) and try again;"
            " delete nothing inside the data-* folders.",
        ),
    )


def refuse_foreign_folder(folder: Path, expected: int) -> None:
    """PostgreSQL serves only a directory of its own user.

    Raises:
        PostgresProblem: ``foreign_folder``.
    """
    owner = folder.stat().st_uid
    if owner != expected:
        raise PostgresProblem(
            "foreign_folder",
            Message(
                f"目录 {folder} 属于用户号 {owner},当前应属于 {expected}。",
                f"{folder} belongs to user {owner}, not to {expected}.",
            ),
            Message(
                f"请用原来的用户运行,或执行:chown -R {expected} {folder}",
                f"Run as the user who made it, or type: chown -R {expected} {folder}",
            ),
        )


def refuse_other_version(base: Path, binaries: Binaries) -> None:
    """Data of a newer version is never passed over for an older or an empty directory; nor is older data.

    Raises:
        PostgresProblem: ``newer_data`` or ``older_data``.
    """
    found = sorted(_majors(base))
    if found and found[-1] > binaries.major:
        raise newer_data(base / f"data-{found[-1]}", str(found[-1]), binaries)
    if found and binaries.major not in found:
        old = base / f"data-{found[-1]}"
        raise PostgresProblem(
            "older_data",
            Message(
                f"{old} 是 PostgreSQL {found[-1]} 的数据,当前程序是 {binaries.version},不能直接使用。",
                f"{old} holds data of PostgreSQL {found[-1]}; these programs are {binaries.version}.",
            ),
            Message(
                f"请用升级前的平台版本备份(tiercare db backup),移走 {old},再用本版本恢复(tiercare db restore)。",
                f"Back up with the release from before the upgrade (tiercare db backup), move {old} away, then restore"
                " with this one (tiercare db restore).",
            ),
        )


def newer_data(data: Path, version: str, binaries: Binaries) -> PostgresProblem:
    """The refusal for data that these programs are too old for."""
    return PostgresProblem(
        "newer_data",
        Message(
            f"{data} 是更新版本 PostgreSQL {version} 的数据,当前程序是 {binaries.version}。",
            f"{data} holds data of a newer PostgreSQL ({version}); these programs are {binaries.version}.",
        ),
        Message(
            "请安装该版本的程序(make setup 会安装本软件对应的版本),或换一个 TIERCARE_HOME。",
            "Install programs of that version (make setup installs the ones of this release),"
            " or set another TIERCARE_HOME.",
        ),
    )


def _majors(base: Path) -> set[int]:
    """Versions of the data directories, by their own word (``PG_VERSION``) where they have one."""
    majors = set()
    for path in base.glob("data-*"):
        stated = path / "PG_VERSION"
        text = stated.read_text().strip() if stated.is_file() else path.name.removeprefix("data-")
        if text.isdigit():
            majors.add(int(text))
    return majors


def cluster_state(data: Path, binaries: Binaries) -> str:
    """PostgreSQL's own note of the state of the files, such as ``in production`` or ``in crash recovery``."""
    command = [binaries.program("pg_controldata"), "-D", str(data)]
    answer = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env=quiet_environment()
    )
    found = re.search(r"^Database cluster state:\s*(.+)$", answer.stdout, re.MULTILINE)
    return found[1] if found else ""


def private_socket_folder(base: Path, data: Path, uid: int) -> Path:
    """A directory of mode 0700 for the socket, beside the data where the path is short and plain enough.

    A Unix socket's name has at most 107 bytes, and both PostgreSQL and libpq take a comma for the end of a
    path; otherwise the directory of temporary files is used, with a name made of user and data directory.

    Raises:
        PostgresProblem: ``socket_folder`` if a directory of that name belongs to somebody else or is open to others.
    """
    folder = base / "socket"
    if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) > 107 or not re.fullmatch(
        r"[\w./+@-]+", str(folder), re.ASCII
    ):
        folder = Path(gettempdir()) / f"tiercare-{uid}-{sha256(os.fsencode(data)).hexdigest()[:12]}"
    try:
        folder.mkdir(mode=0o700)
        if uid != os.geteuid():
            os.chown(folder, uid, -1)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not folder.is_dir() or folder.is_symlink() or found.st_uid != uid or found.st_mode & 0o077:
        raise PostgresProblem(
            "socket_folder",
            Message(
                f"数据库套接字目录 {folder} 不是本用户私有的目录。",
                f"The socket directory {folder} is not private to us.",
            ),
            Message(
                f"请查明是谁建立的,确认无用后删除 {folder},再重试。",
                f"Find out who made it, delete {folder} if nobody needs it, and try again.",
            ),
        )
    return folder
