"""What holds the mark of made-up data where it is, read from the tree: the walk through every endpoint is ``tests/security/test_marks.py``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src" / "tiercare" / "web"
TEMPLATES, STYLES = WEB / "templates", WEB / "static" / "tiercare"

# Tables are written through ``web.marks``, which adds the column; these have reasons of their own not to.
WRITERS = {
    "marks.py",
    "facts/tables.py",  # a template to fill in: no rows
    "facts/downloads.py",  # rows to mend and send again
    "trials/exports.py",  # each row says that it is simulated, in a real database too
}
WHOLE_PAGES = {
    "shell/base.html",
    "400.html",  # shown where nothing is known: no data
    "500.html",
    "bulletins/alone.html",  # a paper as a file, with the marks of its content
}
# Sheets of paper without the banner, because another mark stands on the paper itself.
OWN_MARK = re.compile(r"shell\.synthetic|bulletins/_paper\.html")


def test_pages_write_tables_through_the_mark() -> None:
    direct = re.compile(
        r"from tiercare\.engines\.sheets import[^\n]*\bwrite_(xlsx|csv)\b|sheets\.write_(xlsx|csv)"
    )
    found = {
        path.relative_to(WEB).as_posix()
        for path in WEB.rglob("*.py")
        if direct.search(path.read_text(encoding="utf-8"))
    }
    assert found == WRITERS


def test_every_whole_page_stands_in_the_frame_that_bears_the_banner() -> None:
    found = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if re.search(r"<html\b", path.read_text(encoding="utf-8"))
    }
    assert found == WHOLE_PAGES
    frame = (TEMPLATES / "shell" / "base.html").read_text(encoding="utf-8")
    head, body = frame.split("<body")
    assert "shell.synthetic" in head and "tiercare/synthetic.css" in head
    assert body.index("shell/_synthetic.html") < body.index("{% block page %}")


def without_banner() -> list[str]:
    """Classes of a body whose sheets of paper leave the banner out."""
    styles = "\n".join(path.read_text(encoding="utf-8") for path in STYLES.glob("*.css"))
    hiding = re.findall(r"([^{}]*\.synthetic[^{}]*)\{[^}]*display: none", styles)
    return sorted({name for each in hiding for name in re.findall(r"\.(printed-[a-z]+)", each)})


@pytest.mark.parametrize("name", without_banner())
def test_a_sheet_without_the_banner_bears_another_mark(name: str) -> None:
    pages = [path for path in TEMPLATES.rglob("*.html") if name in path.read_text(encoding="utf-8")]
    pages = [path for path in pages if path.relative_to(TEMPLATES).as_posix() not in WHOLE_PAGES]
    assert pages
    bare = [path.name for path in pages if not OWN_MARK.search(path.read_text(encoding="utf-8"))]
    assert bare == []


def test_the_banner_is_hidden_nowhere_else() -> None:
    """So that the test above has found every way in which it can be."""
    assert len(without_banner()) >= 5
    for path in STYLES.glob("*.css"):
        for rule in re.findall(r"([^{}]*\.synthetic[^{}]*)\{([^}]*)\}", path.read_text(encoding="utf-8")):
            assert "none" not in rule[1] or ".printed-" in rule[0], f"{path.name}: {rule[0]}"


def test_on_paper_the_mark_stands_at_the_head_of_every_sheet() -> None:
    style = (STYLES / "synthetic.css").read_text(encoding="utf-8")
    assert re.search(r"@page \{ @top-center \{ content: \"演示数据（合成）", style)


def test_pictures_of_simulated_years_say_so() -> None:
    pictures = sorted((ROOT / "docs" / "how-to" / "twin").glob("*.svg"))
    assert pictures
    assert [path.name for path in pictures if "模拟结果" not in path.read_text(encoding="utf-8")] == []
