"""Moving parts of an arm episode as anti-aliased cut-outs: blocks, and the arm in each pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from playreel.footage.arm_backdrop import TINTS
from playreel.footage.arm_body import BLOCK_RADIUS, FORE_RADIUS, UPPER_RADIUS, Pose, joints
from playreel.footage.arm_look import (
    BLOCK_COLORS,
    FORESHORTENING,
    LIVERIES,
    ArmLook,
    ArmStage,
    Color,
    light_direction,
    shaded,
)

ARM_HEIGHT = 6.0  # of the links' axis above the table, pixels
BLOCK_SPAN = 22  # side of a block's cut-out
BLOCK_FINE = 8  # painted this much larger
SUBPIXELS = 4  # positions per pixel at which blocks are drawn


@dataclass(frozen=True)
class CutOut:
    """A picture to lay over a frame: out = (frame * keep + add) / 256; uint16, keep [h, w, 1]."""

    top: int
    left: int
    keep: np.ndarray
    add: np.ndarray

    def lay(self, frame: np.ndarray, top: int = 0, left: int = 0) -> None:
        """Draws onto a frame, in place, moved by (top, left); what hangs over is cut off."""
        top, left = top + self.top, left + self.left
        height, width = self.add.shape[:2]
        up, back = max(0, -top), max(0, -left)
        down, ahead = min(height, frame.shape[0] - top), min(width, frame.shape[1] - left)
        if up >= down or back >= ahead:
            return
        window = frame[top + up : top + down, left + back : left + ahead]
        mixed = window * self.keep[up:down, back:ahead]
        mixed += self.add[up:down, back:ahead]
        mixed >>= 8
        window[...] = mixed


def on_picture(
    stage: ArmStage, point: tuple[float, float], height: float = 0.0
) -> tuple[float, float]:
    """Where a point of the table plane is drawn: (x, y)."""
    return stage.base_x + point[0], stage.base_y + FORESHORTENING * point[1] - height


def _cut_out(top: int, left: int, color: np.ndarray, cover: np.ndarray) -> CutOut:
    """From premultiplied colour [h, w, 3] in 0..255 and cover [h, w] in 0..1."""
    keep = np.rint(256 * (1 - cover)).astype(np.uint16)[..., None]
    # Rounded so that full cover of white stays within uint8.
    add = np.minimum(np.rint(color * 256), 65535 - 255 * keep.astype(np.int32))
    return CutOut(top, left, keep, add.astype(np.uint16))


class BlockPainter:
    """Cut-outs of one block with its shadow, for every subpixel position, painted when needed."""

    def __init__(self, look: ArmLook, kind: str, color: str) -> None:
        self._tint = np.array(TINTS[look.light], np.float32)
        self._toward = light_direction(look.light)
        self._master = self._paint(kind, BLOCK_COLORS[color])
        self._cache: dict[tuple[int, int], CutOut] = {}

    def lay(self, frame: np.ndarray, x: float, y: float) -> None:
        """Draws the block standing on picture point (x, y)."""
        fine_x, fine_y = round(x * SUBPIXELS), round(y * SUBPIXELS)
        column, part_x = divmod(fine_x, SUBPIXELS)
        row, part_y = divmod(fine_y, SUBPIXELS)
        part = (part_x, part_y)
        if part not in self._cache:
            self._cache[part] = self._shifted(part_x, part_y)
        self._cache[part].lay(frame, row, column)

    def _shifted(self, part_x: int, part_y: int) -> CutOut:
        step = BLOCK_FINE // SUBPIXELS
        moved = Image.new("RGBA", self._master.size)
        moved.paste(self._master, (part_x * step, part_y * step))
        small = np.asarray(moved.reduce(BLOCK_FINE)).astype(np.float32)
        half = BLOCK_SPAN // 2
        return _cut_out(-half, -half, small[..., :3] * self._tint.clip(0, 1), small[..., 3] / 255)

    def _paint(self, kind: str, color: Color) -> Image.Image:
        """The block on black at alpha 0, so that averaging gives premultiplied colours."""
        side = BLOCK_SPAN * BLOCK_FINE
        image = Image.new("RGBA", (side, side))
        draw = ImageDraw.Draw(image)
        middle = side / 2

        def at(x: float, y: float) -> tuple[float, float]:
            return middle + x * BLOCK_FINE, middle + y * BLOCK_FINE

        def area(points: list[tuple[float, float]], tone: Color) -> None:
            draw.polygon([at(*point) for point in points], fill=(*tone, 255))

        def oval(x: float, y: float, rx: float, ry: float, tone: tuple[int, ...]) -> None:
            draw.ellipse([*at(x - rx, y - ry), *at(x + rx, y + ry)], fill=tone)

        lean = -self._toward[0]
        for ring in range(6):  # soft shadow: rings from light to dark
            grow = 1.5 - ring * 0.4
            oval(lean * 2, 0.9, BLOCK_RADIUS + grow, 3.6 + grow * 0.7, (0, 0, 0, 18 + 17 * ring))
        half, tall, deep = 4.5, 6.4, 2.9
        lit, base, dark = shaded(color, 1.5), color, shaded(color, 0.72)
        if kind == "cube":
            area([(-half, deep - tall), (half, deep - tall), (half, deep), (-half, deep)], base)
            area([(-half, deep - 1.2), (half, deep - 1.2), (half, deep), (-half, deep)], dark)
            top, back = deep - tall, -deep - tall
            area([(-half, top), (half, top), (half - 0.5, back), (-half + 0.5, back)], lit)
            side_x = half - 1.3 if self._toward[0] < 0 else -half
            area([(side_x, top), (side_x + 1.3, top), (side_x + 1.3, deep), (side_x, deep)], dark)
            oval(0, deep - tall / 2 - 0.3, 1.7, 1.7, (*shaded(color, 2.2), 255))
        elif kind == "cylinder":
            oval(0, deep - 2.9, half + 0.2, 2.9, (*dark, 255))
            for strip in range(12):
                share = -1 + (strip + 0.5) / 6
                glow = 1 - 0.5 * abs(share - 0.5 * self._toward[0])
                left = share * (half + 0.2) - 0.4
                drop = 2.9 * (1 - share * share) ** 0.5
                tone = shaded(color, 0.62 + 0.62 * glow)
                area(
                    [
                        (left, -tall + 0.3),
                        (left + 0.85, -tall + 0.3),
                        (left + 0.85, drop + 0.3),
                        (left, drop + 0.3),
                    ],
                    tone,
                )
            oval(0, -tall + 0.3, half + 0.2, 2.9, (*lit, 255))
            oval(0, -tall + 0.3, half - 1.4, 1.8, (*shaded(color, 1.15), 255))
        else:
            peak, left, right, near = (
                (0, -tall - 1.6),
                (-half - 0.4, 1.0),
                (half + 0.4, 1.0),
                (0.8, deep),
            )
            bright, dim = (lit, dark) if self._toward[0] < 0 else (dark, lit)
            area([peak, left, near], bright)
            area([peak, near, right], dim)
        return image


class ArmPainter:
    """Cut-outs of the arm and of its shadow for each pose, painted when needed."""

    def __init__(self, look: ArmLook) -> None:
        self._stage = look.stage
        tint = np.array(TINTS[look.light], np.float32)
        self._body, self._accent, self._joint = (
            np.array(color, np.float32) * tint for color in LIVERIES[look.livery]
        )
        self._toward = light_direction(look.light)
        self._cache: dict[Pose, tuple[CutOut, CutOut]] = {}

    def cut_outs(self, pose: Pose) -> tuple[CutOut, CutOut]:
        """Shadow and arm in one pose."""
        if pose not in self._cache:
            self._cache[pose] = self._shadow(pose), self._arm(pose)
        return self._cache[pose]

    def _window(
        self, points: list[tuple[float, float]], margin: float
    ) -> tuple[int, int, int, int]:
        left = int(min(x for x, _ in points) - margin)
        top = int(min(y for _, y in points) - margin)
        right = int(max(x for x, _ in points) + margin) + 2
        bottom = int(max(y for _, y in points) + margin) + 2
        return top, left, bottom, right

    def _shadow(self, pose: Pose) -> CutOut:
        elbow, tip = joints(self._stage, *pose.degrees())
        lean = -3.0 * self._toward[0]
        spots = [on_picture(self._stage, point) for point in ((0.0, 0.0), elbow, tip)]
        spots = [(x + lean, y + 1.0) for x, y in spots]
        top, left, bottom, right = self._window(spots, 6.5)
        rows, columns = _grid(top, left, bottom, right)
        away = np.minimum(
            _distance(rows, columns, spots[0], spots[1])[0] - 0.6,
            _distance(rows, columns, spots[1], spots[2])[0],
        )
        cover = 0.4 * _unit((6.0 - away) / 5.5) ** 1.5
        return _cut_out(top, left, np.zeros((*cover.shape, 3), np.float32), cover)

    def _arm(self, pose: Pose) -> CutOut:
        elbow, tip = joints(self._stage, *pose.degrees())
        stage = self._stage
        foot = on_picture(stage, (0.0, 0.0), ARM_HEIGHT + 1.5)
        bend = on_picture(stage, elbow, ARM_HEIGHT)
        hand = on_picture(stage, tip, ARM_HEIGHT - 1.0)
        pad = on_picture(stage, tip, 1.6)
        top, left, bottom, right = self._window([foot, bend, hand, pad], 7.0)
        canvas = _Canvas(top, left, bottom, right, self._toward)
        canvas.disc((bend[0], bend[1] + 2.2), 3.3, self._joint * 0.7)
        canvas.link(hand, pad, 2.6, 3.1, self._joint, stripe=None)
        canvas.link(bend, hand, FORE_RADIUS + 0.5, FORE_RADIUS - 0.3, self._body, stripe=None)
        canvas.link(foot, bend, UPPER_RADIUS + 1.2, UPPER_RADIUS, self._body, stripe=self._accent)
        canvas.disc(foot, 4.4, self._joint, hub=(2.0, self._accent))
        canvas.disc(bend, 3.4, self._joint, hub=(1.5, self._accent))
        canvas.disc(hand, 2.4, self._accent)
        return _cut_out(top, left, canvas.color, canvas.cover)


def _unit(values: np.ndarray) -> np.ndarray:
    """Cut to 0..1; on small arrays this takes half the time of np.clip."""
    return np.minimum(np.maximum(values, np.float32(0)), np.float32(1))


def _grid(top: int, left: int, bottom: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    columns = np.arange(left, right, dtype=np.float32)[None]
    return rows + np.float32(0.5), columns + np.float32(0.5)


def _distance(
    rows: np.ndarray, columns: np.ndarray, start: tuple[float, float], end: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance to a segment, share of the way along it, and signed distance across it; pixels."""
    step_x, step_y = end[0] - start[0], end[1] - start[1]
    length = max(step_x * step_x + step_y * step_y, 1e-6)
    x, y = columns - np.float32(start[0]), rows - np.float32(start[1])
    along = x * np.float32(step_x / length) + y * np.float32(step_y / length)
    share = _unit(along)
    x = x - share * np.float32(step_x)
    y = y - share * np.float32(step_y)
    root = length**0.5
    across = y * np.float32(step_x / root) - x * np.float32(step_y / root)
    return np.sqrt(x * x + y * y), share, across


