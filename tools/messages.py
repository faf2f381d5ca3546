"""Is the English catalogue complete? Every sentence that code and templates mark for translation, found as
Django finds it but with Babel, so that no gettext programs are needed.

    python tools/messages.py            compare
    python tools/messages.py --write    add what is missing to the catalogue, empty, and drop what is unused
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tiercare"
CATALOGUE = SOURCE / "web" / "locale" / "en" / "LC_MESSAGES" / "django.po"
HEADER = "# English sentences of Tiercare; the Chinese ones stand in code and templates. `make messages` adds new ones."
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def marked() -> Catalog:
    """All sentences marked in the source, each with the places it stands in."""
    catalogue = Catalog(
        locale="en", domain="django", header_comment=HEADER, project="tiercare", version="", fuzzy=False
    )
    for path in sorted(
        (*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt"))
    ):
        for line, function, message in _sentences(path):
            context, singular, plural = _parts(function, message)
            if singular:
                catalogue.add(
                    (singular, plural) if plural else singular,
                    context=context,
                    locations=[(path.relative_to(ROOT).as_posix(), line)],
                )
    return catalogue


def _sentences(path: Path) -> Iterator[tuple[int, str, str | tuple[str | None, ...]]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into a stream of calls; its indentation means nothing and would stop Python's reader.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    found = extract_python(BytesIO(text.encode()), list(KEYWORDS), [], {"encoding": "utf-8"})
    for line, function, message, _ in found:
        if message is not None:  # a call with a variable instead of a sentence
            yield line, function, message


def _parts(function: str, message: str | tuple[str | None, ...]) -> tuple[str | None, str | None, str | None]:
    words = [message] if isinstance(message, str) else list(message)
    context = words.pop(0) if "pgettext" in function else None
    plural = words[1] if "ngettext" in function or "npgettext" in function else None
    return context, words[0], plural


def lacking(wanted: Catalog, have: Catalog) -> Iterator[str]:
    """One line for each sentence without a finished translation."""
    for message in wanted:
        if not message.id:
            continue
        singular = message.id[0] if isinstance(message.id, tuple) else message.id
        found = have.get(singular, message.context)
        translated = found.string if found else ""
        forms = translated if isinstance(translated, tuple) else (translated,)
        place = ":".join(str(part) for part in message.locations[0])
        if not all(forms):
            yield f"{place}: no English for {singular!r}"
        elif found and found.fuzzy:
            yield f"{place}: the English for {singular!r} is marked fuzzy"
        elif isinstance(message.id, tuple) != isinstance(translated, tuple):
            yield f"{place}: singular and plural do not match for {singular!r}"


def write(wanted: Catalog, have: Catalog) -> None:
    """The catalogue with every sentence once, translations kept, unused ones dropped."""
    for message in wanted:
        singular = message.id[0] if isinstance(message.id, tuple) else message.id
        found = have.get(singular, message.context) if singular else None
        if found and isinstance(found.string, tuple) == isinstance(message.id, tuple):
            message.string, message.flags = found.string, found.flags
    wanted.revision_date = wanted.creation_date = datetime(
        2019, 1, 1, tzinfo=UTC
    )  # no clock in a committed file
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, wanted, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)


def main() -> int:
    """Compare or write; 1 if a sentence has no English."""
    django.setup()
    wanted = marked()
    have = Catalog(locale="en")
    if CATALOGUE.exists():
        with CATALOGUE.open("rb") as file:
            have = read_po(file, locale="en")
    if "--write" in sys.argv[1:]:
        write(wanted, have)
        return 0
    found = list(lacking(wanted, have))
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
