"""Draws frames of a platformer: layers sliced by parallax, then sprites, then weather."""

from __future__ import annotations

import numpy as np

from playreel.footage.layers import FAR_PERIOD, MID_PERIOD, Strip, parallax_strip, sky
from playreel.footage.level import NUM_COLUMNS, NUM_ROWS, TILE, Level
from playreel.footage.palette import tint
from playreel.footage.spec import EpisodeSpec
from playreel.footage.sprites import POSES, hero_sprite, thing_sprite
from playreel.footage.styles import HAZY_STYLES, stylise
from playreel.footage.tiles import BRICK, BROKEN, tile_atlas
from playreel.footage.weather import NUM_PHASES, overlay

#: Pixels a layer moves for each pixel the camera moves, as divisors.
FAR_DIVISOR, MID_DIVISOR = 4, 2

Stencil = tuple[np.ndarray, np.ndarray]  # uint8 keep and paint of one shape: frame & keep | paint


def _stencil(rgb: np.ndarray, mask: np.ndarray) -> Stencil:
    keep = np.where(mask[..., None], 0, 255).astype(np.uint8).repeat(3, axis=-1)
    return keep, rgb * mask[..., None]


class Scene:
    """The painted parts of one episode, ready to be laid over one another.

    Args:
        spec: what to paint.
        level: the lie of the land; its grid becomes the near layer.
        dry: leave out what falls, and nothing else.
    """

    def __init__(self, spec: EpisodeSpec, level: Level, *, dry: bool = False) -> None:
        self.spec = spec
        rng = np.random.default_rng((spec.seed, 7))
        grain = np.random.default_rng(
            (spec.seed, 8)
        )  # of its own: what is there is the same in any style
        height = spec.size[0]
        self._haze = spec.weather == "fog" and spec.style in HAZY_STYLES
        self._tint_weather = "clear" if self._haze else spec.weather
        self.sky = stylise(
            sky(spec.theme, spec.time_of_day, self._tint_weather, spec.size, rng),
            None,
            "sky",
            spec.style,
            grain,
            haze=self._haze,
        )
        self._far = self._strip("far", rng, grain, FAR_PERIOD)
        self._mid = self._strip("mid", rng, grain, MID_PERIOD)
        atlas = [self._paint(tile, "near", grain) for tile in tile_atlas(spec.theme)]
        rows = -(-height // TILE)
        grid = level.grid[NUM_ROWS - rows :]
        keeps = np.stack([keep for keep, _ in atlas])
        paints = np.stack([paint for _, paint in atlas])
        shape = (rows * TILE, NUM_COLUMNS * TILE, 3)
        self._near = tuple(t[grid].transpose(0, 2, 1, 3, 4).reshape(shape) for t in (keeps, paints))
        self.brick, self.broken = atlas[BRICK], atlas[BROKEN]
        self._sprites: dict[tuple[str, bool], Stencil] = {}
        falling = overlay(spec.weather, spec.time_of_day, spec.style, spec.size, rng)
        self._weather = None if dry else falling

    def _paint(self, part: Strip, depth: str, grain: np.random.Generator) -> Stencil:
        spec = self.spec
        rgb = tint(part.rgb, depth, spec.time_of_day, self._tint_weather)
        painted = stylise(rgb, part.mask, depth, spec.style, grain, haze=self._haze)
        return _stencil(painted, part.mask)

    def _strip(
        self, depth: str, rng: np.random.Generator, grain: np.random.Generator, period: int
    ) -> Stencil:
        height, width = self.spec.size
        strip = parallax_strip(self.spec.theme, depth, height, rng)
        keep, paint = self._paint(strip, depth, grain)
        return tuple(np.concatenate([t, t[:, :width]], axis=1) for t in (keep, paint))

    def sprite(self, name: str, *, flip: bool = False) -> Stencil:
        """A painted sprite by name: a hero's pose, or a thing's."""
        key = (name, flip)
        if key not in self._sprites:
            spec = self.spec
            drawing = (
                hero_sprite(spec.hero, spec.hero_color, name)
                if name in POSES
                else thing_sprite(name)
            )
            keep, paint = self._paint(Strip(*drawing), "sprite", np.random.default_rng(3))
            if flip:
                keep, paint = keep[:, ::-1].copy(), paint[:, ::-1].copy()
            self._sprites[key] = keep, paint
        return self._sprites[key]

    def background(self, camera_x: int) -> np.ndarray:
        """Sky, far, mid and near layers for a camera whose left edge is at `camera_x` px."""
        width = self.spec.size[1]
        frame = self.sky.copy()
        near_x = min(max(camera_x, 0), NUM_COLUMNS * TILE - width)
        layers = (
            (self._far, camera_x // FAR_DIVISOR % FAR_PERIOD),
            (self._mid, camera_x // MID_DIVISOR % MID_PERIOD),
            (self._near, near_x),
        )
        for (keep, paint), left in layers:
            np.bitwise_and(frame, keep[:, left : left + width], out=frame)
            np.bitwise_or(frame, paint[:, left : left + width], out=frame)
        return frame

    def stamp(self, frame: np.ndarray, stencil: Stencil, left: int, bottom: int) -> None:
        """Lay a stencil on a frame; `bottom` counts up from the frame's lower edge; clips at the edges."""
        keep, paint = stencil
        height, width = frame.shape[:2]
        top = height - bottom - keep.shape[0]
        y0, x0 = max(top, 0), max(left, 0)
        y1, x1 = min(top + keep.shape[0], height), min(left + keep.shape[1], width)
        if y0 >= y1 or x0 >= x1:
            return
        part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
        view = frame[y0:y1, x0:x1]
        np.bitwise_and(view, keep[part], out=view)
        np.bitwise_or(view, paint[part], out=view)

    def weather(self, frame: np.ndarray, time: int) -> None:
        """Lay the falling rain or snow of this moment over a frame."""
        if self._weather is not None:
            keep, paint = self._weather
            np.bitwise_and(frame, keep[time % NUM_PHASES], out=frame)
            np.bitwise_or(frame, paint[time % NUM_PHASES], out=frame)
