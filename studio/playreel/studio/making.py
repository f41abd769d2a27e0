"""Planned shots into takes: what they refer to, the check before, and the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from playreel.errors import InputError
from playreel.film.casting import held_by
from playreel.media import Clip
from playreel.project import ProjectFolder

if TYPE_CHECKING:
    from playreel.board import Board, Shot
    from playreel.board.preflight import Fault, Reference
    from playreel.studio.facade import Studio

Progress = Callable[[int, int], None]

KEY = "references"  # among a project's settings
_CAMERA = {
    "static": "static",
    "pan": "pan right",
    "push": "zoom in",
    "zoom": "zoom in",
    "pull": "zoom out",
    "track": "tracking",
    "follow": "tracking",
    "handheld": "shake",
}


class Making:
    """The part of `playreel.Studio` that makes what a board plans."""

    project: ProjectFolder
    board: Board

    @property
    def references(self) -> tuple[Reference, ...]:
        """Names that shots use, and what they stand for."""
        return tuple(self._references().values())

    def bind(
        self, name: str, picture: Any = None, *, kind: str = "character", words: str = ""
    ) -> Reference:
        """Says what a name in shots' references stands for, as one act that can be undone.

        Args:
            name: as shots write it.
            picture: a take's name, a path, a PIL image or an array; None for none.
            kind: ``character``, ``place``, ``prop``, ``style``, or ``frame``, whose picture is what
                a shot begins with. Who is in the picture of a shot's first character is in the shot.
            words: what prompts say for it.

        Raises:
            InputError: no name, another kind, or neither picture nor words.
            MediaError: the picture cannot be read.
        """
        from playreel.board.preflight import Reference, key_of

        if picture is None and not words.strip():
            raise InputError(f"Give {name!r} a picture, words, or both.")
        take = "" if picture is None else self._picture(picture).content_hash
        bound = Reference(name=name, kind=kind, take=take, words=words.strip())
        others = {
            ref.name: ref.entry for ref in self.references if key_of(ref.name) != key_of(name)
        }
        self.project.update(**{KEY: {**others, bound.name: bound.entry}})
        return bound

    def unbind(self, name: str) -> None:
        """Forgets a name; its picture is kept among the takes.

        Raises:
            InputError: nothing is bound to it.
        """
        from playreel.board.preflight import key_of

        kept = {ref.name: ref.entry for ref in self.references if key_of(ref.name) != key_of(name)}
        if len(kept) == len(self.references):
            known = ", ".join(ref.name for ref in self.references) or "none"
            raise InputError(f"Nothing is bound to {name[:80]!r}. Bound are: {known}.")
        self.project.update(**{KEY: kept or None})

    def preflight(self, episode: str | None = None) -> tuple[Fault, ...]:
        """Every shot that lacks a reference, a take or room for its transition; makes nothing.

        Args:
            episode: only this one.
        """
        from playreel.board.preflight import preflight

        return preflight(self._scope(episode), self._references(), self._is_there)

    def make(
        self, episode: str | None = None, *, shots: Sequence[str] | None = None, **sampling: Any
    ) -> tuple[Shot, ...]:
        """Shoots every planned shot that has no take yet, from its description.

        All are checked before the first is made. Each take goes on the board the moment it is made,
        so that a batch that was stopped goes on where it stopped and makes nothing twice.
        ``on_progress`` is told of frames done and frames in all, over the whole batch.

        Args:
            episode: only this one.
            shots: only these uids.
            **sampling: see `playreel.studio.options.Sampling`; ``engine`` for another engine.

        Returns:
            The shots that were made.

        Raises:
            InputError: a shot that lacks something; the message names every such shot.
        """
        from playreel.board.planned import is_placeholder

        scope = [shot for shot in self._scope(episode) if shots is None or shot.uid in set(shots)]
        waiting = [shot for shot in scope if is_placeholder(shot.take)]
        names = {shot.uid for shot in waiting}
        faults = [f for f in self.preflight(episode) if f.blocks and f.uid in names]
        if faults:
            more = f" And {len(faults) - 12} more." if len(faults) > 12 else ""
            told = "; ".join(fault.words["en"] for fault in faults[:12])
            raise InputError(
                f"Nothing was made: {len({f.uid for f in faults})} shots lack something. {told}.{more} "
                "Bind what is missing (playreel board bind NAME), or take it out of the shots' references."
            )
        studio = cast("Studio", self)
        total, done = sum(len(shot.take) for shot in waiting), 0
        told_before = studio.on_progress
        made = []
        try:
            for shot in waiting:
                if told_before is not None:
                    studio.on_progress = partial(_told, told_before, done, len(shot.take), total)
                take = self._shoot(studio, shot, sampling)
                made.append(self.board.update(shot.uid, take=take))
                done += len(shot.take)
        finally:
            studio.on_progress = told_before
        if told_before is not None and made:
            told_before(total, total)
        return tuple(made)

    def _shoot(self, studio: Studio, shot: Shot, sampling: dict[str, Any]) -> Clip:
        from playreel.board.preflight import key_of

        references = self._references()
        bound = [references[key_of(name)] for name in shot.references]
        words = [shot.description, *(ref.words for ref in bound if ref.words)]
        told = {
            "size": _aspect(shot.take),
            "seed": int.from_bytes(hashlib.sha256(shot.uid.encode()).digest()[:4], "big"),
            **sampling,
        }
        prompt = ", ".join(words)
        return studio.shoot(
            prompt,
            seconds=shot.take.duration_s,
            camera=_CAMERA.get(shot.move),
            **told,
            **self._shown(studio, shot, prompt, bound, told),
        )

    def _shown(
        self, studio: Studio, shot: Shot, prompt: str, bound: list[Reference], told: dict[str, Any]
    ) -> dict[str, Any]:
        """What a shot is shown besides its words: its first frame, or pictures of who is in it."""
        from playreel.film.engines import family_called
        from playreel.studio.directing import WIDE

        frames = [ref.take for ref in bound if ref.kind == "frame" and ref.take]
        if frames:
            return {"keyframes": {0.0: studio.open(frames[0])}}
        people = [ref.take for ref in bound if ref.kind == "character" and ref.take]
        family = family_called(told.get("engine") or studio.engine_name)
        if people and family.takes_references:
            return {"references": tuple(studio.open(take) for take in people)}
        if people and family.name == "bundled":
            held = held_by(studio.bundle.film, studio.open(people[0]), wide=shot.size in WIDE)
            return {"keyframes": {0.0: studio.still(prompt, **told, **held)}}
        return {}

    def _scope(self, episode: str | None) -> tuple[Shot, ...]:
        if episode is None:
            return self.board.shots
        return self.board.series.episode(episode).shots

    def _references(self) -> dict[str, Reference]:
        from playreel.board.preflight import references_from

        return references_from(self.project.read().get(KEY))

    def _is_there(self, take: str) -> bool:
        known = self.project.media.known(take)
        return known is not None and (self.project.path / known.file).is_file()

    def _picture(self, picture: Any) -> Clip:
        studio = cast("Studio", self)
        if isinstance(picture, Clip):
            return studio.keep(picture)
        if isinstance(picture, str) and not Path(picture).suffix:
            return studio.keep(studio.open(picture))
        from playreel.media import load_image

        return studio.keep(Clip(load_image(picture)[None]))


def _told(tell: Progress, before: int, length: int, total: int, done: int, of: int) -> None:
    """A shot's progress as the batch's."""
    tell(min(before + round(length * done / max(1, of)), total), total)


def _aspect(card: Clip) -> str:
    if card.width == card.height:
        return "1:1"
    return "16:9" if card.width > card.height else "9:16"


__all__ = ["Making"]
