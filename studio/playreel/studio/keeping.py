"""What `Studio` has of keeping: history, trash, disk, and where every frame comes from."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from playreel.errors import InputError, PlayreelWarning, RecipeError
from playreel.media import Clip
from playreel.project import DiskUse, HistoryEntry, ProjectFolder, Reviews, Take, Trash
from playreel.studio.inspection import Inspection, inspect_clip, inspect_file
from playreel.studio.options import seed_or_new
from playreel.studio.rerun import Rerun, rerun

if TYPE_CHECKING:
    from playreel.board import Shot
    from playreel.studio.facade import Studio

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def needs_room(verb: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Decorates a verb that starts something new: over the disk budget it raises BudgetError."""

    @functools.wraps(verb)
    def checked(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        cast("Studio", args[0]).project.check_room()
        return verb(*args, **kwargs)

    return checked


class Keeping:
    """The part of `playreel.Studio` that keeps what was made."""

    project: ProjectFolder

    # -- history ---------------------------------------------------------------------------------

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        """Every act on this project, the oldest first: one entry each, undone ones included."""
        return tuple(self.project.history.entries())

    def undo(self) -> HistoryEntry | None:
        """Takes back the last act on board, settings or trash; None if there is none.

        Takes that were made stay, always.
        """
        return self.project.history.undo()

    def redo(self) -> HistoryEntry | None:
        """Does again what was undone last; None if there is nothing."""
        return self.project.history.redo()

    def roll_back(self, number: int) -> HistoryEntry:
        """Goes to how things were after an entry of `history`, also one that was undone.

        Args:
            number: of the entry; 0 is the beginning.

        Raises:
            InputError: no such entry.
        """
        return self.project.history.roll_back(number)

    @property
    def settings(self) -> dict[str, Any]:
        """The project's settings, as JSON values."""
        settings = self.project.read()
        settings.pop("schema_version")
        return settings

    def set(self, **settings: Any) -> None:
        """Changes settings, as one act; None removes one.

        Raises:
            InputError: a value that JSON cannot hold.
        """
        self.project.update(**settings)

    # -- room ------------------------------------------------------------------------------------

    @property
    def trash(self) -> Trash:
        """The trash: ``trash(take)`` puts a take there, ``trash.restore`` brings it back."""
        return self.project.trash

    @property
    def disk(self) -> DiskUse:
        """What the project takes on disk, by kind, and what it may."""
        return self.project.disk()

    def set_budget(self, size: str | int | None) -> None:
        """Says how much disk the project may take, such as ``"10GB"``; None lifts the limit.

        Over it nothing new is started; what is there stays usable.
        """
        self.project.set_budget(size)

    def filter(self, text: str = "", **conditions: Any) -> list[Take]:
        """The takes that fit; see `playreel.project.index.TakeIndex.filter`."""
        takes = self.project.index.filter(text, **conditions)
        return [take for take in takes if take.operation != "input"]

    @property
    def reviews(self) -> Reviews:
        """What was said about takes: comments on frames, and which versions are approved."""
        return self.project.reviews

    # -- where it comes from ---------------------------------------------------------------------

    def inspect(self, what: Clip | str | os.PathLike[str]) -> Inspection:
        """What a file or a take is made of, to the last frame; changes nothing.

        Args:
            what: a clip, a take's name, ``"last"``, or the path of any file.

        Raises:
            InputError: nothing goes by that name.
            MediaError: the file cannot be read.
        """
        studio = cast("Studio", self)
        if isinstance(what, os.PathLike) or (isinstance(what, str) and Path(what).suffix):
            return inspect_file(Path(what), self.project)
        return inspect_clip(studio.open(what), self.project)

    def restore(self, what: Clip | str | os.PathLike[str]) -> Rerun:
        """Brings a take back from the trash, or makes a file again from its recipe.

        A new run is always computed anew, and compared frame by frame with what is known of the old
        one. A film is restored by making all its takes again.

        Args:
            what: a take, a clip or a path.

        Raises:
            RecipeError: no recipe, other weights, or a parent that is not here.
        """
        studio = cast("Studio", self)
        if isinstance(what, str) and not Path(what).suffix:
            text = what.strip().lower()
            here = [t for t in self.trash if len(text) >= 4 and t.content_hash.startswith(text)]
            if len(here) == 1:
                (take,) = self.trash.restore(text)
                clip = self.project.media.stored(take.content_hash)
                return Rerun(clips=(clip,), expected=(take.content_hash,), from_trash=True)
        return rerun(studio, self.inspect(what))

    # -- one shot --------------------------------------------------------------------------------

    def retake(self, shot: Shot | str | int, *, seed: int | None = None, **options: Any) -> Shot:
        """Makes the take of ONE shot again, with another seed or other options.

        No other shot is touched. The old take is kept: it is in the shot's ``versions``, `undo`
        brings it back, and so does ``board.update(shot, take=...)``. Where the same frames come out
        the shot stays as it is, with a warning.

        Args:
            shot: a shot, its uid or its number.
            seed: None draws a new one.
            **options: of the operation that made the take, such as ``prompt`` or ``strength``.

        Raises:
            RecipeError: the take cannot be made again.
            InputError: no such shot, or an option that the operation does not have.
        """
        studio = cast("Studio", self)
        self.project.check_room()
        chosen = studio.board[shot]
        recipe = chosen.take.recipe
        if recipe is None:
            raise RecipeError(
                f"The take of shot {chosen.number} was brought in: there is no recipe to make it "
                "again from. Choose another with board.update(shot, take=...)."
            )
        left_out = ("resolved", "measured", "step_seeds")
        given = {key: value for key, value in recipe.options.items() if key not in left_out}
        unknown = sorted(options.keys() - given.keys())
        if unknown:
            raise InputError(
                f"The take was made by {recipe.operation}, which has no {unknown[0]!r}. "
                f"It has: {', '.join(sorted(given))}."
            )
        changed = recipe.with_(seed=seed_or_new(seed), options=given | options)
        take = studio.keep(studio.replay(changed))
        if take.content_hash == chosen.take.content_hash:
            warnings.warn(
                f"Seed {changed.seed} made the very same frames: this {recipe.operation} leaves "
                "nothing to chance. Change what it is asked for instead; it takes: "
                f"{', '.join(sorted(given))}.",
                PlayreelWarning,
                stacklevel=2,
            )
            return chosen
        return studio.board.update(chosen.uid, take=take)

    def stale(self) -> dict[str, tuple[str, ...]]:
        """Shots whose inputs were changed since their takes were made, and what was changed.

        Their takes are still good and are never made again by themselves; see `retake`.

        Returns:
            Reasons in words, by the shot's uid.
        """
        board = cast("Studio", self).board
        shots = board.shots
        shown = {shot.take.content_hash for shot in shots}
        left = {version: shot for shot in shots for version in shot.versions}
        reasons: dict[str, tuple[str, ...]] = {}
        for shot in shots:
            why = ["its description was changed"] if shot.is_stale else []
            recipe = shot.take.recipe
            if recipe is not None and recipe.parents and left:
                for old in self.project.index.ancestors(shot.take.content_hash) & left.keys():
                    if old not in shown and left[old].uid != shot.uid:
                        number = left[old].number
                        why.append(f"it was made from {old[:12]}, which shot {number} replaced")
            if why:
                reasons[shot.uid] = tuple(sorted(why))
        return reasons


__all__ = ["Keeping", "needs_room"]
