"""Passwords, kept as salted scrypt hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from playreel.errors import InputError

MIN_LENGTH, MAX_LENGTH = 10, 200
_COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 << 20}  # 16 MiB and some 50 ms
_WORDS = 4
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is easily misread


def new_password() -> str:
    """A password that can be read out on the telephone, of 79 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(_WORDS))


def hash_password(password: str) -> str:
    """What is kept of a password.

    Raises:
        InputError: too short or too long.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InputError(
            f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters; this has {len(password)}."
        )
    salt = secrets.token_bytes(16)
    return f"scrypt${_text(salt)}${_text(_derive(password, salt))}"


def is_password(password: str, kept: str) -> bool:
    """Whether ``kept`` is the hash of ``password``."""
    try:
        name, salt, digest = kept.split("$")
        if name != "scrypt" or len(password) > MAX_LENGTH:
            return False
        expected = base64.b64decode(digest)
        return hmac.compare_digest(_derive(password, base64.b64decode(salt)), expected)
    except ValueError:
        return False


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, dklen=32, **_COST)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
