"""The whole job once, on the bundled model: a sketch and a sentence become a world and a film."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.media import Clip, contact_sheet, load_image
from playreel.media.contact import SheetRow
from playreel.studio import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playreel.core import Bundle

PROMPT = "a red fox in a meadow by day, pixel art"
STYLE = "ink wash"
SCRIPT = "right*10 jump-right*7 right*9"
OTHER_SCRIPT = "left*8 jump-left*6 left*4"
FORK_AT = 8
SEED = 2


def example_sketch() -> Path:
    """The drawing that comes with Playreel: a level, a fox, two trees, on paper."""
    return Path(str(resources.files("playreel"))) / "assets" / "level.png"


@dataclass
class _Log:
    """Numbered steps, said as they happen and kept for the contact sheet."""

    say: Callable[[str], None]
    rows: list[SheetRow] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Times one step; the block fills in ``label``, ``clip`` and ``new``."""
        begun = time.monotonic()
        made: dict[str, Any] = {}
        yield made
        seconds = time.monotonic() - begun
        clip: Clip = made["clip"]
        self.rows.append(SheetRow(label=made["label"], clip=clip, new=tuple(made.get("new", ()))))
        promises = _promises(clip)
        number = len(self.rows)
        self.steps.append(
            {
                "step": name,
                "seconds": round(seconds, 3),
                "num_frames": len(clip),
                "content_hash": clip.content_hash,
                **promises,
            }
        )
        told = "".join(f", {key.replace('_', ' ')} {value}" for key, value in promises.items())
        self.say(f"{number:2d}  {name:16s} {seconds:6.1f} s   {made['label']}{told}")


def run_demo(
    out: Path,
    *,
    project: str | Path | None = None,
    weights: str = "bundled",
    bundle: Bundle | None = None,
    sketch: Path | None = None,
    prompt: str | None = None,
    seed: int = SEED,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Runs the job and writes ``pitch.mp4`` and ``pitch.png``.

    Args:
        out: folder for the two files.
        project: folder of the project; by default ``out/project``.
        weights: name or path of a bundle.
        bundle: weights that are loaded already, instead.
        sketch: a drawing; by default the one that comes with Playreel.
        prompt: the sentence; by default one that suits that drawing.
        seed: of everything that is drawn.
        say: told one line at a time.

    Returns:
        film, sheet and project (paths), steps (each with its seconds), seconds and peak_rss_mib.

    Raises:
        PlayreelError: weights are missing, the disk is full, the sketch cannot be read.
    """
    out = Path(out)
    prompt = PROMPT if prompt is None else prompt
    drawing = Path(sketch or example_sketch())
    log = _Log(say=say)
    studio = Studio(project or out / "project", weights=weights, bundle=bundle)
    for shot in studio.board.shots:  # of an earlier run
        studio.board.remove(shot.uid)
    say(f"project {studio.path}")
    begun = time.monotonic()
    _ = studio.bundle.world, studio.bundle.film
    say(f"    weights loaded   {time.monotonic() - begun:6.1f} s")

    _make(studio, log, drawing, prompt, seed)

    begun = time.monotonic()
    film = studio.export(out / "pitch.mp4", preset="landscape-1080p")
    exported = time.monotonic() - begun
    say(f"    film cut         {exported:6.1f} s   {film}")
    sheet = contact_sheet(
        log.rows,
        out / "pitch.png",
        title="Playreel: from a sketch to a film",
        subtitle=f"“{prompt}”  ·  underlined frames are new in that step",
    )
    total = time.monotonic() - log.begun
    peak = _peak_rss_mib()
    say(f"done in {total:.1f} s" + (f", at most {peak:.0f} MiB of memory" if peak else ""))
    return {
        "film": str(film),
        "sheet": str(sheet),
        "project": str(studio.path),
        "steps": log.steps,
        "export_seconds": round(exported, 3),
        "seconds": round(total, 3),
        "peak_rss_mib": peak,
    }


def _make(studio: Studio, log: _Log, drawing: Path, prompt: str, seed: int) -> None:
    page = Clip(load_image(drawing)[None])
    log.rows.append(SheetRow(label="A drawing on paper", clip=page, note=drawing.name))
    log.say(f" 1  {'drawing':16s}            {drawing}")
    with log.step("still") as made:
        still = made["clip"] = studio.still(prompt, sketch=drawing, seed=seed)
        made["label"] = "The drawing and the sentence become a still"
    with log.step("play") as made:
        world = studio.world(still, seed=seed, name="demo")
        script, other = _scripts(world.actions)
        world.play(script)
        take = made["clip"] = world.capture()
        made["label"], made["new"] = f"The still is played: {script}", [(1, len(take))]
    with log.step("fork") as made:
        route = world.fork(at=min(FORK_AT, world.cursor))
        first = route.cursor + 1
        route.play(other)
        second = made["clip"] = route.capture(first)
        made["label"] = f"Rewound to frame {first - 1} and played again: {other}"
        made["new"] = [(0, len(second))]
    with log.step("extend backward") as made:
        before = made["clip"] = studio.extend(take, seconds=1, direction="backward", seed=seed)
        added = len(before) - len(take)
        made["label"] = "What led up to the first take: one second before it"
        made["new"] = [(0, added)]
    with log.step("extend forward") as made:
        longer = made["clip"] = studio.extend(before, seconds=1, seed=seed + 1)
        made["label"] = "And one second after it"
        made["new"] = [(len(before), len(longer))]
    with log.step("loop") as made:
        loop = made["clip"] = studio.loop(second, seconds=1, seed=seed)
        made["label"] = "The second take is led back to its own first frame: a loop"
        made["new"] = [(len(second), len(loop))]
    with log.step("bridge") as made:
        joined = made["clip"] = studio.bridge(longer, second, seconds=1, seed=seed)
        start = len(longer)
        made["label"] = "The long take is bridged to the second one"
        made["new"] = [(start, len(joined) - len(second))]
    with log.step("restyle") as made:
        styled = made["clip"] = studio.restyle(take, STYLE, strength=0.6, seed=seed)
        made["label"], made["new"] = f"The first take in another style: {STYLE}", [(0, len(styled))]
    board = studio.board
    board.add(studio.keep(still), size="LS", description="the still")
    board.add(joined, size="LS", description="the bridged takes")
    board.add(loop, size="LS", description="the loop, once")
    board.add(loop, size="LS", description="the loop, twice")
    board.add(styled, size="LS", description=STYLE, fade_s=0.5)


def _scripts(actions: tuple[str, ...]) -> tuple[str, str]:
    """The demo's scripts, or for a model with other buttons some that use them."""
    needed = {"right", "left", "jump-right", "jump-left"}
    if needed <= set(actions):
        return SCRIPT, OTHER_SCRIPT
    moves = actions[1:] or actions
    first = " ".join(f"{name}*8" for name in moves[:3])
    return first, " ".join(f"{name}*6" for name in reversed(moves[:3]))


def _promises(clip: Clip) -> dict[str, Any]:
    """What the recipe measured of the promises: joints, and kept frames."""
    measured = clip.recipe.options.get("measured") if clip.recipe else None
    if not measured:
        return {}
    return {key: _plain(measured[key]) for key in ("kept_exact", "seam") if key in measured}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _peak_rss_mib() -> float | None:
    """The most memory this process had, in MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
