"""Origins: where a frame of a film comes from, through every step back to a press or a prompt.

Everything here is read from recipes, which may be a stranger's: values are checked before they are
used, steps are bounded, nothing is executed and nothing is opened as a path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from playreel.board.lineage import frame_in_runs
from playreel.errors import MediaError, PlayreelError
from playreel.media.rate import as_fps, retimed_indices
from playreel.recipe import Recipe

MAX_LINKS = 200
MAX_FRAMES = 10**7
FILM_FPS = Fraction(12)
PLAYED = ("capture", "preview")
ENDS = ("played", "made", "drawn", "brought in")
_EDITS = ("strength", "direction", "prompt", "camera", "seconds", "lines", "blend", "preset")


@dataclass(frozen=True, kw_only=True)
class Ancestor:
    """What must be known of a clip to go on from it.

    Attributes:
        recipe: how it was made; None for what the user brought.
        num_frames: its length.
        fps: frames per second.
    """

    recipe: Recipe | None
    num_frames: int
    fps: Fraction


Lookup = Callable[[str], Ancestor | None]


@dataclass(frozen=True, kw_only=True)
class Link:
    """One step on a frame's way.

    Attributes:
        operation: what made the clip, such as ``"restyle"``; ``"input"`` for what was brought in.
        clip: the clip's content hash; ``""`` for the file that was asked about.
        frame: the frame in that clip, from 0.
        relation: how the frame came about there: ``shown`` (a cut or a film shows it), ``kept``
            (pixel for pixel), ``melted`` (kept, but mixed near a joint), ``redrawn``, ``made``,
            ``played``, ``start`` (of a session), ``drawn`` (a still), ``brought in``, ``missing``.
        seed: the operation's.
        engine: what computed it.
        weights: hash of the weights.
        details: session, step, action, shot, prompt, strength and the like.
    """

    operation: str
    clip: str
    frame: int
    relation: str
    seed: int | None = None
    engine: str = ""
    weights: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where one frame comes from.

    Attributes:
        frame: the frame asked about.
        time_s: when it is seen.
        trail: the way back, the file first. Frames that were made go on with the frame that they
            were made from, so that a session is named wherever there was one.
        fading: in a transition, the origin of the frame that is going.
    """

    frame: int
    time_s: float
    trail: tuple[Link, ...]
    fading: Origin | None = None

    @property
    def is_resolved(self) -> bool:
        """Whether the way leads to where the pixels were made, played or brought in."""
        last = self.trail[-1].relation if self.trail else "missing"
        return last in ENDS and (self.fading is None or self.fading.is_resolved)

    @property
    def session(self) -> str | None:
        """The session it was played in, or was made from a frame of."""
        return self._first("session")

    @property
    def step(self) -> int | None:
        """The step of that session."""
        return self._first("step")

    @property
    def action(self) -> str | None:
        """The button that was pressed for it; None at a session's start."""
        return self._first("action")

    @property
    def seed(self) -> int | None:
        """The seed of the operation that made the pixels."""
        seeds = [link.seed for link in self.trail if link.relation != "shown"]
        return next((seed for seed in seeds if seed is not None), None)

    @property
    def weights(self) -> str:
        """Hash of the weights that made the pixels, ``""`` for what was brought in."""
        return next((link.weights for link in self.trail if link.weights), "")

    @property
    def edits(self) -> tuple[str, ...]:
        """What was done to it since it was played or made, the first edit first."""
        return tuple(
            link.operation
            for link in reversed(self.trail)
            if link.operation not in (*PLAYED, "input", "still")
        )

    def _first(self, name: str) -> Any:
        return next((link.details[name] for link in self.trail if name in link.details), None)


def origin_of(asked: Ancestor, frame: int, lookup: Lookup) -> Origin:
    """Traces one frame.

    Args:
        asked: the file or clip.
        frame: one of its frames, from 0.
        lookup: finds ancestors by content hash.

    Raises:
        MediaError: it has no such frame.
    """
    if isinstance(frame, bool) or not 0 <= frame < asked.num_frames:
        raise MediaError(f"There are frames 0 to {asked.num_frames - 1}, not {frame!r:.40}.")
    lookup = _with_ancestry(asked.recipe, lookup)
    time_s = float(frame / asked.fps)
    trails = _Tracer(lookup).trace(asked, "", frame)
    fading = None
    if len(trails) > 1:
        fading = Origin(frame=frame, time_s=time_s, trail=tuple(trails[1]))
    return Origin(frame=frame, time_s=time_s, trail=tuple(trails[0]), fading=fading)


