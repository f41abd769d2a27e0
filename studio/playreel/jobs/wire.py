"""Talking to the worker: one request and one answer a connection, on the loopback, both proven.

Each side proves that it knows the secret without showing it, so that a stranger who listens on the
port of a worker that is gone learns nothing, and one who connects can ask nothing.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
FILE = "worker.json"
MAX_LINE = 64 * 1024
TIMEOUT_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a worker listens; kept in a file that only its owner can read.

    Attributes:
        port: on the loopback.
        secret: 64 hexadecimal digits.
        pid: the worker.
    """

    port: int
    secret: str
    pid: int

    def save(self, folder: Path) -> None:
        """Writes the file, readable by this user alone from its first byte on."""
        partial = folder / f".{FILE}-{secrets.token_hex(4)}"
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({"port": self.port, "secret": self.secret, "pid": self.pid}, file)
        partial.replace(folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Address | None:
        """The address that is written there, or None; whether anyone listens is not said."""
        try:
            document = json.loads((folder / FILE).read_text(encoding="ascii"))
            port, secret, pid = document["port"], document["secret"], document["pid"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not (isinstance(port, int) and isinstance(secret, str) and isinstance(pid, int)):
            return None
        return cls(port=port, secret=secret, pid=pid) if 0 < port < 65536 else None


def ask(address: Address, request: dict[str, Any], *, timeout_s: float = TIMEOUT_S) -> Any:
    """Sends one request and returns its answer.

    Raises:
        OSError: nobody answers there, or somebody who is not the worker.
    """
    with socket.create_connection((HOST, address.port), timeout=timeout_s) as connection:
        connection.settimeout(timeout_s)
        file = connection.makefile("rwb")
        mine = secrets.token_hex(16)
        theirs = _read(file)["nonce"]
        _write(file, {"nonce": mine, "proof": _proof(address.secret, "client", theirs)})
        if not hmac.compare_digest(
            str(_read(file).get("proof")), _proof(address.secret, "worker", mine)
        ):
            raise ConnectionRefusedError("it is not the worker that listens there")
        _write(file, request)
        return _read(file)


def answer(connection: socket.socket, secret: str, reply: Any) -> None:
    """Serves one connection: ``reply`` is called with the request, if it comes from a friend.

    Raises:
        OSError: the other side is no friend, or went away.
    """
    connection.settimeout(TIMEOUT_S)
    file = connection.makefile("rwb")
    mine = secrets.token_hex(16)
    _write(file, {"nonce": mine})
    greeting = _read(file)
    if not hmac.compare_digest(str(greeting.get("proof")), _proof(secret, "client", mine)):
        raise ConnectionRefusedError("a stranger")
    _write(file, {"proof": _proof(secret, "worker", str(greeting.get("nonce")))})
    _write(file, reply(_read(file)))


def _proof(secret: str, side: str, nonce: str) -> str:
    return hmac.new(secret.encode(), f"{side} {nonce}".encode(), "sha256").hexdigest()


def _write(file: Any, document: Any) -> None:
    file.write(json.dumps(document).encode() + b"\n")
    file.flush()


def _read(file: Any) -> dict[str, Any]:
    line = file.readline(MAX_LINE)
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ConnectionAbortedError("the other side went away or does not speak the language")
    return document
