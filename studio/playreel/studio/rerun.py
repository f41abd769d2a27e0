"""Reruns: making what a recipe tells again, with the parents it needs, and comparing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playreel.errors import RecipeError
from playreel.media import Clip
from playreel.media.fit import enlarge
from playreel.recipe import Recipe
from playreel.studio.remake import OPERATIONS

if TYPE_CHECKING:
    from playreel.studio.facade import Studio
    from playreel.studio.inspection import Inspection

MAX_RERUNS = 1_000


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """What came of a restore.

    Attributes:
        clips: what was made, or brought back, in the order of the film.
        expected: the content hash that each must have; ``""`` where it is not known, because the
            file is a lossy copy.
        from_trash: whether the frames were still there and nothing had to be made.
    """

    clips: tuple[Clip, ...]
    expected: tuple[str, ...]
    from_trash: bool = False

    @property
    def clip(self) -> Clip:
        """The first of them."""
        return self.clips[0]

    @property
    def is_identical(self) -> bool | None:
        """Whether every frame came out bit for bit; None if nothing is known to compare with."""
        pairs = [
            (clip.content_hash, expected)
            for clip, expected in zip(self.clips, self.expected, strict=True)
            if expected
        ]
        return all(made == expected for made, expected in pairs) if pairs else None


def rerun(studio: Studio, inspected: Inspection) -> Rerun:
    """See `Studio.restore`."""
    recipe = inspected.recipe
    if recipe is None:
        raise RecipeError(
            "This carries no recipe: it was not made by Playreel, or the recipe was stripped from "
            "it. Bring it in as it is with studio.keep(Clip.open(path))."
        )
    studio.project.check_room()
    runner = _Runner(studio)
    if recipe.operation != "export":
        clip = runner.make(recipe)
        return Rerun(clips=(clip,), expected=(_expected(clip, inspected),))
    takes = tuple(dict.fromkeys(recipe.parents))  # each once
    if not takes:
        raise RecipeError("This film names no takes, so there is nothing to make again.")
    clips = tuple(runner.again(content_hash) for content_hash in takes)
    return Rerun(clips=clips, expected=takes)


def _expected(clip: Clip, inspected: Inspection) -> str:
    """The content hash that a clip must have to be what a file shows; ``""`` if nobody can tell.

    The file may be a copy of whole factors larger, at another rate, or of fewer colours.
    """
    factor = max(1, inspected.size[0] // clip.height)
    frames = [enlarge(frame, factor) for frame in clip.frames]
    copy = Clip(frames, clip.fps).at_fps(inspected.fps)
    if copy.content_hash == inspected.content_hash:
        return clip.content_hash
    return inspected.content_hash if inspected.is_exact else ""


class _Runner:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._under_way: set[str] = set()
        self._count = 0

    def again(self, content_hash: str) -> Clip:
        """Makes a known take again; what was brought in is taken as it is."""
        media = self._studio.project.media
        take = media.known(content_hash)
        recipe = None if take is None else media.recipe_of(take)
        if recipe is None or recipe.operation not in OPERATIONS:
            found = media.related(content_hash)
            if found is None or found.is_missing:
                raise RecipeError(
                    f"Take {content_hash[:12]!r} is not in {self._studio.path}, nor a recipe of "
                    "it. Open the project that it was made in."
                )
            return found
        if content_hash in self._under_way:
            raise RecipeError(f"Take {content_hash[:12]} is named as its own ancestor.")
        self._under_way.add(content_hash)
        try:
            return self.make(recipe)
        finally:
            self._under_way.discard(content_hash)

    def make(self, recipe: Recipe) -> Clip:
        """Runs a recipe, after those of parents whose frames are gone."""
        self._count += 1
        if self._count > MAX_RERUNS:
            raise RecipeError(f"This needs more than {MAX_RERUNS} takes to be made again.")
        media = self._studio.project.media
        for parent in recipe.parents:
            found = media.related(parent)
            if found is not None and found.is_missing:
                self.again(parent)
        return self._studio.keep(self._studio.replay(recipe))