class _Tracer:
    """Walks from clip to clip; each step appends a link and names the frame to go on with."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def trace(self, ancestor: Ancestor, clip: str, frame: int) -> list[list[Link]]:
        first = self._film(ancestor, frame)
        if first is None:
            return [self._back(ancestor, clip, frame, [])]
        return [self._next(take, at, [link]) if take else [link] for link, take, at in first] or [
            [Link(operation="export", clip="", frame=frame, relation="missing")]
        ]

    def _film(self, asked: Ancestor, frame: int) -> list[tuple[Link, str, int]] | None:
        """The takes that a film shows at a frame: the one coming, then the one going."""
        recipe = asked.recipe
        if recipe is None or recipe.operation != "export":
            return None
        made_fps = _fps(recipe.options.get("fps"), asked.fps)
        at = int(frame * made_fps / asked.fps)  # copies at another rate show the same moments
        found = []
        segments = _list(recipe.options.get("segments"))
        shots = _list(recipe.options.get("shots"))
        for place, segment in enumerate(segments[:10_000]):
            if not isinstance(segment, Mapping):
                continue
            start, take = segment.get("start"), segment.get("take")
            if type(start) is not int or not isinstance(take, str) or at < start:
                continue
            shown = frame_in_runs(segment.get("frames"), at - start)
            if shown is None:
                continue
            shot = shots[place] if len(shots) == len(segments) else {}
            details = {"take": take, "place": place + 1}
            if isinstance(shot, Mapping) and isinstance(shot.get("uid"), str):
                details["shot"] = shot["uid"]
            details |= _details(recipe)
            link = Link(
                operation="export",
                clip="",
                frame=frame,
                relation="shown",
                engine=recipe.engine,
                details=details,
            )
            found.insert(0, (link, take, shown))
        return found

    def _next(self, content_hash: str, frame: int, trail: list[Link]) -> list[Link]:
        ancestor = self._lookup(content_hash)
        if ancestor is None or len(trail) >= MAX_LINKS or not 0 <= frame < ancestor.num_frames:
            missing = Link(operation="", clip=content_hash, frame=frame, relation="missing")
            return [*trail, missing]
        return self._back(ancestor, content_hash, frame, trail)

    def _back(self, ancestor: Ancestor, clip: str, frame: int, trail: list[Link]) -> list[Link]:
        recipe = ancestor.recipe
        if recipe is None:
            return [
                *trail, Link(operation="input", clip=clip, frame=frame, relation="brought in")
            ]  # fmt: skip
        if recipe.operation in PLAYED:
            return self._played(ancestor, recipe, clip, frame, trail)
        if recipe.operation == "cut":
            return self._cut(recipe, clip, frame, trail)
        if recipe.operation == "join":
            return self._join(recipe, clip, frame, trail)
        at = int(frame * FILM_FPS / ancestor.fps) if ancestor.num_frames > 1 else 0
        relation, source = self._made(recipe, at)
        trail = [*trail, _link(recipe, clip, frame, relation, _details(recipe))]
        if source is None:
            return trail
        parent, at = source
        known = self._lookup(parent)
        if known is not None:
            at = _before_fitting(known, at)
        return self._next(parent, at, trail)

    def _played(
        self, ancestor: Ancestor, recipe: Recipe, clip: str, frame: int, trail: list[Link]
    ) -> list[Link]:
        fps = _fps(recipe.options.get("fps"), ancestor.fps)
        start = recipe.options.get("start")
        depth = int(frame * fps / ancestor.fps) + (start if type(start) is int else 0)
        session = recipe.options.get("session")
        details = {"session": session if isinstance(session, str) else "", "step": depth}
        details |= _details(recipe)
        if not 0 <= depth <= len(recipe.actions):
            return [*trail, _link(recipe, clip, frame, "missing", details)]
        if depth:
            details |= {
                "action": recipe.actions[depth - 1], "step_seed": _step_seed(recipe, depth)
            }  # fmt: skip
            return [*trail, _link(recipe, clip, frame, "played", details)]
        trail = [*trail, _link(recipe, clip, frame, "start", details)]
        if not recipe.parents:
            return [*trail, Link(operation="input", clip="", frame=0, relation="brought in")]
        known = self._lookup(recipe.parents[0])
        return self._next(recipe.parents[0], known.num_frames - 1 if known else 0, trail)

    def _cut(self, recipe: Recipe, clip: str, frame: int, trail: list[Link]) -> list[Link]:
        start, step = recipe.options.get("start"), recipe.options.get("step")
        if type(start) is not int or type(step) is not int or not recipe.parents:
            return [*trail, _link(recipe, clip, frame, "missing", {})]
        trail = [*trail, _link(recipe, clip, frame, "shown", {})]
        return self._next(recipe.parents[0], start + step * frame, trail)

    def _join(self, recipe: Recipe, clip: str, frame: int, trail: list[Link]) -> list[Link]:
        for place, segment in reversed(list(enumerate(_list(recipe.options.get("segments"))))):
            start = segment.get("start") if isinstance(segment, Mapping) else None
            if type(start) is int and start <= frame and place < len(recipe.parents):
                shown = frame_in_runs(segment.get("frames"), frame - start)
                if shown is not None:
                    trail = [*trail, _link(recipe, clip, frame, "shown", {})]
                    return self._next(recipe.parents[place], shown, trail)
        return [*trail, _link(recipe, clip, frame, "missing", {})]

    def _made(self, recipe: Recipe, frame: int) -> tuple[str, tuple[str, int] | None]:
        """How a film operation came to a frame, and the frame of which parent to go on with."""
        if recipe.operation == "still":
            return "drawn", None
        if not recipe.parents:
            return "made", None
        resolved = recipe.options.get("resolved")
        resolved = resolved if isinstance(resolved, Mapping) else {}
        parts = [part for part in _list(resolved.get("kept")) if _is_part(part, recipe)]
        for place, start, count in parts:
            if start <= frame < start + count:
                melted = frame in _list(resolved.get("blended_frames"))
                return "melted" if melted else "kept", (recipe.parents[place], frame - start)
        if recipe.operation == "shoot":  # between its pictures, or from words and sketches
            return "made", None
        if not parts:  # every frame was drawn over the parent's
            return "redrawn", (recipe.parents[0], frame)
        place, start, count = min(
            parts, key=lambda part: min(abs(frame - part[1]), abs(frame - part[1] - part[2] + 1))
        )
        return "made", (recipe.parents[place], 0 if frame < start else count - 1)


def _link(recipe: Recipe, clip: str, frame: int, relation: str, details: Mapping[str, Any]) -> Link:
    return Link(
        operation=recipe.operation,
        clip=clip,
        frame=frame,
        relation=relation,
        seed=recipe.seed,
        engine=recipe.engine,
        weights=recipe.weights,
        details=details,
    )


def _with_ancestry(recipe: Recipe | None, lookup: Lookup) -> Lookup:
    """Looks in the file's own ancestry where the project does not know a clip."""
    told = recipe.options.get("ancestry") if recipe is not None else None
    if not isinstance(told, Mapping):
        return lookup

    def look(content_hash: str) -> Ancestor | None:
        found = lookup(content_hash)
        return found if found is not None else _told(told.get(content_hash))

    return look


