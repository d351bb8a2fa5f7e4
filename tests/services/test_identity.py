"""Signed identities: what verifies, what does not, and that there is no way round it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import time
import warnings
from typing import Any

import jwt
import pytest

from django_messenger.exceptions import IdentityInvalid, IdentityRequired
from django_messenger.models import Inbox
from django_messenger.services.identity import sign_identity, verify_identity
from tests.factories import make_inbox

pytestmark = pytest.mark.django_db

SECRET = "a" * 32
OLD_SECRET = "b" * 40


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox(
        identity_mode="optional", identity_secret=SECRET, identity_secret_previous=OLD_SECRET
    )


def claims(inbox: Inbox, **changes: Any) -> dict[str, Any]:
    """Claims that verify; a change to ``...`` leaves the claim out."""
    now = int(time.time())
    made = {"sub": "42", "aud": str(inbox.public_id), "iat": now, "exp": now + 600, **changes}
    return {name: value for name, value in made.items() if value is not ...}


def sign(payload: Any, secret: str = SECRET, **header: Any) -> str:
    """An HS256 token by hand: any payload and any header, which no library would sign."""

    def part(value: Any) -> str:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    text = f"{part({'typ': 'JWT', 'alg': 'HS256', **header})}.{part(payload)}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{part(signature)}"


def test_the_helper_signs_what_verifies(inbox: Inbox) -> None:
    token = sign_identity(inbox, external_id="42", name="Ann", email="a@example.com", phone="+1")
    identity = verify_identity(inbox, token)
    assert identity is not None
    assert (identity.external_id, identity.name) == ("42", "Ann")
    assert (identity.email, identity.phone) == ("a@example.com", "+1")
    assert verify_identity(inbox, sign(claims(inbox))) is not None


def test_attributes_cannot_overwrite_the_claims(inbox: Inbox) -> None:
    token = sign_identity(inbox, external_id="42", sub="1", exp="9999999999")
    identity = verify_identity(inbox, token)
    assert identity is not None
    assert identity.external_id == "42"
    assert jwt.decode(token, options={"verify_signature": False})["exp"] < time.time() + 601


@pytest.mark.parametrize("life", [0, -1, 86_401])
def test_the_helper_signs_for_a_day_at_most(inbox: Inbox, life: int) -> None:
    with pytest.raises(ValueError, match="24 hours"):
        sign_identity(inbox, external_id="42", life=life)


def test_the_helper_needs_a_secret() -> None:
    with pytest.raises(ValueError, match="secret"):
        sign_identity(make_inbox(), external_id="42")


def test_both_secrets_verify_while_one_takes_over_from_the_other(inbox: Inbox) -> None:
    for secret in (SECRET, OLD_SECRET):
        assert verify_identity(inbox, sign(claims(inbox), secret)) is not None
    inbox.identity_secret_previous = ""
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, sign(claims(inbox), OLD_SECRET))


@pytest.mark.parametrize(
    "secrets", [("", ""), ("", OLD_SECRET), (SECRET, "")], ids=["none", "previous", "current"]
)
def test_an_empty_secret_signs_nothing(inbox: Inbox, secrets: tuple[str, str]) -> None:
    inbox.identity_secret, inbox.identity_secret_previous = secrets
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, sign(claims(inbox), ""))


WRONG_CLAIMS = {
    "no exp": {"exp": ...},
    "no iat": {"iat": ...},
    "no aud": {"aud": ...},
    "no sub": {"sub": ...},
    "another inbox": {"aud": "00000000-0000-4000-8000-000000000000"},
    "aud is the name": {"aud": "Inbox"},
    "aud is a number": {"aud": 1},
    "aud is nothing": {"aud": None},
    "sub is a number": {"sub": 42},
    "sub is empty": {"sub": ""},
    "sub is a list": {"sub": ["42"]},
    "sub is endless": {"sub": "4" * 201},
    "sub with NUL": {"sub": "4\x002"},
    "sub with half a letter": {"sub": "4\ud800"},
    "name is a number": {"name": 1},
    "email is an object": {"email": {}},
    "phone with NUL": {"phone": "\x00"},
    "exp is no number": {"exp": "soon"},
    "exp is a text": {"exp": "9999999999"},
    "exp is an object": {"exp": {}},
    "exp is nothing": {"exp": None},
    "exp without end": {"exp": float("inf")},
    "exp is not a number": {"exp": float("nan")},
    "exp is huge": {"exp": 10**400},
    "iat is a text": {"iat": "1"},
    "iat is an object": {"iat": {}},
    "iat is nothing": {"iat": None},
    "iat is minus infinity": {"iat": float("-inf")},
    "nbf to come": {"nbf": 9_999_999_999},
    "nbf is an object": {"nbf": {}},
    "iss is an object": {"iss": {}},
    "jti is a number": {"jti": 1},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_wrong_claims(inbox: Inbox, wrong: dict[str, Any]) -> None:
    # jti and iss are no claims that we ask for; whatever they hold must at least do no harm.
    token = sign(claims(inbox, **wrong))
    if set(wrong) <= {"jti", "iss"}:
        with contextlib.suppress(IdentityInvalid):
            verify_identity(inbox, token)
        return
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, token)


@pytest.mark.parametrize(("ago", "verifies"), [(0, True), (50, True), (70, False), (86_400, False)])
def test_an_expired_identity_has_a_minute_of_grace(inbox: Inbox, ago: int, verifies: bool) -> None:
    now = int(time.time())
    token = sign(claims(inbox, iat=now - ago - 600, exp=now - ago))
    if verifies:
        assert verify_identity(inbox, token) is not None
    else:
        with pytest.raises(IdentityInvalid):
            verify_identity(inbox, token)


@pytest.mark.parametrize(("ahead", "verifies"), [(50, True), (70, False), (3600, False)])
def test_a_clock_may_be_a_minute_fast(inbox: Inbox, ahead: int, verifies: bool) -> None:
    now = int(time.time())
    token = sign(claims(inbox, iat=now + ahead, exp=now + ahead + 600))
    if verifies:
        assert verify_identity(inbox, token) is not None
    else:
        with pytest.raises(IdentityInvalid):
            verify_identity(inbox, token)


def test_nobody_is_vouched_for_longer_than_a_day(inbox: Inbox) -> None:
    now = int(time.time())
    day = 86_400
    assert verify_identity(inbox, sign(claims(inbox, iat=now, exp=now + day))) is not None
    for iat, exp in ((now, now + day + 1), (now - 2 * day, now + 60), (0, now + 60)):
        with pytest.raises(IdentityInvalid):
            verify_identity(inbox, sign(claims(inbox, iat=iat, exp=exp)))


# --- Forgeries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", "HS384", "RS256", "hs256"])
def test_only_hs256(inbox: Inbox, alg: str) -> None:
    signed = sign(claims(inbox), alg=alg)
    for token in (signed, signed.rpartition(".")[0] + ".", signed.rpartition(".")[0]):
        with pytest.raises(IdentityInvalid):
            verify_identity(inbox, token)


@pytest.mark.parametrize("alg", [None, 256, [], ["HS256"], {"HS256": 1}, True])
def test_an_algorithm_that_is_no_text(inbox: Inbox, alg: Any) -> None:
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, sign(claims(inbox), alg=alg))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_right_secret_with_another_algorithm(inbox: Inbox, algorithm: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyJWT says that the key is short for it
        token = jwt.encode(claims(inbox), SECRET, algorithm=algorithm)
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, token)


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["b64"], "b64": False},
        {"crit": ["exp"]},
        {"kid": 1},
        {"kid": "../../etc/passwd"},
        {"jwk": {"kty": "oct", "k": "eA"}},
        {"jku": "http://127.0.0.1:1/"},
    ],
)
def test_a_header_cannot_bring_its_own_key(inbox: Inbox, header: dict[str, Any]) -> None:
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, sign(claims(inbox), "x" * 32, **header))


def test_another_inboxs_identity_is_worth_nothing(inbox: Inbox) -> None:
    other = make_inbox(inbox.branch, identity_mode="optional", identity_secret="c" * 32)
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, sign_identity(other, external_id="42"))
    with pytest.raises(IdentityInvalid):  # even where a careless host uses one secret twice
        verify_identity(inbox, sign(claims(other)))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_changed_letter(inbox: Inbox, place: int) -> None:
    parts = sign(claims(inbox)).split(".")
    parts[place] = ("B" if parts[place][0] == "A" else "A") + parts[place][1:]
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, ".".join(parts))


GARBAGE = {
    "a word": "x",
    "dots": "..",
    "many dots": "." * 100,
    "letters of no alphabet": "é.è.à",
    "NUL": "\x00",
    "spaces": "  ",
    "an object": "{}",
    "a list for claims": [],
    "a text for claims": "42",
    "nothing for claims": None,
    "no JSON": b"\xff\xfe",
    "deep claims": b"[" * 5000,
    "deep objects": b'{"a":' * 5000,
    "a huge number": b'{"exp": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage(inbox: Inbox, garbage: Any) -> None:
    token = garbage if isinstance(garbage, str) and garbage != "42" else sign(garbage)
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, token)
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, f"{token}.{token}.{token}")


# --- Modes ----------------------------------------------------------------------------------------


def test_off_ignores_whatever_comes(inbox: Inbox) -> None:
    inbox.identity_mode = "off"
    for token in ("", "garbage", sign(claims(inbox))):
        assert verify_identity(inbox, token) is None


def test_optional_takes_nothing_but_a_good_one_or_none(inbox: Inbox) -> None:
    assert verify_identity(inbox, "") is None
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, "garbage")


def test_required_wants_one(inbox: Inbox) -> None:
    inbox.identity_mode = "required"
    with pytest.raises(IdentityRequired):
        verify_identity(inbox, "")
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox, "garbage")
    assert verify_identity(inbox, sign(claims(inbox))) is not None


def test_what_is_vouched_for_is_cleaned_and_cut(inbox: Inbox) -> None:
    said = {"name": " A\u202enn\n" + "x" * 300, "email": "e" * 300, "phone": "1" * 60}
    identity = verify_identity(inbox, sign(claims(inbox, **said)))
    assert identity is not None
    assert identity.name.startswith("Ann x")
    assert (len(identity.name), len(identity.email), len(identity.phone)) == (200, 254, 50)
