"""Who may enter: passwords and invitations by role, who came in with them, and who is out again.

Kept in the project's private folder, so that a restarted server knows the same passes and visits.
Of a password its hash is kept; an invitation is a signed name of its line here, and is kept nowhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playreel.errors import InputError, MissingExtraError, StorageError
from playreel.front.errors import SignedOutError
from playreel.front.passwords import hash_password, is_password
from playreel.front.roles import checked_role

FOLDER = "share"  # in the project's private folder
DAY_S = 86_400.0
MAX_EXPIRY_S = 366 * DAY_S
MAX_NAME = 60
NOW_S = 600.0  # to open a link that a notebook shows
PASSWORD, INVITE = "password", "invite"

_UNITS = {"m": 60.0, "h": 3600.0, "d": DAY_S}
_TABLES = """
CREATE TABLE IF NOT EXISTS passes (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, role TEXT NOT NULL, label TEXT NOT NULL,
    hash TEXT NOT NULL, once INTEGER NOT NULL, created REAL NOT NULL, expires REAL NOT NULL,
    used REAL, revoked REAL
);
CREATE TABLE IF NOT EXISTS visits (
    id TEXT PRIMARY KEY, pass TEXT NOT NULL REFERENCES passes (id), name TEXT NOT NULL,
    begun REAL NOT NULL, seen REAL NOT NULL, cut REAL
);
"""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """A password or an invitation.

    Attributes:
        id: names it; no secret.
        kind: ``"password"`` or ``"invite"``.
        role: what who enters with it may do.
        label: the owner's word for it, such as whom it is for.
        once: whether it lets in one visitor only.
        created: seconds since 1970.
        expires: nobody enters with it or stays in after that.
        used: when somebody first entered with it, or None.
        revoked: when the owner took it back, or None.
    """

    id: str
    kind: str
    role: str
    label: str
    once: bool
    created: float
    expires: float
    used: float | None
    revoked: float | None

    @property
    def state(self) -> str:
        """``open``, ``used``, ``expired`` or ``revoked``."""
        if self.revoked is not None:
            return "revoked"
        if time.time() >= self.expires:
            return "expired"
        return "used" if self.once and self.used is not None else "open"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Somebody who came in.

    Attributes:
        id: names the visit; no secret.
        name: what the visitor calls himself.
        role: what he may do.
        pass_id: what he entered with.
        begun: seconds since 1970.
        seen: when he last asked for something.
        expires: when he is out.
        cut: when the owner cut him off, or None.
        revoked: when the pass was taken back, or None.
    """

    id: str
    name: str
    role: str
    pass_id: str
    begun: float
    seen: float
    expires: float
    cut: float | None = None
    revoked: float | None = None

    @property
    def is_in(self) -> bool:
        """Whether it still counts."""
        return self.cut is None and self.revoked is None and time.time() < self.expires


