"""The command that shares a project: share."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.cli.options import Commands, add_command, add_weights, project_of
from playreel.cli.output import Report
from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.studio import Studio

ROLES = ("reviewer", "player", "editor", "owner")
ACTIONS = ("serve", "invite", "password", "passes", "revoke", "visits", "cut", "page", "merge")


def register(commands: Commands) -> None:
    """Adds the command of this group."""
    share = add_command(
        commands, "share", _share, "open a project to a team in the browser (extra: gradio)"
    )
    share.add_argument("folder", nargs="?", metavar="PROJECT", help="the same as --project")
    share.add_argument(
        "action",
        nargs="?",
        default="serve",
        choices=ACTIONS,
        help="serve until Ctrl-C; invite or password make a pass that outlives the server; passes "
        "and visits list; revoke a pass; cut a visit off; page writes an offline review page, merge adds "
        "the comments it saved",
    )
    share.add_argument("name", nargs="*", help="revoke, cut: the id; page, merge: the file")
    share.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for the network (127.0.0.1)")
    share.add_argument("--port", type=int, help="default: the first free one from 7860")
    share.add_argument(
        "--share", action="store_true", help="a public address by Gradio's tunnel, until Ctrl-C"
    )
    share.add_argument(
        "--invite",
        action="append",
        default=[],
        choices=ROLES,
        metavar="ROLE",
        help="serve: make and print an invitation that ends with the server",
    )
    share.add_argument(
        "--password",
        action="append",
        default=[],
        choices=ROLES,
        metavar="ROLE",
        help="serve: make and print a password that ends with the server",
    )
    share.add_argument("--role", choices=ROLES, help="invite, password: for whom")
    share.add_argument("--expires", default="24h", metavar="TIME", help="30m, 24h, 7d (24h)")
    share.add_argument("--once", action="store_true", help="invitations for one visitor each")
    share.add_argument("--label", default="", help="invite: whom it is for")
    add_weights(share)


def _share(args: argparse.Namespace) -> Report:
    if args.folder in ACTIONS and not Path(args.folder).is_dir():
        args.action, args.folder = args.folder, None
    if args.folder:
        args.project = args.folder
    folder = project_of(args)
    if not (folder / "project.json").is_file():
        raise InputError(f"{folder} is no project. Make one with: playreel still 'a fox'")
    from playreel.studio import Studio

    studio = Studio(folder, weights=args.weights)
    if args.action == "serve":
        return _serve(args, studio)
    return _ACTS[args.action](args, import_module("playreel.front").Access(studio.project.private))


def _expiry(args: argparse.Namespace) -> float:
    return float(import_module("playreel.front.access").read_expiry(args.expires))


# -- serving ---------------------------------------------------------------------------------------


def _serve(args: argparse.Namespace, studio: Studio) -> Report:
    import_module("playreel.front.gradio_app").check_extra()
    server = import_module("playreel.front.server")
    import_module("playreel.front.memory").keep_few_heaps()
    expires_s = _expiry(args)
    access = import_module("playreel.front").Access(studio.project.private)
    public = args.share or not server.is_loopback(args.host)
    if public and not (args.invite or args.password):
        server.check_public(access, studio)
    old = signal.signal(signal.SIGTERM, _interrupt)
    made = _Made(args, access, expires_s)
    share = None
    try:
        made.begin()
        share = server.Share(studio, host=args.host, port=args.port, tunnel=args.share)
        document = made.tell(share)
        share.wait()
    except KeyboardInterrupt:
        pass
    finally:
        made.end()
        if share is not None:
            share.close()
        signal.signal(signal.SIGTERM, old)
    return Report(lines=["Closed. Nobody is in any more."], document={**document, "closed": True})


class _Made:
    """Passes made for one run of the server: printed once, ended with it."""

    def __init__(self, args: argparse.Namespace, access: Any, expires_s: float) -> None:
        self.args, self.access, self.expires_s = args, access, expires_s
        self.passes: list[Any] = []
        self.tokens: list[tuple[str, str]] = []
        self.passwords: list[tuple[str, str]] = []

    def begin(self) -> None:
        new_password = import_module("playreel.front.passwords").new_password
        for role in self.args.invite:
            made, token = self.access.invite(
                role, expires_s=self.expires_s, once=self.args.once, label=self.args.label
            )
            self.passes.append(made)
            self.tokens.append((role, token))
        for role in self.args.password:
            password = new_password()
            self.passes.append(self.access.set_password(role, password, expires_s=self.expires_s))
            self.passwords.append((role, password))

    def tell(self, share: Any) -> dict[str, Any]:
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + self.expires_s))
        links = [(role, f"{share.url}/enter#{token}") for role, token in self.tokens]
        lines = [f"{share.studio.path} is shared at {share.url}"]
        lines += [f"  {role}: {link}" for role, link in links]
        lines += [f"  {role}: password {password}" for role, password in self.passwords]
        if links or self.passwords:
            lines.append(f"  good until {until}, or until the server ends; not shown again")
        lines.append(f"  you (owner, one time): {share.owner_link}")
        lines.append("Ctrl-C closes it.")
        document = {"url": share.url, "port": share.port, "project": str(share.studio.path)}
        if self.args.json:
            told = {
                **document,
                "owner": share.owner_link,
                "links": [{"role": role, "link": link} for role, link in links],
                "passwords": [{"role": r, "password": p} for r, p in self.passwords],
                "expires_s": self.expires_s,
            }
            print(json.dumps(told), flush=True)
        for line in lines:
            print(line, file=sys.stderr if self.args.json else sys.stdout, flush=True)
        return document

    def end(self) -> None:
        for entry in self.passes:
            self.access.revoke(entry.id)


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt


# -- passes ----------------------------------------------------------------------------------------


def _invite(args: argparse.Namespace, access: Any) -> Report:
    role = _role(args)
    made, token = access.invite(role, expires_s=_expiry(args), once=args.once, label=args.label)
    where = f"/enter#{token}"
    return Report(
        lines=[
            f"invitation {made.id} for {role}{', one time' if made.once else ''}, {_until(made)}",
            f"  put the share's address before it: {where}",
        ],
        document={
            "id": made.id,
            "role": role,
            "token": token,
            "path": where,
            "expires": made.expires,
        },
    )


def _password(args: argparse.Namespace, access: Any) -> Report:
    role = _role(args)
    given = os.environ.get("PLAYREEL_SHARE_PASSWORD")
    if given is None and sys.stdin.isatty():
        given = getpass.getpass(f"Password for {role} (empty: make one): ")
    password = given or import_module("playreel.front.passwords").new_password()
    made = access.set_password(role, password, expires_s=_expiry(args))
    shown = "" if given else f": {password}"
    document = {"id": made.id, "role": role, "expires": made.expires}
    return Report(
        lines=[f"password {made.id} for {role}, {_until(made)}{shown}"],
        document=document if given else {**document, "password": password},
    )


def _passes(args: argparse.Namespace, access: Any) -> Report:
    passes = access.passes()
    return Report(
        lines=[
            f"{p.id}  {p.kind:8s} {p.role:8s} {p.state:8s} {_until(p)}  {p.label}".rstrip()
            for p in passes
        ]
        or ["No passes: make one with playreel share PROJECT invite --role reviewer"],
        document={"passes": [{**vars(p), "state": p.state} for p in passes]},
    )


def _visits(args: argparse.Namespace, access: Any) -> Report:
    visits = access.visits()
    return Report(
        lines=[
            f"{v.id}  {v.role:8s} {'in ' if v.is_in else 'out'}  {v.name}  (pass {v.pass_id})"
            for v in visits
        ]
        or ["Nobody came in."],
        document={"visits": [{**vars(v), "in": v.is_in} for v in visits]},
    )


def _revoke(args: argparse.Namespace, access: Any) -> Report:
    done = [access.revoke(name) for name in _names(args)]
    return Report(
        lines=[f"{p.kind} {p.id} for {p.role} opens nothing any more" for p in done],
        document={"revoked": [p.id for p in done]},
    )


def _cut(args: argparse.Namespace, access: Any) -> Report:
    done = [access.cut_off(name) for name in _names(args)]
    return Report(
        lines=[f"{v.name} ({v.role}) is out" for v in done], document={"cut": [v.id for v in done]}
    )


def _page(args: argparse.Namespace, access: Any) -> Report:
    from playreel.media.atomic import write_bytes

    path = Path(args.name[0] if args.name else "review.html")
    page = import_module("playreel.front.offline").review_page(_studio(args))
    write_bytes(path, page)
    return Report(
        lines=[f"{path}  {len(page) / 1e6:.1f} MB, works without a network"],
        document={"path": str(path), "bytes": len(page)},
    )


def _merge(args: argparse.Namespace, access: Any) -> Report:
    from playreel.project import read_comments

    reviews = _studio(args).reviews
    added = {name: reviews.merge(read_comments(Path(name))) for name in _names(args)}
    return Report(
        lines=[f"{name}: {count} new" for name, count in added.items()],
        document={"added": added, "comments": len(reviews)},
    )


def _studio(args: argparse.Namespace) -> Studio:
    from playreel.studio import Studio

    return Studio(project_of(args), weights=args.weights)


def _role(args: argparse.Namespace) -> str:
    if args.role is None:
        raise InputError(f"Say for whom: --role {', '.join(ROLES[:-1])} or {ROLES[-1]}.")
    return str(args.role)


def _names(args: argparse.Namespace) -> list[str]:
    if not args.name:
        raise InputError(f"Say which: playreel share PROJECT {args.action} ID.")
    return list(args.name)


def _until(entry: Any) -> str:
    return "until " + time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.expires))


_ACTS = {
    "invite": _invite,
    "password": _password,
    "passes": _passes,
    "visits": _visits,
    "revoke": _revoke,
    "cut": _cut,
    "page": _page,
    "merge": _merge,
}
