"""The command that plays a world."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.cli.options import (
    SIZES,
    Commands,
    add_command,
    add_out,
    add_weights,
    open_studio,
    report_take,
)
from playreel.cli.output import Report
from playreel.errors import InputError

if TYPE_CHECKING:
    from playreel.studio import Studio, StudioWorld


def register(commands: Commands) -> None:
    """Adds the command."""
    play = add_command(commands, "play", _play, "play a world with a script of buttons")
    play.add_argument("script", nargs="?", help="such as 'right*8 jump right*4'; see --buttons")
    play.add_argument("--start", metavar="TAKE", help="play from this still or take, or 'last'")
    play.add_argument("--prompt", help="instead: play what these words show")
    play.add_argument("--sketch", metavar="FILE", help="instead or besides: a line drawing")
    play.add_argument("--image", metavar="FILE", help="instead or besides: a picture or photo")
    play.add_argument("--session", metavar="NAME", help="go on with a session, or 'last'")
    play.add_argument("--size", choices=SIZES, default="16:9", help="aspect of a still to be made")
    play.add_argument("--seed", type=int, help="another seed, another world")
    play.add_argument("--rewind", type=int, metavar="N", help="first go back N frames")
    play.add_argument("--auto", metavar="POLICY", help="random-held, runner or explore")
    play.add_argument("--frames", type=int, default=48, metavar="N", help="length of --auto (48)")
    play.add_argument("--capture", metavar="A:B", help="frames to keep (default: what was played)")
    play.add_argument("--preview", action="store_true", help="show what each button would do")
    play.add_argument("--buttons", action="store_true", help="list the buttons and stop")
    add_weights(play)
    add_out(play)


def _play(args: argparse.Namespace) -> Report:
    studio = open_studio(args)
    if args.buttons:
        buttons = list(studio.bundle.world.buttons)
        return Report(lines=["  ".join(buttons)], document={"buttons": buttons})
    if not (args.script or args.auto or args.preview or args.capture):
        raise InputError(
            "Nothing to play: give a script such as 'right*8 jump', or --auto runner. "
            "See the buttons with: playreel play --buttons"
        )
    world = _world(studio, args)
    if args.rewind:
        world.rewind(args.rewind)
    first = world.cursor
    if args.script:
        world.play(args.script)
    if args.auto:
        world.autoplay(args.auto, args.frames, seed=world.seed % 2**32)
    lines, document = _preview(studio, world) if args.preview else ([], {})
    start, stop = _range(args.capture, first, world.cursor + 1)
    session = world.session.header.session_id
    document |= {"session": session, "cursor": world.cursor, "buttons": list(world.actions)}
    lines.insert(0, f"session {session}  at frame {world.cursor}")
    lines.insert(1, f"  {studio.session_path(session)}")
    if stop - start < 2 and not args.capture:
        return Report(lines=lines, document=document)
    report = report_take(studio, world.capture(start, stop), args)
    return Report(lines=lines + report.lines, document=document | report.document)


def _world(studio: Studio, args: argparse.Namespace) -> StudioWorld:
    given = [args.prompt, args.sketch, args.image, args.start]
    if args.session:
        if any(value is not None for value in given):
            raise InputError("--session goes on with a world; leave out where a new one starts.")
        return studio.open_world(args.session)
    return studio.world(
        args.start,
        prompt=args.prompt,
        sketch=args.sketch,
        image=args.image,
        size=args.size,
        seed=args.seed,
    )


def _preview(studio: Studio, world: StudioWorld) -> tuple[list[str], dict[str, Any]]:
    from playreel.media import contact_sheet
    from playreel.media.contact import SheetRow

    clips = world.preview()
    folder = studio.path / "previews"
    name = f"{world.session.header.session_id}-{world.node}.png"
    rows = [SheetRow(label=button, clip=clip) for button, clip in clips.items()]
    path = contact_sheet(rows, folder / name, title=f"What each button would do at {world.cursor}")
    return [f"preview of {len(clips)} buttons", f"  {path}"], {"preview": str(Path(path))}


def _range(text: str | None, start: int, stop: int) -> tuple[int, int]:
    if text is None:
        return start, stop
    first, colon, last = text.partition(":")
    try:
        if colon:
            return int(first or 0), int(last) if last else stop
    except ValueError:
        pass
    raise InputError(f"--capture takes two frame numbers such as 0:24, not {text[:40]!r}.")
