"""Commands that make stills and takes: still, shoot, animate, extend, bridge, loop, restyle, inpaint."""

from __future__ import annotations

import argparse
from typing import Any

from playreel.cli.options import (
    Commands,
    add_command,
    add_expanding,
    add_queue,
    add_sampling,
    make,
    sampling,
)
from playreel.cli.output import Report
from playreel.errors import InputError

TAKE = "a take's first digits, 'last', or a path"
SIZE = "16:9, 9:16 or 1:1; with --engine also pixels such as 1280x720"
PICTURE = "a picture: path, take or 'last'"


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    still = add_command(commands, "still", _still, "make a picture from words, a sketch or a photo")
    still.add_argument("prompt", nargs="?", help="what to show, English or Chinese")
    still.add_argument("--sketch", metavar="FILE", help="a line drawing")
    still.add_argument("--image", metavar="FILE", help="a picture to start from")
    still.add_argument("--hero", metavar="FILE", help="a picture whose hero is in this one too")
    still.add_argument("--strength", type=float, default=0.6, help="with --image: 0 keeps it")
    still.add_argument("--size", default="16:9", help="16:9, 9:16, 1:1, or pixels up to 2048x2048")
    add_expanding(still)
    add_sampling(still)
    add_queue(still)

    shoot = add_command(commands, "shoot", _shoot, "make a take from words")
    shoot.add_argument("prompt", help="what happens; timed parts as [0s-2s: ...]")
    _length(shoot, 2.0)
    shoot.add_argument("--size", default="16:9", help=SIZE)
    shoot.add_argument(
        "--sketch",
        metavar="SECOND=FILE",
        action="append",
        default=[],
        help="a drawing to be seen at that second; may be given several times",
    )
    shoot.add_argument(
        "--keyframe",
        metavar="SECOND=FILE",
        action="append",
        default=[],
        help="a picture that is seen at that second; may be given several times",
    )
    add_expanding(shoot)
    add_sampling(shoot)
    add_queue(shoot)

    animate = add_command(commands, "animate", _animate, "set a picture in motion")
    animate.add_argument("picture", help=PICTURE)
    animate.add_argument("prompt", nargs="?", help="what happens; default: the still's own prompt")
    _length(animate, 2.0)
    animate.add_argument("--size", help=f"another than the picture's: {SIZE}")
    add_sampling(animate)
    add_queue(animate)

    extend = add_command(commands, "extend", _extend, "go on before or after a take")
    extend.add_argument("take", help=TAKE)
    extend.add_argument("--direction", choices=("forward", "backward"), default="forward")
    extend.add_argument("--prompt", help="what happens there; default: the take's own prompt")
    _length(extend, 2.0)
    _joint(extend)
    add_sampling(extend)
    add_queue(extend)

    bridge = add_command(commands, "bridge", _bridge, "lead from one take to another")
    bridge.add_argument("first", help=TAKE)
    bridge.add_argument("last", help=TAKE)
    bridge.add_argument("--prompt", help="what happens in between; default: the takes' own")
    _length(bridge, 1.0)
    _joint(bridge)
    add_sampling(bridge)
    add_queue(bridge)

    loop = add_command(commands, "loop", _loop, "lead a take back to its own start")
    loop.add_argument("take", help=TAKE)
    loop.add_argument("--prompt", help="what happens in the new part; default: the take's own")
    _length(loop, 1.0)
    _joint(loop)
    add_sampling(loop)
    add_queue(loop)

    restyle = add_command(commands, "restyle", _restyle, "show the same motion in another style")
    restyle.add_argument("take", help=TAKE)
    restyle.add_argument("prompt", help="the style, such as 'ink wash'")
    restyle.add_argument("--strength", type=float, default=0.6, help="0 keeps all, 1 nothing")
    restyle.add_argument("--free-lines", action="store_true", help="do not hold on to outlines")
    add_sampling(restyle)
    add_queue(restyle)

    inpaint = add_command(commands, "inpaint", _inpaint, "put something else into a part of a take")
    inpaint.add_argument("take", help=TAKE)
    inpaint.add_argument("prompt", help="what is to be seen there")
    where = inpaint.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--region", metavar="L,T,R,B", help="left, top, right, bottom as shares: 0.5,0.2,0.9,0.8"
    )
    where.add_argument("--mask", metavar="FILE", help="a picture, light where it is to be new")
    add_sampling(inpaint)
    add_queue(inpaint)


def _length(parser: argparse.ArgumentParser, seconds: float) -> None:
    parser.add_argument(
        "--seconds", type=float, default=seconds, help=f"length of what is made ({seconds:g})"
    )
    parser.add_argument("--camera", help="a move, such as 'pan right' or 'zoom in'")


def _joint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--blend", type=int, default=0, metavar="N", help="frames that may be mixed at a joint (0)"
    )


def _still(args: argparse.Namespace) -> Report:
    return make(
        args,
        "still",
        args.prompt,
        sketch=args.sketch,
        image=args.image,
        hero=args.hero,
        size=args.size,
        strength=args.strength,
        seed=args.seed,
        **sampling(args),
    )


def _shoot(args: argparse.Namespace) -> Report:
    return make(
        args,
        "shoot",
        args.prompt,
        seconds=args.seconds,
        camera=args.camera,
        size=args.size,
        sketches=dict(_timed(entry, "--sketch") for entry in args.sketch),
        keyframes=dict(_timed(entry, "--keyframe") for entry in args.keyframe) or None,
        seed=args.seed,
        **sampling(args),
    )


def _animate(args: argparse.Namespace) -> Report:
    return make(
        args,
        "animate",
        args.picture,
        args.prompt,
        seconds=args.seconds,
        camera=args.camera,
        size=args.size,
        seed=args.seed,
        **sampling(args),
    )


def _extend(args: argparse.Namespace) -> Report:
    return make(args, "extend", args.take, direction=args.direction, **_joined(args))


def _bridge(args: argparse.Namespace) -> Report:
    return make(args, "bridge", args.first, args.last, **_joined(args))


def _loop(args: argparse.Namespace) -> Report:
    return make(args, "loop", args.take, **_joined(args))


def _restyle(args: argparse.Namespace) -> Report:
    return make(
        args,
        "restyle",
        args.take,
        args.prompt,
        strength=args.strength,
        keep_lines=False if args.free_lines else None,
        seed=args.seed,
        **sampling(args),
    )


def _inpaint(args: argparse.Namespace) -> Report:
    region: Any = args.mask
    if args.region is not None:
        try:
            region = [float(share) for share in args.region.split(",")]
        except ValueError:
            raise InputError(
                f"--region takes four shares such as 0.5,0.2,0.9,0.8, not {args.region[:60]!r}."
            ) from None
    return make(
        args, "inpaint", args.take, args.prompt, region=region, seed=args.seed, **sampling(args)
    )


def _joined(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "seconds": args.seconds,
        "prompt": args.prompt,
        "camera": args.camera,
        "seed": args.seed,
        "blend": args.blend,
        **sampling(args),
    }


def _timed(entry: str, option: str) -> tuple[float, str]:
    second, equals, file = entry.partition("=")
    try:
        if equals and file:
            return float(second.rstrip("s")), file
    except ValueError:
        pass
    raise InputError(f"{option} takes SECOND=FILE, such as 0=level.png, not {entry[:80]!r}.")
