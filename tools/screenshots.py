"""Pictures of every page, wide and narrow, in both languages, from a running platform.

    python tools/screenshots.py [--address http://127.0.0.1:8000] [--only clause] [--folder screenshots]

Signs in as the demonstration accounts, whose passwords ``make run`` wrote into its home.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
ARGUMENTS = [
    "--no-sandbox",
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--lang=zh-CN"),
]
#: name, account, address; ``*`` stands for the first link of the list before it
PAGES = (
    ("home", "commission", "/"),
    ("compliance", "commission", "/compliance"),
    ("compliance-clause", "commission", "/compliance/NHC-53"),
    ("consortia", "commission", "/consortia"),
    ("consortium", "commission", "/consortia*"),
    ("explorer", "commission", "/explorer"),
    ("institutions", "commission", "/institutions"),
    ("institution", "commission", "/institutions*"),
    ("agreements", "commission", "/agreements"),
    ("agreement", "commission", "/agreements*"),
    ("calendar", "commission", "/calendar"),
    ("imports", "county_commission", "/imports"),
    ("changes", "county_commission", "/changes/new"),
    ("applications", "commission", "/applications"),
    ("rules", "commission", "/rules"),
    ("rule", "commission", "/rules*"),
    ("clauses", "commission", "/clauses"),
    ("clause", "commission", "/clauses/WH-27"),
    ("waivers", "commission", "/waivers"),
    ("lists", "commission", "/lists"),
    ("list", "commission", "/lists*"),
    ("events", "auditor", "/events"),
    ("not-found", "commission", "/no-such-page"),
)


def browser_path() -> str:
    """Debian's Chromium, or the one ``CHROMIUM`` names.

    Raises:
        SystemExit: when there is none, with what to type.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        sys.exit(
            "没有 Chromium：apt-get install chromium fonts-noto-cjk，或设 CHROMIUM=路径。 No Chromium found."
        )
    return found


def sign_in(page: Page, address: str, username: str, password: str) -> None:
    """Sign in; waits until the first page stands."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def shoot(context: BrowserContext, address: str, folder: Path, account: str, only: str) -> None:
    """Every page of one account in one size."""
    page = context.new_page()
    for name, role, path in PAGES:
        if role != account or (only and only != name):
            continue
        page.goto(f"{address}{path.rstrip('*')}")
        if path.endswith("*"):
            page.locator("#results table tbody a, main table tbody a").first.click()
            page.wait_for_load_state()
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        print(folder / f"{name}.png")


def main() -> None:
    """Shoot all pages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--region", default="wuhu")
    parser.add_argument("--folder", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    home = Path(os.environ.get("TIERCARE_HOME") or ROOT / "var")
    passwords = json.loads((home / "demo_accounts.json").read_text("utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(),
            args=ARGUMENTS,
            env={**os.environ, "LANGUAGE": "zh_CN", "LC_ALL": "zh_CN.UTF-8"},
        )
        for size, (width, height) in SIZES.items():
            for language in ("zh-hans", "en"):
                folder = given.folder / f"{size}-{language}"
                folder.mkdir(parents=True, exist_ok=True)
                for account in dict.fromkeys(row[1] for row in PAGES):
                    context = browser.new_context(
                        viewport={"width": width, "height": height},
                        locale="zh-CN",
                        timezone_id="Asia/Shanghai",
                    )
                    context.add_cookies(
                        [{"name": "tiercare_language", "value": language, "url": given.address}]
                    )
                    page = context.new_page()
                    if account == "commission" and given.only in ("", "sign-in"):
                        page.goto(f"{given.address}/sign-in")
                        page.screenshot(path=folder / "sign-in.png", full_page=True)
                    username = f"{given.region}.{account}"
                    sign_in(page, given.address, username, passwords[username])
                    shoot(context, given.address, folder, account, given.only)
                    context.close()
        browser.close()


if __name__ == "__main__":
    main()