def _told(entry: Any) -> Ancestor | None:
    if not isinstance(entry, Mapping):
        return None
    count = entry.get("num_frames")
    if type(count) is not int or not 0 < count <= MAX_FRAMES:
        return None
    try:
        recipe = Recipe(
            operation=entry.get("operation", ""),
            options=entry.get("options", {}),
            seed=entry.get("seed"),
            engine=entry.get("engine", ""),
            weights=entry.get("weights", ""),
            parents=entry.get("parents", ()),
            actions=entry.get("actions", ()),
        )
        return Ancestor(recipe=recipe, num_frames=count, fps=as_fps(entry.get("fps", 12)))
    except PlayreelError:
        return None


def _before_fitting(parent: Ancestor, frame: int) -> int:
    """Which frame of a parent became ``frame`` when it was brought to the film's rate."""
    if parent.fps == FILM_FPS or parent.num_frames == 1:
        return frame
    indices = retimed_indices(parent.num_frames, parent.fps, FILM_FPS)
    return int(indices[min(frame, len(indices) - 1)])


def _step_seed(recipe: Recipe, depth: int) -> int | None:
    from playreel.world.session import step_seed

    seeds = recipe.options.get("step_seeds")
    if isinstance(seeds, tuple) and len(seeds) == len(recipe.actions):
        return seeds[depth - 1] if type(seeds[depth - 1]) is int else None
    return None if recipe.seed is None else step_seed(recipe.seed, depth)


def _details(recipe: Recipe) -> dict[str, Any]:
    values = {name: recipe.options.get(name) for name in _EDITS}
    if recipe.operation in PLAYED:
        values.pop("prompt")  # a picture, there
    return {name: value for name, value in values.items() if value not in (None, "")}


def _is_part(part: Any, recipe: Recipe) -> bool:
    whole = isinstance(part, tuple | list) and len(part) == 3
    return whole and all(type(n) is int for n in part) and 0 <= part[0] < len(recipe.parents)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple | list) else []


def _fps(value: Any, otherwise: Fraction) -> Fraction:
    try:
        return as_fps(value) if isinstance(value, str) else otherwise
    except MediaError:
        return otherwise


__all__ = ["Ancestor", "Link", "Origin", "origin_of"]
