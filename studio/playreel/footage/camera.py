"""Camera moves and shot sizes: where the frame's left edge is, and how far it is zoomed in."""

from __future__ import annotations

import numpy as np

ZOOM_OF_SHOT = {"wide": 1.0, "medium": 2.0, "close-up": 4.0}
PAN_SPEED = 4  # px a frame, so that every layer moves by whole pixels


class Camera:
    """One shot's camera.

    Args:
        move: one of `spec.CAMERAS`.
        shot_size: one of `spec.SHOT_SIZES`.
        num_frames: length of the shot.
        tracking_x: left edge that would centre the hero when the shot begins.
        rng: for shake.
    """

    def __init__(
        self, move: str, shot_size: str, num_frames: int, tracking_x: int, rng: np.random.Generator
    ) -> None:
        self.move = move
        self._zoom = ZOOM_OF_SHOT[shot_size]
        self._num_frames = max(num_frames, 2)
        self._start_x = tracking_x
        if move in ("pan left", "pan right"):
            sign = 1 if move == "pan right" else -1
            self._start_x -= sign * (PAN_SPEED * min(num_frames, 16) // 2 // 4 * 4)
        self._rng = rng

    def place(self, index: int, tracking_x: int) -> tuple[int, int, float]:
        """Left edge (px), vertical jitter (px) and zoom of frame `index`."""
        follows = self.move == "tracking" or self._zoom > 1
        left = tracking_x if follows else self._start_x
        if self.move == "pan right":
            left = self._start_x + PAN_SPEED * index
        elif self.move == "pan left":
            left = self._start_x - PAN_SPEED * index
        elif self.move in ("zoom in", "zoom out"):
            left = tracking_x
        lift = 0
        if self.move == "shake":
            left = left + int(self._rng.integers(-2, 3)) * 2
            lift = int(self._rng.integers(-2, 3))
        zoom = self._zoom
        share = min(index / (min(self._num_frames, 16) - 1), 1.0)
        if self.move == "zoom in":
            zoom *= 1 + share
        elif self.move == "zoom out":
            zoom *= 2 - share
        return left, lift, zoom


def crop(frame: np.ndarray, center: tuple[int, int], zoom: float, lift: int) -> np.ndarray:
    """Cut a frame around a point and enlarge it by the nearest pixel.

    Args:
        frame: uint8 (H, W, 3).
        center: row and column to keep in the middle where the frame's edges allow it.
        zoom: 1 or more.
        lift: rows to jolt by.
    """
    height, width = frame.shape[:2]
    if zoom == 1.0 and not lift:
        return frame
    rows, columns = height / zoom, width / zoom
    top = min(max(center[0] - rows / 2, 0), height - rows)
    left = min(max(center[1] - columns / 2, 0), width - columns)
    y = np.clip((top + (np.arange(height) + 0.5) / zoom).astype(int) + lift, 0, height - 1)
    x = np.clip((left + (np.arange(width) + 0.5) / zoom).astype(int), 0, width - 1)
    return frame[y][:, x]
