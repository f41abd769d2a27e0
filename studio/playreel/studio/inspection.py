"""Inspection: what a file is made of, read without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from playreel.errors import MediaError, RecipeError
from playreel.media import Clip, probe, read_recipe
from playreel.project import ProjectFolder
from playreel.recipe import Recipe
from playreel.studio.origin import Ancestor, Origin, origin_of

MOVIES = (".mp4", ".mov", ".m4v")
WHOLE_BYTES = 256 * 2**20  # up to which a film's frames are read to name it by what it shows


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """A file, or a take, and where its frames come from.

    Attributes:
        recipe: how it was made, or None.
        num_frames: its length.
        fps: frames per second.
        size: (height, width) in pixels.
        content_hash: what it shows; ``""`` for films too long to be read for that.
        is_exact: whether the file holds the pixels that were made, and not a lossy copy.
        project: where parents are looked up besides the file itself; None for the file alone.
    """

    recipe: Recipe | None
    num_frames: int
    fps: Fraction
    size: tuple[int, int]
    content_hash: str
    is_exact: bool
    project: ProjectFolder | None = None

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return float(self.num_frames / self.fps)

    def frame(self, index: int) -> Origin:
        """Where one frame comes from.

        Raises:
            MediaError: there is no such frame.
        """
        asked = Ancestor(recipe=self.recipe, num_frames=self.num_frames, fps=self.fps)
        return origin_of(asked, index, self._known)

    def at(self, seconds: float) -> Origin:
        """Where the frame comes from that is seen at a time.

        Raises:
            MediaError: the film is not so long.
        """
        return self.frame(int(Fraction(seconds) * self.fps))

    def frames(self) -> Iterator[Origin]:
        """The same for all frames, in order."""
        return (self.frame(index) for index in range(self.num_frames))

    def _known(self, content_hash: str) -> Ancestor | None:
        media = None if self.project is None else self.project.media
        take = None if media is None else media.known(content_hash)
        if media is None or take is None:
            return None
        recipe = media.recipe_of(take) if take.operation != "input" else None
        return Ancestor(recipe=recipe, num_frames=take.num_frames, fps=Fraction(take.fps))


def inspect_clip(clip: Clip, project: ProjectFolder | None = None) -> Inspection:
    """See `Studio.inspect`."""
    return Inspection(
        recipe=clip.recipe,
        num_frames=len(clip),
        fps=clip.fps,
        size=clip.size,
        content_hash=clip.content_hash,
        is_exact=True,
        project=project,
    )


def inspect_file(path: Path, project: ProjectFolder | None = None) -> Inspection:
    """See `Studio.inspect`; a long film is not read, only its head.

    Raises:
        MediaError: it cannot be read.
    """
    if path.suffix.lower() not in MOVIES:
        inspected = inspect_clip(Clip.open(path), project)
        return replace(inspected, is_exact=path.suffix.lower() != ".gif")  # of 256 colours
    info = probe(path)
    needed = info.num_frames * info.width * info.height * 3
    content_hash = Clip.open(path).content_hash if needed <= WHOLE_BYTES else ""
    if not info.num_frames:
        raise MediaError(f"{path} has no frames that could be looked at.")
    return Inspection(
        recipe=_embedded(info.comment) or read_recipe(path),
        num_frames=info.num_frames,
        fps=Fraction(info.fps),
        size=(info.height, info.width),
        content_hash=content_hash,
        is_exact=False,
        project=project,
    )


def as_document(origin: Origin) -> dict[str, Any]:
    """An origin as JSON values."""
    return {
        "frame": origin.frame,
        "time_s": round(origin.time_s, 4),
        "resolved": origin.is_resolved,
        "session": origin.session,
        "step": origin.step,
        "action": origin.action,
        "seed": origin.seed,
        "weights": origin.weights,
        "edits": list(origin.edits),
        "trail": [
            {
                "operation": link.operation,
                "clip": link.clip,
                "frame": link.frame,
                "relation": link.relation,
                "seed": link.seed,
                "engine": link.engine,
                "weights": link.weights,
                **({"details": dict(link.details)} if link.details else {}),
            }
            for link in origin.trail
        ],
        "fading": None if origin.fading is None else as_document(origin.fading),
    }


def _embedded(comment: str) -> Recipe | None:
    try:
        return Recipe.from_json(comment)
    except RecipeError:
        return None
