"""Who may do what on a shared project."""

from __future__ import annotations

from playreel.errors import InputError
from playreel.front.errors import NotAllowedError

REVIEWER, PLAYER, EDITOR, OWNER = ROLES = ("reviewer", "player", "editor", "owner")

MEANING = {
    REVIEWER: "looks, comments, draws on frames, resolves and approves",
    PLAYER: "reviews, and plays worlds and captures takes",
    EDITOR: "plays, and makes takes, edits the board and exports films",
    OWNER: "edits, and invites, sees who is in, cuts off, and cancels any job",
}


def checked_role(name: str) -> str:
    """A role's name.

    Raises:
        InputError: there is no such role.
    """
    role = name.strip().lower()
    if role not in ROLES:
        raise InputError(f"{name!r:.40} is no role. Roles: {', '.join(ROLES)}.")
    return role


def covers(role: str, needed: str) -> bool:
    """Whether ``role`` may do what ``needed`` may: each role includes those before it."""
    return ROLES.index(role) >= ROLES.index(needed)


def require(role: str, needed: str, verb: str) -> None:
    """Lets pass who may.

    Raises:
        NotAllowedError: the role does not cover it.
    """
    if not covers(role, needed):
        raise NotAllowedError(
            f"A {role} cannot {verb}: it takes the role {needed}. Ask the project's owner for an "
            f"invitation as {needed}."
        )