class _Canvas:
    """Premultiplied colour and cover of a window of the frame, painted back to front."""

    def __init__(
        self, top: int, left: int, bottom: int, right: int, toward: tuple[float, float]
    ) -> None:
        self._origin = top, left
        self._toward = toward
        self.color = np.zeros((bottom - top, right - left, 3), np.float32)
        self.cover = np.zeros((bottom - top, right - left), np.float32)

    def _crop(self, points: list[tuple[float, float]], margin: float) -> tuple[slice, slice]:
        top, left = self._origin
        height, width = self.cover.shape
        first_row = max(0, int(min(y for _, y in points) - margin) - top)
        first_column = max(0, int(min(x for x, _ in points) - margin) - left)
        last_row = min(height, int(max(y for _, y in points) + margin) + 2 - top)
        last_column = min(width, int(max(x for x, _ in points) + margin) + 2 - left)
        return slice(first_row, last_row), slice(first_column, last_column)

    def _grid(self, crop: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
        top, left = self._origin
        rows, columns = crop
        return _grid(top + rows.start, left + columns.start, top + rows.stop, left + columns.stop)

    def _lay(self, crop: tuple[slice, slice], color: np.ndarray, cover: np.ndarray) -> None:
        rest = 1 - cover
        window = self.color[crop]
        window *= rest[..., None]
        window += np.minimum(color, 255) * cover[..., None]
        alpha = self.cover[crop]
        alpha *= rest
        alpha += cover

    def link(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        start_radius: float,
        end_radius: float,
        body: np.ndarray,
        *,
        stripe: np.ndarray | None,
    ) -> None:
        """A tapered tube, lit from one side, with a dark rim and a stripe along its middle."""
        crop = self._crop([start, end], max(start_radius, end_radius) + 1)
        away, share, across = _distance(*self._grid(crop), start, end)
        radius = start_radius + (end_radius - start_radius) * share
        cover = _unit(radius - away + 0.5)
        length = max(np.hypot(end[0] - start[0], end[1] - start[1]), 1e-3)
        facing = (
            (end[0] - start[0]) * self._toward[1] - (end[1] - start[1]) * self._toward[0]
        ) / length
        side = across / radius * facing  # 1 where the tube faces the light
        tone = 0.86 + 0.24 * side
        tone *= 0.52 + 0.48 * _unit((radius - away) * 0.9)
        shine = 58 * np.maximum(1 - np.abs(side - 0.42) * 4, 0)
        color = tone[..., None] * body + shine[..., None]
        if stripe is not None:
            mark = _unit(2.2 - np.abs(share - 0.52) * 10) * _unit(1.6 - np.abs(across))
            color += mark[..., None] * (stripe * tone[..., None] - color)
        self._lay(crop, color, cover)

    def disc(
        self,
        center: tuple[float, float],
        radius: float,
        body: np.ndarray,
        *,
        hub: tuple[float, np.ndarray] | None = None,
    ) -> None:
        """A joint's round cover, lit from one side; `hub` gives its middle's radius and colour."""
        crop = self._crop([center], radius + 1)
        rows, columns = self._grid(crop)
        x, y = columns - np.float32(center[0]), rows - np.float32(center[1])
        away = np.sqrt(x * x + y * y)
        cover = _unit(radius - away + 0.5)
        side = (x * np.float32(self._toward[0]) + y * np.float32(self._toward[1])) / radius
        tone = (0.95 + 0.3 * side) * (0.6 + 0.4 * _unit((radius - away) * 0.9))
        color = tone[..., None] * body
        if hub is not None:
            inside = _unit(hub[0] - away + 0.5)[..., None]
            color += inside * (hub[1] * tone[..., None] - color)
        self._lay(crop, color, cover)
