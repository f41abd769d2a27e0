"""Pictures laid over a film: captions and marks, blended by ffmpeg and not by Python."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class Card:
    """One picture with alpha, shown over some frames.

    Attributes:
        start: the first film frame that shows it.
        stop: the film frame after the last.
        pixels: uint8 [height, width, 4], RGBA, straight alpha.
        left: pixels from the film's left edge.
        top: pixels from its upper edge.
    """

    start: int
    stop: int
    pixels: np.ndarray
    left: int
    top: int

    @cached_property
    def digest(self) -> str:
        """Names picture and place, without the time."""
        head = f"{self.pixels.shape} {self.left} {self.top} ".encode()
        return hashlib.sha256(head + np.ascontiguousarray(self.pixels).tobytes()).hexdigest()[:32]

    def within(self, start: int, stop: int, moved_to: int) -> Card | None:
        """The part shown in [start, stop), on a clock where ``start`` is ``moved_to``."""
        first, last = max(self.start, start), min(self.stop, stop)
        if first >= last:
            return None
        shift = moved_to - start
        return Card(first + shift, last + shift, self.pixels, self.left, self.top)


@dataclass(frozen=True)
class OverlayTrack:
    """A file of pictures with alpha, for ffmpeg's ``movie`` source.

    Attributes:
        path: QuickTime with PNG frames, each held until the next.
        left: where its left edge lies on the film.
        top: where its upper edge lies.
    """

    path: Path
    left: int
    top: int


def write_overlay(
    folder: Path, cards: Sequence[Card], fps: Fraction, num_frames: int
) -> OverlayTrack | None:
    """Writes cards as one small film; None where there is nothing to show.

    It ends before the film does: ffmpeg would prolong the film to the end of the overlay.

    Cards that are shown together are merged, later ones on top, so that ffmpeg blends once a frame
    whatever the number of cards, and only over the area that any of them covers.
    """
    import av

    cards = [card for card in cards if card.start < min(card.stop, num_frames)]
    if not cards:
        return None
    left = min(card.left for card in cards) & ~1
    top = min(card.top for card in cards) & ~1
    right = max(card.left + card.pixels.shape[1] for card in cards)
    bottom = max(card.top + card.pixels.shape[0] for card in cards)
    size = (bottom - top + 1 & ~1, right - left + 1 & ~1)
    changes = {0} | {card.start for card in cards} | {card.stop for card in cards}
    times = sorted(time for time in changes if time < num_frames)
    path = folder / "overlay.mov"
    options = {"video_track_timescale": str(fps.numerator)}
    with av.open(str(path), "w", format="mov", options=options) as container:
        stream = container.add_stream("png", rate=fps)
        stream.pix_fmt = "rgba"
        stream.height, stream.width = size
        stream.time_base = 1 / fps
        for time in times:
            canvas = np.zeros((*size, 4), np.uint8)
            for card in cards:
                if card.start <= time < card.stop:
                    _lay(canvas, card, left, top)
            frame = av.VideoFrame.from_ndarray(canvas, "rgba")
            frame.pts, frame.time_base = time, 1 / fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return OverlayTrack(path, left, top)


def _lay(canvas: np.ndarray, card: Card, left: int, top: int) -> None:
    height, width = card.pixels.shape[:2]
    y, x = card.top - top, card.left - left
    under = canvas[y : y + height, x : x + width]
    alpha = card.pixels[..., 3:].astype(np.uint16)
    kept = under[..., 3:].astype(np.uint16) * (255 - alpha) // 255
    whole = np.maximum(alpha + kept, 1)
    mixed = (card.pixels[..., :3] * alpha + under[..., :3] * kept) // whole
    under[..., :3] = mixed
    under[..., 3:] = alpha + kept


def filter_text(value: str) -> str:
    """A value as ffmpeg's filter graphs want it: escaped for the option, then for the graph."""
    for special in ("\\", "'", ":"):
        value = value.replace(special, "\\" + special)
    return "".join("\\" + char if char in "\\'[],;" else char for char in value)
