"""Who is in, and what lets people in."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from playreel.front.access import Visit, read_expiry
from playreel.front.asked import Asked
from playreel.front.desk import Verb
from playreel.front.parts.part import Part
from playreel.front.roles import OWNER, REVIEWER, ROLES

if TYPE_CHECKING:
    from playreel.front.desk import Desk


class People(Part):
    """Verbs: me, people, invite, revoke, cut."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.access = desk.access
        self.verbs = {
            "me": Verb(run=self.me, role=REVIEWER, words="look at the project"),
            "people": Verb(run=self.people, role=OWNER, words="see who is in"),
            "invite": Verb(run=self.invite, role=OWNER, words="invite"),
            "revoke": Verb(run=self.revoke, role=OWNER, words="take passes back"),
            "cut": Verb(run=self.cut, role=OWNER, words="cut visitors off"),
        }

    def me(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Who the visitor is, and what may be done."""
        may = [
            name
            for name, verb in self.desk.verbs.items()
            if ROLES.index(visit.role) >= ROLES.index(verb.role)
        ]
        return {
            "visit": visit.id,
            "name": visit.name,
            "role": visit.role,
            "expires": visit.expires,
            "project": self.studio.path.resolve().name,
            "may": may,
        }

    def people(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Passes and visits, and what disk the project takes."""
        disk = self.studio.disk
        return {
            "now": time.time(),
            "passes": [{**asdict(entry), "state": entry.state} for entry in self.access.passes()],
            "visits": [
                {**asdict(entry), "in": entry.is_in, "me": entry.id == visit.id}
                for entry in self.access.visits()
            ],
            "disk": {"total": disk.total, "budget": disk.budget, "free": disk.free},
        }

    def invite(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """A new invitation; its token is told this once."""
        made, token = self.access.invite(
            asked.text("role", limit=20),
            expires_s=read_expiry(asked.text("expires", "24h", limit=12)),
            once=asked.flag("once", False),
            label=asked.text("label", "", limit=60),
        )
        return {"pass": asdict(made), "token": token}

    def revoke(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Takes a pass back."""
        found = self.access.revoke(asked.name("id"))
        return {**asdict(found), "state": found.state}

    def cut(self, visit: Visit, asked: Asked) -> dict[str, Any]:
        """Ends a visit at once."""
        return asdict(self.access.cut_off(asked.name("id")))
