"""Joining takes into one film, frame-exact and one frame at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from playreel.errors import InputError
from playreel.media.clip import Clip
from playreel.media.fit import best_factor, enlarge
from playreel.media.rate import as_fps, retimed_indices

if TYPE_CHECKING:
    from moviepy import VideoClip

_WORTH_WHOLE = 0.8  # a whole factor may leave a fifth of the room empty, not more


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A take on the film's clock.

    Attributes:
        take: the frames.
        indices: int64 [frames in the film], which frame of the take each one shows.
        start: the film frame of the first.
        fade: frames over which it comes in, while the segment before goes out.
        joint: how it comes in: ``dissolve``, ``dip``, ``dip-white`` or ``wipe``.
    """

    take: Clip
    indices: np.ndarray
    start: int
    fade: int
    joint: str = "dissolve"

    @property
    def stop(self) -> int:
        """The film frame after the last."""
        return self.start + len(self.indices)


class Film:
    """Takes in a row, joined by hard cuts and cross-fades.

    Frames are made when asked for; nothing is held but the takes themselves.
    """

    def __init__(
        self,
        takes: Sequence[Clip],
        *,
        fps: Fraction | float | str | None = None,
        fades_s: Sequence[float] | None = None,
        size: tuple[int, int] | None = None,
        joints: Sequence[str] | None = None,
        uids: Sequence[str] | None = None,
    ) -> None:
        """Lays the takes on a clock.

        Args:
            takes: at least one.
            fps: the film's rate; by default the first take's. Slower takes hold their frames.
            fades_s: seconds of cross-fade into each take (the first must be 0); default hard cuts.
            size: (height, width) of the film's frames; by default the takes' own, which must then
                agree. Takes are enlarged by whole factors and framed in black.
            joints: how each take comes in where it fades; by default a cross-fade.
            uids: names of the shots that the takes belong to; ``""`` for a take of no shot.

        Raises:
            InputError: no takes, sizes that differ without ``size``, or fades that overlap.
        """
        if not takes:
            raise InputError("There is nothing to stitch. Add a take with board.add(take).")
        self.fps = as_fps(fps) if fps is not None else takes[0].fps
        self.size = size or _common_size(takes)
        self.segments = _laid_out(
            takes,
            self.fps,
            fades_s or [0.0] * len(takes),
            joints or ["dissolve"] * len(takes),
        )
        self.uids = tuple(uids) if uids is not None else ("",) * len(takes)
        self._starts = [segment.start for segment in self.segments]

    def __len__(self) -> int:
        return self.segments[-1].stop

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return float(len(self) / self.fps)

    @property
    def takes(self) -> tuple[Clip, ...]:
        """The takes, in order."""
        return tuple(segment.take for segment in self.segments)

    @property
    def parents(self) -> tuple[str, ...]:
        """The takes' content hashes, in order."""
        return tuple(segment.take.content_hash for segment in self.segments)

    def stretches(self) -> tuple[tuple[int, int], ...]:
        """(start, stop) of every body and every transition, in order and without a gap."""
        cuts = {0, len(self)}
        for segment in self.segments:
            cuts |= {segment.start, segment.start + segment.fade}
        ordered = sorted(cuts)
        return tuple(pairwise(ordered))

    def shown_in(self, start: int, stop: int) -> list[object]:
        """What a stretch shows, as plain values: equal lists show equal frames."""
        shown: list[object] = []
        for place, segment in enumerate(self.segments):
            first, last = max(start, segment.start), min(stop, segment.stop)
            if first >= last:
                continue
            indices = segment.indices[first - segment.start : last - segment.start]
            fading = first < segment.start + segment.fade and place > 0
            joint = [segment.joint, segment.fade, first - segment.start] if fading else []
            view = getattr(segment.take, "view", "")
            told = [segment.take.content_hash, *([view] if view else [])]
            shown.append([*told, first - start, indices.tolist(), joint])
        return shown

    def frame(self, index: int) -> np.ndarray:
        """One frame of the film, uint8 [height, width, 3]."""
        if not 0 <= index < len(self):
            raise InputError(f"The film has frames 0 to {len(self) - 1}, not {index}.")
        place = bisect_right(self._starts, index) - 1
        segment = self.segments[place]
        picture = self._shown(segment, index)
        position = index - segment.start
        if position >= segment.fade:
            return picture
        leaving = self._shown(self.segments[place - 1], index)
        return mixed(segment.joint, leaving, picture, position + 1, segment.fade + 1)

    def clip(self) -> Clip:
        """The whole film in memory, for short ones."""
        return Clip(np.stack([self.frame(index) for index in range(len(self))]), self.fps)

    def as_moviepy(self) -> VideoClip:
        """The film as a moviepy clip, to go on with there."""
        from moviepy import VideoClip

        last, fps = len(self) - 1, float(self.fps)
        movie = VideoClip(lambda t: self.frame(min(round(t * fps), last)), duration=len(self) / fps)
        return movie.with_fps(fps)

    def _shown(self, segment: Segment, index: int) -> np.ndarray:
        frame = segment.take.frames[segment.indices[index - segment.start]]
        return place(frame, self.size)


