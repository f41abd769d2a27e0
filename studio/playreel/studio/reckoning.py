"""Reckoning: what a job of an engine will take, told before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playreel.errors import EngineMemoryError
from playreel.jobs import Work
from playreel.project import ProjectFolder
from playreel.studio.queued import TAKE

USUAL_STEPS = 40
USUAL_SECONDS = {"bridge": 1.0, "loop": 1.0}
CONTEXT_FRAMES = {"extend": 17, "bridge": 34, "loop": 34}
CARD_FLOPS, PROCESSOR_FLOPS = 60e12, 0.15e12  # a second, of what a transformer gets out of them
SLOWER = {"whole": 1.0, "parts": 1.2, "eight": 1.3, "groups": 2.0, "leaves": 8.0, "processor": 1.0}
STEP_S = 0.005  # of any step, however small the model
PATCH = 16  # pixels of a picture to a token on a side, about, whichever the family
WORKING_BYTES = 4 << 30  # of memory, with the libraries and the frames
BYTES_PER_PIXEL = 1.5  # of a lossless take on disk


def engine_work(project: Path, verb: str, options: dict[str, Any]) -> Work:
    """Steps, time, memory and disk of a verb that an engine other than the bundled one does.

    Time is a guess from the number of weights until a run here has been measured.

    Raises:
        InputError: nothing has the engine's name, or a length or size is none.
    """
    from playreel.film.engines import family_called
    from playreel.film.engines.variant import named

    family = family_called(str(options["engine"]))
    name = named(str(options["engine"])).model
    grid = family.grid
    num_frames, size = _extent(project, verb, options, grid)
    per_run = min(num_frames, grid.max_frames)
    runs = -(-num_frames // max(1, grid.max_frames - CONTEXT_FRAMES.get(verb, 0)))
    steps = int(options.get("num_steps") or USUAL_STEPS)
    if options.get("draft"):
        steps = max(4, steps // 4)
    transformer, whole = _weights(family, name)
    rung, memory = _layout(family, name, whole)
    work = grid.sizing(size).work
    tokens = max(1, per_run // grid.latent_frames) * (work[0] // PATCH) * (work[1] // PATCH)
    flops = 4 * transformer * tokens  # twice a weight and token, with and without the prompt
    speed = PROCESSOR_FLOPS if rung == "processor" else CARD_FLOPS
    asked = options.get("cards")
    cards = asked if isinstance(asked, int) and asked > 0 else 1  # the verb itself will say so
    if rung != "processor":  # processes on one processor are no faster together
        speed *= cards
    return Work(
        units=runs * steps,
        seconds_per_unit=STEP_S + flops / speed * SLOWER[rung],
        memory_bytes=memory * cards,
        disk_bytes=int(num_frames * size[0] * size[1] * BYTES_PER_PIXEL),
    )


def _extent(
    project: Path, verb: str, options: dict[str, Any], grid: Any
) -> tuple[int, tuple[int, int]]:
    """Frames to be made, and (height, width) of the result."""
    fps, size, own = float(grid.fps), None, 0
    clip = next((options[word] for word in ("clip", "first") if word in options), None)
    if isinstance(clip, dict) and TAKE in clip:
        take = ProjectFolder(project).media.find(clip[TAKE])
        fps, own = (_rate(take.fps), take.num_frames)
        size = take.size if take.size[0] else None
    if size is None:
        size = grid.sizing(options.get("size") or "16:9").result
    if verb == "still":
        return 1, size
    if verb in ("restyle", "inpaint"):
        return max(1, own), size
    seconds = options.get("seconds", USUAL_SECONDS.get(verb, 2.0))
    made = grid.length(seconds, fps).num_frames
    return grid.frames(made + CONTEXT_FRAMES.get(verb, 0)), size


def _rate(fps: str) -> float:
    above, _, below = fps.partition("/")
    return float(above) / float(below or 1)


def _weights(family: Any, name: str) -> tuple[float, int]:
    """Weights of the transformer, and bytes of all in bfloat16."""
    card = next((c for c in family.cards if c.name == name), None)
    if card is None and not Path(name).is_dir():
        card = next(iter(family.cards), None)
    if card is not None:
        return card.transformer_billions * 1e9, card.num_bytes
    from playreel.film.engines.weights import num_bytes

    total = num_bytes(Path(name))
    return num_bytes(Path(name) / "transformer") / 2, total


def _layout(family: Any, name: str, whole: int) -> tuple[str, int]:
    """How it lies in memory here, and how much of the machine's memory that takes."""
    from playreel.film.engines import choose_ladder, this_machine

    machine = this_machine()
    card = next((c for c in family.cards if c.name == name), None)
    if card is None and name == family.name:
        card = next(iter(family.cards), None)
    try:
        rung = str(choose_ladder(card, machine).rung) if card is not None else ""
    except EngineMemoryError:
        rung = "processor"  # the job will say so; what it would need is told here
    rung = rung or ("parts" if machine.vram_bytes else "processor")
    share = {
        "whole": 0.0,
        "parts": 1.0,
        "eight": 1.0,
        "groups": 0.7,
        "leaves": 1.0,
        "processor": 2.0,
    }[rung]
    return rung, WORKING_BYTES + int(whole * share)