class Access:
    """The door of one project.

    Args:
        private: the project's private folder.
    """

    def __init__(self, private: Path) -> None:
        self.folder = Path(private) / FOLDER
        self._file = self.folder / "access.sqlite"
        self._lock = threading.Lock()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._key = _key(self.folder / "key")
            with self._write() as db:
                db.executescript(_TABLES)
            self._file.chmod(0o600)
        except OSError as error:
            raise StorageError(f"Cannot keep passes in {self.folder}: {error.strerror}.") from error

    @property
    def cookie(self) -> str:
        """Name of the cookie: its own for each project, since ports share a host's cookies."""
        name = hmac.new(self._key, b"cookie", hashlib.sha256).hexdigest()
        return f"playreel_{name[:12]}"

    # -- passes ----------------------------------------------------------------------------------

    def set_password(
        self, role: str, password: str, *, expires_s: float = DAY_S, label: str = ""
    ) -> Pass:
        """Sets the password of a role; one that it had lets nobody in any more.

        Raises:
            InputError: an unknown role, or a password that is too short.
        """
        role, hashed = checked_role(role), hash_password(password)
        with self._write() as db:
            db.execute(
                "UPDATE passes SET revoked = ? WHERE kind = ? AND role = ? AND revoked IS NULL",
                (time.time(), PASSWORD, role),
            )
        return self._add(PASSWORD, role, label, expires_s, hashed=hashed)

    def invite(
        self, role: str, *, expires_s: float = DAY_S, once: bool = False, label: str = ""
    ) -> tuple[Pass, str]:
        """A new invitation, and the token to hand out; it is shown this once and kept nowhere.

        Raises:
            InputError: an unknown role, or an expiry that is none.
        """
        made = self._add(INVITE, checked_role(role), label, expires_s, once=once)
        return made, self._sign("invite", made.id)

    def for_now(self, made: Pass) -> str:
        """A token of an invitation that must be opened within `NOW_S`: it may lie about later."""
        return self._sign("now", f"{made.id}{int(time.time()):08x}")

    def _invited(self, token: str) -> tuple[str | None, bool]:
        """What invitation a token is of, and whether it is not too late for it."""
        name = self._unsign("now", token)
        if name is None:
            return self._unsign("invite", token), True
        return name[:-8], time.time() - int(name[-8:], 16) <= NOW_S

    def _add(
        self,
        kind: str,
        role: str,
        label: str,
        expires_s: float,
        *,
        hashed: str = "",
        once: bool = False,
    ) -> Pass:
        if not 1 <= expires_s <= MAX_EXPIRY_S:
            raise InputError(f"A pass holds from a second to 366 days, not {expires_s} s.")
        now, name = time.time(), secrets.token_hex(4)
        with self._write() as db:
            db.execute(
                "INSERT INTO passes VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                (name, kind, role, plain_name(label), hashed, once, now, now + expires_s),
            )
        return self.find(name)

    def passes(self) -> list[Pass]:
        """All of them, the latest first."""
        with self._read() as db:
            rows = db.execute("SELECT * FROM passes ORDER BY created DESC, id").fetchall()
        return [_pass(row) for row in rows]

    def find(self, pass_id: str) -> Pass:
        """The pass of that name, or of its first digits.

        Raises:
            InputError: none, or more than one, goes by that name.
        """
        with self._read() as db:
            rows = db.execute(
                "SELECT * FROM passes WHERE substr(id, 1, ?) = ?", (len(pass_id), pass_id)
            ).fetchall()
        if len(rows) != 1 or len(pass_id) < 3:
            raise InputError(
                f"{pass_id!r:.40} names {len(rows)} passes. List them with: playreel share PROJECT "
                "passes"
            )
        return _pass(rows[0])

    def revoke(self, pass_id: str) -> Pass:
        """Takes a pass back: nobody enters with it, and who came in with it is out at once."""
        found = self.find(pass_id)
        with self._write() as db:
            db.execute(
                "UPDATE passes SET revoked = ? WHERE id = ? AND revoked IS NULL",
                (time.time(), found.id),
            )
        return self.find(found.id)

    @property
    def has_open_pass(self) -> bool:
        """Whether anybody could enter."""
        return any(entry.state == "open" for entry in self.passes())

    # -- visits ----------------------------------------------------------------------------------

    def enter_with_password(self, password: str, name: str) -> Visit:
        """Lets in who knows the password of a role.

        Raises:
            SignedOutError: it is none that holds.
        """
        with self._read() as db:
            rows = db.execute(
                "SELECT * FROM passes WHERE kind = ? AND revoked IS NULL AND expires > ?",
                (PASSWORD, time.time()),
            ).fetchall()
        for row in rows:
            if is_password(password, row["hash"]):
                return self._enter(_pass(row), name)
        raise SignedOutError(
            "This password does not open the project, or no longer does. Ask the owner for another."
        )

    def enter_with_invite(self, token: str, name: str) -> Visit:
        """Lets in who was invited.

        Raises:
            SignedOutError: a token that was not given here, or one that no longer holds.
        """
        pass_id, in_time = self._invited(token)
        if not in_time:
            raise SignedOutError("This link had to be opened at once. Ask for another.")
        try:
            entry = self.find(pass_id or "?")
        except InputError:
            raise SignedOutError(
                "This invitation was not given for this project. Ask the owner for another."
            ) from None
        if entry.state != "open":
            why = {
                "used": "It was for one time, and that was used.",
                "expired": "It has expired.",
                "revoked": "The owner took it back.",
            }[entry.state]
            raise SignedOutError(f"This invitation does not open any more. {why} Ask for another.")
        return self._enter(entry, name)

    def is_back(self, visit: Visit, token: str, name: str) -> bool:
        """Whether who is in opened the same invitation again, rather than somebody else."""
        pass_id, _ = self._invited(token)
        if pass_id is None or pass_id != visit.pass_id:
            return False
        return self.find(pass_id).once or plain_name(name) in ("", visit.name)

    def _enter(self, entry: Pass, name: str) -> Visit:
        now, visit = time.time(), secrets.token_hex(8)
        with self._write() as db:
            taken = db.execute(
                "UPDATE passes SET used = coalesce(used, ?) WHERE id = ? AND revoked IS NULL AND "
                "(used IS NULL OR NOT once)",
                (now, entry.id),
            ).rowcount
            if taken != 1:
                raise SignedOutError("This invitation was for one time, and that was used.")
            db.execute(
                "INSERT INTO visits VALUES (?, ?, ?, ?, ?, NULL)",
                (visit, entry.id, plain_name(name) or entry.label or entry.role, now, now),
            )
        return self._visit(visit)

    def token(self, visit: Visit) -> str:
        """What a browser or a program shows to be known again."""
        return self._sign("visit", visit.id)

    def visit_of(self, token: str) -> Visit:
        """Who shows this token, if he is still in.

        Raises:
            SignedOutError: nobody who is in.
        """
        visit_id = self._unsign("visit", token)
        if visit_id is None:
            raise SignedOutError("You are not in yet. Enter with your invitation or a password.")
        visit = self._visit(visit_id)
        if not visit.is_in:
            why = "was ended by the owner" if visit.cut or visit.revoked else "has expired"
            raise SignedOutError(f"Your access {why}. Ask for another invitation.")
        now = time.time()
        if now - visit.seen > 5:
            with contextlib.suppress(StorageError), self._write() as db:
                db.execute("UPDATE visits SET seen = ? WHERE id = ?", (now, visit.id))
        return visit

    def visits(self) -> list[Visit]:
        """Who came in and has not expired, the latest first."""
        with self._read() as db:
            rows = db.execute(
                f"{_VISITS} WHERE passes.expires > ? ORDER BY begun DESC LIMIT 500", (time.time(),)
            ).fetchall()
        return [Visit(**dict(row)) for row in rows]

    def cut_off(self, visit_id: str) -> Visit:
        """Ends a visit; the pass still lets others in.

        Raises:
            InputError: there is no such visit.
        """
        try:
            visit = self._visit(visit_id)
        except SignedOutError:
            raise InputError(f"There is no visit {visit_id!r:.40}.") from None
        with self._write() as db:
            db.execute(
                "UPDATE visits SET cut = ? WHERE id = ? AND cut IS NULL", (time.time(), visit.id)
            )
        return self._visit(visit.id)

    def job_token(self, visit: Visit) -> str:
        """The secret that says whose jobs these are; the same after a restart."""
        return hmac.new(self._key, f"jobs {visit.id}".encode(), hashlib.sha256).hexdigest()

    def _visit(self, visit_id: str) -> Visit:
        with self._read() as db:
            row = db.execute(f"{_VISITS} WHERE visits.id = ?", (visit_id,)).fetchone()
        if row is None:
            raise SignedOutError("There is no such visit.")
        return Visit(**dict(row))

    # -- signing and storing ---------------------------------------------------------------------

    def _sign(self, purpose: str, name: str) -> str:
        return str(_signer(self._key, purpose).dumps(name))

    def _unsign(self, purpose: str, token: str) -> str | None:
        from itsdangerous import BadData

        if not isinstance(token, str) or not 10 <= len(token) <= 400:
            return None
        try:
            name = _signer(self._key, purpose).loads(token)
        except (BadData, ValueError, RecursionError):
            return None
        return name if isinstance(name, str) and re.fullmatch(r"[0-9a-f]{8,32}", name) else None

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(sqlite3.connect(self._file, timeout=10)) as db:
                db.row_factory = sqlite3.Row
                yield db
        except sqlite3.Error as error:
            raise StorageError(f"Cannot read {self._file}: {error}.") from error

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._read() as db, db:
            yield db


