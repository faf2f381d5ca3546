"""Requirements of ASVS that nothing else shows: small things of passwords, sessions, browsers and cryptography."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from argon2 import Type
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.test import RequestFactory

from tiercare.apps.access.commands import invitations
from tiercare.apps.access.models import Account, SecondFactor
from tiercare.apps.access.models.sessions import SessionStore
from tiercare.apps.access.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, password_refusal
from tiercare.apps.access.rules.staff import RECOVERY_LENGTH, TOKEN_LENGTH
from tiercare.apps.ledger import queries as ledger
from tiercare.web.access.forms import ConfirmForm, PasswordForm, SignInForm
from tiercare.web.accounts.forms import AcceptForm

from .matrix import rows
from .world import World, answer_to, ask, taken_back

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tiercare"


@pytest.mark.security("S16")
def test_a_session_key_cannot_be_guessed(world: World) -> None:
    """V7.2.3: at least 128 bits, from the system's source of randomness."""
    keys = {SessionStore()._get_new_session_key() for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key) == 32 and set(key) <= set(string.ascii_lowercase + string.digits) for key in keys)
    assert 32 * 5 >= 128  # of 36 signs, each has more than five bits


@pytest.mark.security("S17")
def test_codes_on_paper_have_the_length_their_use_needs() -> None:
    """V6.4.1, V6.5.4: a slip's code has 128 bits and more, a recovery code more than 20."""
    assert TOKEN_LENGTH * 5 >= 128
    assert RECOVERY_LENGTH * 5 >= 20


@pytest.mark.security("S17")
@pytest.mark.parametrize(
    "password",
    [
        "nurupo gaxtu ledimi",
        "只用汉字写成的一句很长的话也行",
        "1q2w 3e4r 5t6z 7u8i",
        "x" * 63 + "ü",
        "\U0001f98a" * SHORTEST_PASSWORD,
    ],
)
def test_any_signs_and_any_length_up_to_the_end_make_a_password(password: str) -> None:
    """V6.2.5, V6.2.9: no rules of composition, and 64 characters fit."""
    assert LONGEST_PASSWORD >= 64
    assert password_refusal(password, username="wang.li", common=False) is None


@pytest.mark.security("S17")
@pytest.mark.parametrize("form", [SignInForm, PasswordForm, ConfirmForm, AcceptForm])
def test_every_field_of_a_password_is_masked_taken_as_it_is_and_left_to_password_managers(form: type) -> None:
    """V6.2.6, V6.2.7, V6.2.8."""
    fields = [field for name, field in form().fields.items() if name in ("password", "current", "again")]
    assert fields
    for field in fields:
        assert field.widget.input_type == "password"
        assert field.strip is False
        assert field.widget.attrs["autocomplete"] in ("current-password", "new-password")


@pytest.mark.security("S17")
def test_passwords_are_hashed_by_argon2id_and_nothing_else() -> None:
    """V11.4.2: at the cost that Django's release sets."""
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert get_hasher("argon2").params().type is Type.ID


@pytest.mark.security("S17")
def test_a_new_slip_does_not_take_the_second_factor_away(world: World) -> None:
    """V6.4.3: who forgot the password shows the second factor all the same."""
    operator, account = world.actor("operator@own"), world.ids["account"]
    with taken_back():
        SecondFactor.objects.create(
            account_id=account, secret_sealed=b"-", last_step=0, confirmed_at=ledger.now()
        )
        slip = invitations.invite_again(operator, account_id=Account.objects.get(pk=account).pk)
        invitations.accept(operator, token=slip.token, password="four unrelated green herons")
        assert SecondFactor.objects.filter(account_id=account, confirmed_at__isnull=False).exists()


@pytest.mark.security("S16")
@pytest.mark.parametrize(
    ("who", "door"),
    [("registrar@own", "/sign-out"), ("clinician@own", "/switch"), ("resident@own", "/me/sign-out")],
)
def test_when_a_session_ends_the_browser_forgets_what_it_stored(world: World, who: str, door: str) -> None:
    """V14.3.1."""
    with taken_back():
        answer = ask(world.people[who], "post", door)
        assert answer["Clear-Site-Data"] == '"storage"'
        assert "no-store" in answer["Cache-Control"]
        assert "Clear-Site-Data" not in ask(world.people["auditor@own"], "get", "/sessions").headers
        assert "Clear-Site-Data" not in answer_to(RequestFactory().get("/sign-in")).headers


def test_our_scripts_store_nothing_in_the_browser() -> None:
    """V14.3.3: neither our scripts nor the configuration of htmx keep data of pages. One exception: what is written and not
    saved yet lies sealed (AES-GCM, the key comes with the page) until it is saved, sent, or somebody signs out.
    """
    scripts = {
        path.name: path.read_text(encoding="utf-8") for path in (SOURCE / "web/static/tiercare").glob("*.js")
    }
    assert scripts
    stores = re.compile(r"localStorage|sessionStorage|indexedDB|caches\.|document\.cookie")
    # One lays aside and seals, the other clears with signing out.
    assert {name for name, text in scripts.items() if stores.search(text)} == {"kept.js", "tiercare.js"}
    kept = scripts["kept.js"]
    assert kept.count("setItem") == 1
    assert "crypto.subtle.encrypt" in kept[: kept.index("setItem")]
    assert "setItem" not in scripts["tiercare.js"]
    base = (SOURCE / "web/templates/shell/base.html").read_text(encoding="utf-8")
    assert '"historyCacheSize":0' in base


def test_no_broken_hash_and_no_block_mode_of_its_own_is_used() -> None:
    """V11.3.1, V11.3.2, V11.4.1: AES-GCM through one module; no MD5, no ECB or CBC."""
    wrong = re.compile(r"\bmd5\b|\bMD5\b|modes\.(ECB|CBC)|\bARC4\b|\bDES\b")
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if wrong.search(path.read_text(encoding="utf-8"))
    }
    assert found == set()
    sealing = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "ciphers" in path.read_text(encoding="utf-8")
    }
    assert sealing == {"kernel/secrecy.py"}


def test_no_address_takes_what_identifies_a_person() -> None:
    """V14.2.1: addresses hold ids and names of acts, kinds, steps and sending systems, of indicators, cards and fact tables;
    numbers, names and tokens travel in bodies."""
    parameters = {name for row in rows() for name in re.findall(r"[<{](?:\w+:)?(\w+)[>}]", row.address)}
    ids = {
        name
        for name in parameters
        if name.endswith("_id") or name in ("one", "other", "ward", "key", "row", "resident", "stay", "cover")
    }
    # The number of a referral's sheet is random and names nobody: it opens nothing without four signs of the document.
    evaluation = {"card", "indicator", "level", "panel", "region", "standard", "table", "topic"}
    assert parameters - ids == {
        *("act", "ground", "kind", "number", "source", "step", "what", "word"),
        *evaluation,
    }