def blend(first: np.ndarray, second: np.ndarray, part: int, whole: int) -> np.ndarray:
    """``first`` going over into ``second``, in whole numbers.

    Args:
        first: uint8 pixels.
        second: uint8 pixels of the same shape.
        part: 0 is all ``first``, ``whole`` all ``second``.
        whole: the number of steps.
    """
    weight = (256 * part + whole // 2) // whole
    total = first.astype(np.uint16) * (256 - weight)
    total += second.astype(np.uint16) * weight
    total += 128
    return (total >> 8).astype(np.uint8)


def mixed(joint: str, first: np.ndarray, second: np.ndarray, part: int, whole: int) -> np.ndarray:
    """One picture of a transition.

    Args:
        joint: ``dissolve``; ``dip`` and ``dip-white``, by way of one colour; ``wipe``, from the left.
        first: uint8 [height, width, 3], going.
        second: uint8 of the same shape, coming.
        part: 0 is all ``first``, ``whole`` all ``second``.
        whole: the number of steps.
    """
    if joint in ("dip", "dip-white"):
        shown = first if 2 * part <= whole else second
        ground = np.full_like(shown, 255 if joint == "dip-white" else 0)
        return blend(ground, shown, abs(2 * part - whole), whole)
    if joint == "wipe":
        edge = (first.shape[1] * part + whole // 2) // whole
        return np.concatenate([second[:, :edge], first[:, edge:]], axis=1)
    return blend(first, second, part, whole)


def enlargement(size: tuple[int, int], room: tuple[int, int]) -> int:
    """The whole factor to show ``size`` in ``room`` at, or 0 where smooth scaling suits better.

    Whole factors keep pixels square and even; they are dropped where they would leave more than a
    fifth of the room empty, as 1280x720 in 1920x1080 would.
    """
    factor = best_factor(size, room)
    exact = min(room[0] / size[0], room[1] / size[1])
    return factor if factor and factor / exact >= _WORTH_WHOLE else 0


def place(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A frame enlarged and centred on black, uint8 [*size, 3]."""
    if frame.shape[:2] == size:
        return frame
    factor = enlargement(frame.shape[:2], size)
    if factor:
        picture = enlarge(frame, factor)
    else:
        ratio = min(size[0] / frame.shape[0], size[1] / frame.shape[1])
        tall = min(size[0], max(1, round(frame.shape[0] * ratio)))
        wide = min(size[1], max(1, round(frame.shape[1] * ratio)))
        picture = np.asarray(Image.fromarray(frame).resize((wide, tall), Image.Resampling.LANCZOS))
    tall, wide = picture.shape[:2]
    if (tall, wide) == size:
        return picture
    canvas = np.zeros((*size, 3), np.uint8)
    top, left = (size[0] - tall) // 2, (size[1] - wide) // 2
    canvas[top : top + tall, left : left + wide] = picture
    return canvas


def _common_size(takes: Sequence[Clip]) -> tuple[int, int]:
    sizes = sorted({take.size for take in takes})
    if len(sizes) > 1:
        shown = ", ".join(f"{width}x{height}" for height, width in sizes)
        raise InputError(f"The takes have different sizes ({shown}). Give the film's size.")
    return sizes[0]


def _laid_out(
    takes: Sequence[Clip], fps: Fraction, fades_s: Sequence[float], joints: Sequence[str]
) -> tuple[Segment, ...]:
    if len(fades_s) != len(takes):
        raise InputError(f"{len(takes)} takes need {len(takes)} fades, not {len(fades_s)}.")
    if fades_s[0]:
        raise InputError("The first take has nothing to fade from. Set its fade to 0.")
    segments: list[Segment] = []
    plan = zip(takes, fades_s, joints, strict=True)
    for number, (take, fade_s, joint) in enumerate(plan, start=1):
        indices = retimed_indices(len(take), take.fps, fps)
        fade = round(Fraction(fade_s) * fps)
        start = segments[-1].stop - fade if segments else 0
        free = min(len(indices), len(segments[-1].indices) - segments[-1].fade) if segments else 0
        if fade > free:
            raise InputError(
                f"The fade into take {number} lasts {fade} frames, but only {free} are free "
                f"between the joints around it. Use at most {float(free / fps):.2f} s."
            )
        segments.append(Segment(take=take, indices=indices, start=start, fade=fade, joint=joint))
    return tuple(segments)
