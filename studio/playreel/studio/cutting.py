"""What `Studio` has of cutting: the board, and films out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

from playreel.media import Clip
from playreel.project import ProjectFolder
from playreel.studio.bridging import bridge_frames

if TYPE_CHECKING:
    from playreel.board import Board, ExportOptions, Shot
    from playreel.studio.facade import Studio

_CARD_DIGITS = 12  # of a planned shot's name, to be taken for one


class Cutting:
    """The part of `playreel.Studio` that cuts films."""

    project: ProjectFolder
    _board: Board | None

    @property
    def board(self) -> Board:
        """The shot board, kept in board.toml."""
        if self._board is None:
            self._board = self.project.board()
        return self._board

    def card(self, reference: str) -> Clip | None:
        """The card of a shot that is planned and not made, by the first digits of its name."""
        from playreel.board.planned import PlannedClip

        name = reference.strip().lower()
        if len(name) < _CARD_DIGITS or self.project.media.known(name) is not None:
            return None
        for shot in self.board:
            if isinstance(shot.take, PlannedClip) and shot.take.content_hash.startswith(name):
                return shot.take
        return None

    def frame_keys(self, shot: str | int, *, aspect: float = 9 / 16) -> str:
        """Where the eye belongs in a shot when the film has another shape, as `Shot.framing` is written.

        Args:
            shot: its uid or number.
            aspect: width over height of the film.
        """
        from playreel.board.framing import find_keys, keys_text

        chosen = self.board[shot]
        return chosen.framing or keys_text(find_keys(chosen.take, aspect))

    def handoff(
        self, what: Shot | str | int, path: str | os.PathLike[str], *, scale: int = 1
    ) -> Path:
        """Writes a take for a game engine; see `playreel.board.handoff.write_handoff`.

        Args:
            what: a shot, its uid or number, or a take's name.
            path: ``.png``, ``.ogv``, ``.ndjson``, ``.csv``, or a folder.
            scale: of Theora.
        """
        from playreel.board.handoff import write_handoff

        on_board = not isinstance(what, str) or any(shot.uid == what for shot in self.board)
        take = self.board[what].take if on_board else cast("Studio", self).open(what)
        return write_handoff(path, take, scale=scale)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        episode: str | None = None,
        preset: str | None = None,
        on_frame: Callable[[int, int], None] | None = None,
        **options: Unpack[ExportOptions],
    ) -> Path:
        """Cuts the board's shots into a film, in their order.

        Args:
            path: ``.mp4``, ``.mov``, ``.m4v`` or ``.gif``; relative to the current folder.
            episode: name or number of one episode; by default all shots.
            preset: a name in `playreel.board.PRESETS`; by default what suits the first take.
            on_frame: told of frames written and frames in all.
            **options: label, captions, music, voice, sign; see `playreel.board.ExportOptions`.

        Raises:
            InputError: an empty board or an unknown preset.
            MediaError: the film that was written is not what was asked for.
            StorageError: the disk is full; the old film survives.
        """
        options.setdefault("bridger", partial(bridge_frames, cast("Studio", self)))
        return self.board.export(path, episode=episode, preset=preset, on_frame=on_frame, **options)

    def export_series(
        self,
        folder: str | os.PathLike[str],
        *,
        episodes: Sequence[str] | None = None,
        preset: str | None = None,
        on_frame: Callable[[int, int], None] | None = None,
        **options: Unpack[ExportOptions],
    ) -> tuple[Path, ...]:
        """A film an episode, ``ep-001.mp4`` and so on; see `playreel.board.Board.export_series`."""
        options.setdefault("bridger", partial(bridge_frames, cast("Studio", self)))
        return self.board.export_series(
            folder, episodes=episodes, preset=preset, on_frame=on_frame, **options
        )


__all__ = ["Cutting"]
