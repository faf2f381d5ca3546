"""One private PostgreSQL of one home directory: made, started, adopted, waited for, owned, stopped."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from . import checks, launch, process
from .binaries import Binaries
from .initialise import initialise
from .problems import Message, PostgresProblem
from .roles import (
    APPLICATION,
    DATABASE,
    OWNER,
    ROOT,
    Credentials,
    Urls,
    credentials_lost,
    ensure_roles,
    make_credentials,
    read_credentials,
)
from .standing import Standing, base_of, choose

Progress = Callable[[Message], None]
_LINGER = 60.0  # seconds that processes of a server that was killed may take to go


@dataclass(frozen=True, slots=True)
class Status:
    """What ``Cluster.status`` sees.

    Attributes:
        state: ``absent`` before the first start; ``ready`` when it takes connections.
        pid: the postmaster, while it lives.
        data: the data directory.
        socket: the directory of the socket, while it lives.
        log: the server's log.
        version: of the programs.
        free: bytes left on the disk of the data.
    """

    state: Literal["absent", "stopped", "starting", "ready", "stopping"]
    pid: int | None
    data: Path
    socket: Path | None
    log: Path
    version: str
    free: int


def _silent(message: Message) -> None:
    """For callers that show no progress."""


class Cluster:
    """The private PostgreSQL under ``home/postgres``.

    Args:
        home: the directory of the installation; made if need be.
        binaries: from ``find_binaries``.
    """

    def __init__(self, home: Path, *, binaries: Binaries) -> None:
        self.folder = home.resolve() / "postgres"
        self.binaries = binaries
        self.log = self.folder / "server.log"
        self._log_start = 0

    def start(self, *, owned: bool = False, timeout: float = 600.0, progress: Progress = _silent) -> Urls:
        """Make the database if there is none, start it if it does not run, and wait until it takes connections.

        A running server of this data directory is adopted, so it may be called any number of times, by several
        processes at once.

        Args:
            owned: the server ends when this process ends, even by SIGKILL, unless another process owns it too.
                Otherwise it stays until ``stop``.
            timeout: seconds for everything, crash recovery included.
            progress: told every two seconds what is being waited for.

        Raises:
            PostgresProblem: with place, reason and way on; nothing half-made is left.
        """
        deadline = time.monotonic() + timeout
        checks.refuse_shared_mount(self.folder)
        try:
            self._make_folder()
            with self._start_lock(deadline, progress):
                standing = choose(self.folder, self.binaries)
                data = standing.base / f"data-{self.binaries.major}"
                self._see_off(data, deadline, progress)
                if process.server_pid(data) is None:
                    self._launch(standing, data, owned, progress)
                elif owned:
                    self._own(data)
                return self._await(data, deadline, progress)
        except OSError as error:
            raise self._unwritable(error) from error

    def stop(self, *, timeout: float = 120.0) -> bool:
        """End the server, whoever owns it. Sessions are cut, what they committed is kept.

        Returns:
            False if it did not run.

        Raises:
            PostgresProblem: ``will_not_stop``.
        """
        if not self.folder.is_dir():
            return False
        with self._start_lock(time.monotonic() + timeout, _silent):
            data = self._data()
            pid = process.server_pid(data)
            if pid is None and not process.is_held(self.folder / process.RUNNING_LOCK):
                return False
            file = process.read_pid_file(data)
            if not process.end_server(data, self.folder, patience=timeout):
                raise PostgresProblem(
                    "will_not_stop",
                    Message(f"数据库进程 {pid} 未能停止。", f"The database process {pid} does not stop."),
                    Message(f"请查看日志 {self.log},稍后重试。", f"Read the log {self.log} and try again."),
                )
            if file and file.socket and file.socket.is_dir() and not any(file.socket.iterdir()):
                file.socket.rmdir()
            return True

    def status(self) -> Status:
        """A look from outside; starts nothing, changes nothing."""
        try:
            return self._look()
        except OSError as error:
            raise self._unwritable(error) from error

    def _look(self) -> Status:
        data = self._data()
        pid = process.server_pid(data)
        file = process.read_pid_file(data) if pid else None
        state: Literal["absent", "stopped", "starting", "ready", "stopping"] = "stopped"
        if not data.exists():
            state = "absent"
        elif file:
            state = (
                "ready" if file.status == "ready" else "stopping" if file.status == "stopping" else "starting"
            )
        near = next(path for path in (data, *data.parents) if path.exists())
        free = shutil.disk_usage(near).free
        return Status(state, pid, data, file.socket if file else None, self.log, self.binaries.version, free)

    def maintenance_url(self, database: str = "postgres") -> str:
        """The superuser's address of the running server: for proofs such as ``verify``, never for serving.

        Raises:
            PostgresProblem: ``not_running`` or ``credentials_lost``.
        """
        socket = self.status().socket
        if socket is None:
            raise PostgresProblem(
                "not_running",
                Message("数据库没有运行。", "The database does not run."),
                Message("请先启动:make run DETACH=1。", "Start it first: make run DETACH=1."),
            )
        return self._credentials().url(ROOT, socket, database)

    # -- places ---------------------------------------------------------------------------------------------

    def _data(self) -> Path:
        return base_of(self.folder) / f"data-{self.binaries.major}"

    def _credentials(self) -> Credentials:
        return read_credentials(self.folder / "owner.json")

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        checks.refuse_foreign_folder(self.folder, os.geteuid())

    def _unwritable(self, error: OSError) -> PostgresProblem:
        near = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return checks.disk_full(near, shutil.disk_usage(near).free)
        return PostgresProblem(
            "unwritable",
            Message(
                f"无法读写数据库目录 {self.folder}({error})。", f"{self.folder} cannot be used ({error})."
            ),
            Message(
                f"请检查 {near} 的所有者和权限,或换一个 TIERCARE_HOME。",
                f"Check owner and permissions of {near}, or set another TIERCARE_HOME.",
            ),
        )

    # -- locks ----------------------------------------------------------------------------------------------

    @contextmanager
    def _start_lock(self, deadline: float, progress: Progress) -> Iterator[None]:
        """One start or stop at a time."""
        waiting = Message(
            "另一个进程正在启动或停止数据库…", "Another process is starting or stopping the database…"
        )
        tick = _Ticker(progress)
        while (handle := process.try_lock(self.folder / process.START_LOCK)) is None:
            if time.monotonic() > deadline:
                raise self._slow(waiting)
            tick(lambda: waiting)
        try:
            yield
        finally:
            os.close(handle)

    def _see_off(self, data: Path, deadline: float, progress: Progress) -> None:
        """A server that is on its way out cannot be adopted: wait until it is gone."""
        leaving = Message("数据库正在停止…", "The database is stopping…")
        tick = _Ticker(progress)
        while (
            (file := process.read_pid_file(data)) and file.status == "stopping" and process.server_pid(data)
        ):
            if time.monotonic() > deadline:
                raise self._slow(leaving)
            tick(lambda: leaving)

    def _claim(self, data: Path, progress: Progress) -> int:
        """The running lock, once no process of an earlier server is left: one killed may leave some for moments."""
        lingering = Message("等待上一次的数据库进程结束…", "Waiting for processes of the last server to end…")
        deadline = time.monotonic() + _LINGER
        tick = _Ticker(progress)
        while True:
            handle = process.try_lock(self.folder / process.RUNNING_LOCK)
            left = [number for number in process.all_numbers() if process.works_in(number, data)]
            if handle is not None and not left:
                return handle
            if handle is not None:
                os.close(handle)
            if time.monotonic() > deadline:
                break
            tick(lambda: lingering)
        shown = ", ".join(map(str, left)) or "?"
        raise PostgresProblem(
            "still_in_use",
            Message(
                f"{data} 仍被其他数据库进程使用(进程号 {shown};也可能在另一个容器中)。",
                f"{data} is still in use by database processes ({shown}; perhaps in another container).",
            ),
            Message(
                "请结束这些进程或停止那个容器,然后重试。",
                "End those processes or stop that container, then try again.",
            ),
        )

    # -- start ----------------------------------------------------------------------------------------------

    def _launch(self, standing: Standing, data: Path, owned: bool, progress: Progress) -> None:
        checks.refuse_other_version(standing.base, self.binaries)
        checks.refuse_full_disk(standing.base)
        running = self._claim(data, progress)
        try:
            if not data.exists():
                progress(Message("正在建立数据库…", "Making the database…"))
                secret = self.folder / "owner.json"
                credentials = read_credentials(secret) if secret.exists() else make_credentials(secret)
                initialise(standing, data, credentials, running)
            checks.refuse_foreign_folder(data, standing.uid)
            socket = checks.private_socket_folder(standing.base, data, standing.uid)
            if owned:
                self._own(data)  # before the server is there: at no moment is it without a guardian
            self._log_start = launch.spawn(standing, data, socket, self.log, running)
        finally:
            os.close(running)

    def _own(self, data: Path) -> None:
        if reason := launch.guard(data, self.folder):
            raise PostgresProblem(
                "no_guardian",
                Message(
                    f"无法启动数据库的看护进程({reason})。",
                    f"The guardian of the database cannot start ({reason}).",
                ),
                Message(
                    "请稍后重试;若仍失败,请检查 Python 解释器是否可由本用户执行。",
                    "Try again; if it stays so, check that this user may execute the Python interpreter.",
                ),
            )

    # -- readiness ------------------------------------------------------------------------------------------

    def _await(self, data: Path, deadline: float, progress: Progress) -> Urls:
        credentials = self._credentials()
        tick = _Ticker(progress)
        while True:
            file = process.read_pid_file(data)
            if file and file.socket:
                try:
                    connection = psycopg.connect(
                        credentials.url(ROOT, file.socket, "postgres"), autocommit=True, connect_timeout=10
                    )
                except psycopg.OperationalError as error:
                    if "password authentication failed" in str(error):
                        raise credentials_lost(self.folder / "owner.json", "password") from error
                else:
                    with connection:
                        self._recognise(connection, data)
                        ensure_roles(connection, credentials)
                    owner = credentials.url(OWNER, file.socket, DATABASE)
                    return Urls(owner, credentials.url(APPLICATION, file.socket, DATABASE))
            if process.server_pid(data) is None and not process.is_held(self.folder / process.RUNNING_LOCK):
                raise self._ended(data)
            if time.monotonic() > deadline:
                raise self._slow(self._waited_for(data))
            tick(lambda: self._waited_for(data))

    def _waited_for(self, data: Path) -> Message:
        if checks.cluster_state(data, self.binaries).startswith("shut down"):
            return Message("数据库正在启动…", "The database is starting…")
        return Message("数据库正在恢复…", "The database is recovering…")

    def _recognise(self, connection: psycopg.Connection, data: Path) -> None:
        """What answers must be the server of this data directory and of the start that its pid file notes."""
        question = (
            "SELECT current_setting('data_directory'), extract(epoch FROM pg_postmaster_start_time())::bigint"
        )
        row = connection.execute(question).fetchone()
        file = process.read_pid_file(data)
        if row and file and Path(row[0]).samefile(data) and abs(row[1] - file.started) <= 60:
            return
        raise PostgresProblem(
            "other_server",
            Message(
                f"应答的数据库不是 {data} 的服务({row and row[0]})。",
                f"The server that answers is not that of {data} ({row and row[0]}).",
            ),
            Message(
                "请停止手工启动的 PostgreSQL 后重试。",
                "Stop the PostgreSQL that was started by hand and try again.",
            ),
        )

    def _slow(self, waited: Message) -> PostgresProblem:
        return PostgresProblem(
            "slow",
            Message(f"等待超时:{waited.zh}", f"Waited too long: {waited.en}"),
            Message(
                f"数据库可能仍在恢复,请稍后重试;日志:{self.log}",
                f"It may still be recovering; try again later. Log: {self.log}",
            ),
        )

    def _ended(self, data: Path) -> PostgresProblem:
        """Why the server gave up, from the lines it logged since this start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            said = log.read()[-4000:].decode(errors="replace")
        if "No space left on device" in said:
            return checks.disk_full(data, shutil.disk_usage(data).free)
        if "are incompatible with server" in said:
            return checks.newer_data(data, (data / "PG_VERSION").read_text().strip(), self.binaries)
        last = (
            "\n".join(line for line in said.splitlines() if "FATAL" in line or "PANIC" in line) or said[-600:]
        )
        return PostgresProblem(
            "ended",
            Message(
                f"数据库没有启动成功({data}):{last.strip()}",
                f"The database did not start ({data}): {last.strip()}",
            ),
            Message(
                f"完整日志:{self.log};数据损坏时请恢复备份(tiercare db restore)。",
                f"Whole log: {self.log}. If data are damaged, restore a backup (tiercare db restore).",
            ),
        )


class _Ticker:
    """Called in a waiting loop: pauses a little, and after one second tells every two seconds what is awaited."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._next = time.monotonic() + 1.0

    def __call__(self, message: Callable[[], Message]) -> None:
        if time.monotonic() >= self._next:
            self._progress(message())
            self._next = time.monotonic() + 2.0
        time.sleep(0.1)
