"""A browser and a platform of its own for the journeys."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from .. import database

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE = 300.0
# What a page is given to become as expected: two browsers share two cores with the rest of the suite.
expect.set_options(timeout=45_000)
SLOW_ACT = 120_000  # ms
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@dataclass(frozen=True)
class Site:
    """Where the platform answers, the passwords of its demonstration accounts by role, and where it keeps files."""

    address: str
    passwords: dict[str, str]
    home: Path


def url_of(alias: str) -> str:
    """The address of the platform's database, as its ``owner`` or by ``default`` as its serving role."""
    name = journeys_database()
    given = settings.DATABASES[alias]
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    return f"postgresql://{given['USER']}{password}@/{name}?host={given['HOST']}&port={given['PORT']}"


def journeys_database() -> str:
    """The platform's own database, one for each worker."""
    return f"{database.base_name()}_journeys{os.environ.get('PYTEST_XDIST_WORKER', '')}"


def journeys_environment(home: Path) -> dict[str, str]:
    """What the platform's programs are told of where they work."""
    return {
        "TIERCARE_DATABASE_URL": url_of("default"),
        "TIERCARE_DATABASE_ADMIN_URL": url_of("owner"),
        "TIERCARE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "tiercare.config.settings",
    }


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    """The platform with 芜湖, served for the whole run; what journeys change they change back."""
    name = journeys_database()
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with django_db_blocker.unblock():
        database.migrated(name)
    environment = {
        **{key: value for key, value in os.environ.items() if key != "TIERCARE_PACKS"},
        **journeys_environment(home),
    }
    log = home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, HERE / "site_server.py", str(port)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_it_serves(address, server, log)
            stored = json.loads((home / "demo_accounts.json").read_text("utf-8"))
            yield Site(address, {key.partition(".")[2]: value for key, value in stored.items()}, home)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
    database.drop(name)


def _wait_until_it_serves(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(log.read_text("utf-8", "replace"))
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise RuntimeError(f"not serving after {PATIENCE} s:\n{log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one ``CHROMIUM`` names; ended with its file, since Playwright's event loop would
    be in the way of the tests that follow in this worker."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        raise RuntimeError("没有 Chromium：apt-get install chromium fonts-noto-cjk，或设 CHROMIUM=路径")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def session_of(site: Site, browser: Browser) -> Callable[[str], dict[str, object]]:
    """The stored session of a role, signed in once a file."""
    known: dict[str, dict[str, object]] = {}

    def signed_in(role: str) -> dict[str, object]:
        if role not in known:
            context = browser.new_context(locale="zh-CN")
            context.set_default_timeout(SLOW_ACT)
            page = context.new_page()
            page.goto(f"{site.address}/sign-in")
            page.fill("[name=username]", f"wuhu.{role}")
            page.fill("[name=password]", site.passwords[role])
            page.click("main form button[type=submit]")
            page.wait_for_url(f"{site.address}/")
            known[role] = context.storage_state()
            context.close()
        return known[role]

    return signed_in


@pytest.fixture
def as_role(
    site: Site, browser: Browser, session_of: Callable[[str], dict[str, object]]
) -> Iterator[Callable[..., Page]]:
    """A page of a signed-in role; fails the test if the console held an error (a CSP violation is one)."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(
        role: str = "commission", *, width: int = 1280, height: int = 800, language: str = ""
    ) -> Page:
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            storage_state=session_of(role),
        )
        if language:
            context.add_cookies([{"name": "tiercare_language", "value": language, "url": site.address}])
        context.set_default_timeout(SLOW_ACT)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    # A page that answers 4xx on purpose, and a list left while it was loading, are reported by the browser too.
    harmless = ("Failed to load resource", "htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
    assert [text for text in said if not text.startswith(harmless)] == []
