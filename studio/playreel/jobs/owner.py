"""Who a job belongs to: a token that only its owner has, of which the queue keeps the hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from playreel.errors import InputError


def my_token() -> str:
    """The token of this user on this machine, made when first asked for.

    It lies in a file that only the user can read, so that every notebook and shell of one person
    is one owner. A front that serves several people gives each their own instead.
    """
    base = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("LOCALAPPDATA")
    folder = (Path(base) if base else Path.home() / ".config") / "playreel"
    file = folder / "owner"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            partial = folder / f".owner-{secrets.token_hex(4)}"
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(handle, secrets.token_hex(16).encode())
            os.close(handle)
            try:
                if not file.exists():
                    os.link(partial, file)  # fails where another process was first
            finally:
                partial.unlink()
        token = file.read_text(encoding="ascii").strip()
        if len(token) >= 16:
            return token
    return f"{os.name} {Path.home()}"  # no folder of one's own: everyone of this home is one


def owner_hash(token: str) -> str:
    """What the queue keeps of a token.

    Raises:
        InputError: too short to be a secret.
    """
    if not isinstance(token, str) or len(token) < 8:
        raise InputError(
            "An owner token needs at least 8 characters. Use secrets.token_hex(16), or leave it out."
        )
    return hashlib.sha256(f"playreel owner {token}".encode()).hexdigest()
