"""The first start: a new data directory, made aside and moved into place when it is whole."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import checks
from .binaries import quiet_environment
from .problems import Message, PostgresProblem
from .roles import ROOT, Credentials
from .standing import Standing

# For two cores and a few GiB beside other work. An operator may edit the file in the data directory: it is
# written once. The time zone is that of the regions we serve; the code sets its own for each connection.
SETTINGS = """\
# 分级诊疗平台的数据库设置;可按机器大小修改,重启后生效。 Settings of Tiercare's database; edit and restart.
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '8MB'
maintenance_work_mem = '64MB'
max_connections = 60
wal_compression = on
max_wal_size = '1GB'
random_page_cost = 1.1
jit = off
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
log_line_prefix = '%m [%p] %u@%d '
"""
_COMMON = (
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--data-checksums",
    "--no-instructions",
    f"--username={ROOT}",
)
_SCRAM = ("--auth-local=scram-sha-256", "--auth-host=scram-sha-256")


def initialise(standing: Standing, data: Path, credentials: Credentials, running: int) -> None:
    """Make the data directory. An earlier attempt that was cut off is removed: it never was a database.

    Args:
        standing: as whom to run.
        data: the directory to make.
        credentials: the first password is the superuser's.
        running: the handle of the running lock, inherited so that a leftover of this run is seen.

    Raises:
        PostgresProblem: ``disk_full`` or ``initialise``.
    """
    draft = data.with_name(f"new-{data.name}")
    password = data.with_name("initial-password")
    if draft.exists():
        shutil.rmtree(draft)
    try:
        password.touch(mode=0o600)
        password.write_text(credentials.tiercare_root)
        standing.give(password)
        _initdb(standing, draft, password, running)
        settings = draft / "tiercare.conf"
        settings.write_text(SETTINGS, encoding="utf-8")
        standing.give(settings)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude 'tiercare.conf'\n")
        draft.rename(data)
    finally:
        password.unlink(missing_ok=True)


def _initdb(standing: Standing, draft: Path, password: Path, running: int) -> None:
    """Chinese collation by ICU where the programs have it, else code points; both know Chinese letters.

    ``LC_CTYPE`` is C.UTF-8 in either case: under plain C, pg_trgm finds no letters in Chinese text.
    """
    locales: list[tuple[str, ...]] = [("--locale-provider=icu", "--icu-locale=zh-Hans-CN")]
    if standing.binaries.major >= 17:
        locales.append(("--locale-provider=builtin", "--builtin-locale=C.UTF-8"))
    else:
        locales.append(())
    for locale in locales:
        arguments = ("-D", str(draft), f"--pwfile={password}", *_COMMON, *_SCRAM, *locale)
        made = subprocess.run(
            standing.command("initdb", *arguments),
            **standing.identity(),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=quiet_environment(),
            pass_fds=(running,),
        )
        if made.returncode == 0:
            return
        if "ICU is not supported" not in made.stderr:
            break
    if "No space left on device" in made.stderr:
        raise checks.disk_full(draft.parent, shutil.disk_usage(draft.parent).free)
    raise PostgresProblem(
        "initialise",
        Message(
            f"无法在 {draft.parent} 建立数据库:{made.stderr.strip()[-600:]}",
            f"No database could be made in {draft.parent}: {made.stderr.strip()[-600:]}",
        ),
        Message(
            "请按上述原因处理后重试;不会留下半成品。",
            "Remove the cause and try again; nothing half-made is left.",
        ),
    )
