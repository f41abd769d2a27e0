"""What editors get of a board: clips on the film's clock, and takes as files that they can open."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from playreel.board.export import film_of, single_film
from playreel.board.lost import with_cards
from playreel.board.presets import ExportPreset, preset_for
from playreel.board.shot import Shot
from playreel.board.stitch import Film
from playreel.media.label import aigc_tags
from playreel.media.write import write_video

if TYPE_CHECKING:
    from playreel.board.board import Board


@dataclass(frozen=True, kw_only=True)
class CutClip:
    """A shot on the film's clock, transitions cut in their middle.

    Attributes:
        shot: what is shown.
        start: the film frame where it begins.
        first: the frame of its take, at the film's rate, that begins it.
        last: the frame of its take after the last one.
        length: frames of the whole take at the film's rate.
        fade: frames over which it comes in; half of them lie before ``start``.
        file: the take, or None.
    """

    shot: Shot
    start: int
    first: int
    last: int
    length: int
    fade: int
    file: Path | None = None

    @property
    def num_frames(self) -> int:
        """How long it is shown."""
        return self.last - self.first


@dataclass(frozen=True, kw_only=True)
class CutList:
    """A board as editors see it.

    Attributes:
        clips: in order; their frames add up to the film's.
        fps: the film's rate.
        size: (height, width) of the film.
    """

    clips: tuple[CutClip, ...]
    fps: Fraction
    size: tuple[int, int]

    @property
    def num_frames(self) -> int:
        """Frames of the whole film."""
        return self.clips[-1].start + self.clips[-1].num_frames


def spans_of(film: Film) -> list[tuple[str, tuple[int, int]]]:
    """(uid, (first, last)) frames of each take between the middles of its transitions."""
    spans = []
    for index, (segment, uid) in enumerate(zip(film.segments, film.uids, strict=True)):
        following = film.segments[index + 1].fade if index + 1 < len(film.segments) else 0
        first = segment.fade // 2
        last = len(segment.indices) - (following - following // 2)
        spans.append((uid, (first, last)))
    return spans


def cut_list(board: Board, media: Path | None = None) -> CutList:
    """The board at the rate and size of a finished film.

    Args:
        board: with at least one shot.
        media: folder to write each take to, as H.264 that every editor opens; files that are there
            already are kept. None writes none. A take that is lost is a card, and a warning names it.

    Raises:
        InputError: an empty board.
        StorageError: the folder cannot be written.
    """
    shots = with_cards(board.shots)
    preset = editor_preset(shots[0].take.size if shots else (72, 128))
    film = film_of(shots, fps=preset.fps, size=preset.size)
    known = {shot.uid: shot for shot in shots}
    clips, start = [], 0
    for segment, (uid, (first, last)) in zip(film.segments, spans_of(film), strict=True):
        shot = known[uid]
        file = None if media is None else take_file(media, shot, preset)
        clips.append(
            CutClip(
                shot=shot,
                start=start,
                first=first,
                last=last,
                length=len(segment.indices),
                fade=segment.fade,
                file=file,
            )
        )
        start += last - first
    assert preset.size is not None
    return CutList(clips=tuple(clips), fps=preset.fps, size=preset.size)


def editor_preset(size: tuple[int, int]) -> ExportPreset:
    """The film preset that suits a take of that (height, width)."""
    return preset_for("a.mp4", None, size)


def take_file(folder: Path, shot: Shot, preset: ExportPreset) -> Path:
    """The take as H.264 in the film's size and rate; written if it is not there."""
    path = folder / f"{shot.number:03d}-{shot.take.content_hash[:12]}.mp4"
    if path.is_file():
        return path
    film, picture = single_film(shot, preset)
    recipe = shot.take.recipe
    tags = aigc_tags(recipe, shot.take.content_hash)
    return write_video(
        path,
        film.frame,
        film.fps,
        num_frames=len(film),
        scale=picture.scale,
        canvas=picture.canvas,
        smooth=picture.smooth,
        comment="" if recipe is None else recipe.to_json(),
        tags=tags,
    )