_VISITS = """
SELECT visits.id, name, role, pass AS pass_id, begun, seen, expires, cut, revoked
FROM visits JOIN passes ON passes.id = visits.pass
"""


def read_expiry(text: str) -> float:
    """Seconds from a text such as ``"30m"``, ``"24h"`` or ``"7d"``.

    Raises:
        InputError: no such text.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([mhd])\s*", text.lower())
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 1 <= seconds <= MAX_EXPIRY_S:
        raise InputError(f"An expiry is such as 30m, 24h or 7d, up to 366d, not {text!r:.40}.")
    return seconds


def plain_name(text: str) -> str:
    """A name as it is shown: one line, without control characters, at most 60 characters."""
    words = "".join(sign if sign.isprintable() else " " for sign in str(text)[:400])
    return " ".join(words.split())[:MAX_NAME]


def _pass(row: sqlite3.Row) -> Pass:
    values = {name: row[name] for name in row.keys() if name != "hash"}  # noqa: SIM118 - no mapping
    return Pass(**{**values, "once": bool(values["once"])})


def _signer(key: bytes, purpose: str) -> Any:
    try:
        from itsdangerous import URLSafeSerializer
    except ImportError:
        raise MissingExtraError(
            "Invitations need the extra 'gradio'. Install it with: pip install 'playreel[gradio]'"
        ) from None
    return URLSafeSerializer(key, salt=f"playreel {purpose}")


def _key(path: Path) -> bytes:
    """The key that signs, made when first needed; only the user can read it."""
    if not path.exists():
        partial = path.with_name(f".key-{secrets.token_hex(4)}")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(32))
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(partial, path)
        finally:
            partial.unlink()
    key = path.read_bytes()
    if len(key) < 32:
        raise StorageError(f"{path} is damaged. Remove it: links that were given out then end.")
    return key
