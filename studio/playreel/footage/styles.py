"""Eight art styles, as recolourings of the parts of a scene.

A style is applied once an episode to the sky, the strips, the tiles and the sprites, never to whole
frames, so that drawing stays cheap and paper grain moves with what it is painted on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from playreel.footage.palette import FOG_BY_DEPTH, mix

_LUMA = np.array((0.299, 0.587, 0.114), np.float32)


def _luma(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(np.float32) @ _LUMA


def _edges(rgb: np.ndarray, mask: np.ndarray | None, threshold: float = 26) -> np.ndarray:
    """Where the drawing's outline and its strong inner lines run: bool (H, W)."""
    luma = _luma(rgb)
    edge = np.zeros(luma.shape, bool)
    edge[:, 1:] |= np.abs(luma[:, 1:] - luma[:, :-1]) > threshold
    edge[1:] |= np.abs(luma[1:] - luma[:-1]) > threshold
    if mask is None:
        return edge
    rim = np.zeros(mask.shape, bool)
    rim[:, 1:] |= mask[:, 1:] & ~mask[:, :-1]
    rim[:, :-1] |= mask[:, :-1] & ~mask[:, 1:]
    rim[1:] |= mask[1:] & ~mask[:-1]
    return (edge | rim) & mask


def _ramp(luma: np.ndarray, *colors: tuple[int, int, int]) -> np.ndarray:
    table = np.asarray(colors, np.float32)
    at = luma / 255 * (len(table) - 1)
    low = np.clip(at.astype(int), 0, len(table) - 2)
    share = np.clip(at - low, 0, 1)[..., None]
    return table[low] * (1 - share) + table[low + 1] * share


def _blotches(shape: tuple[int, int], rng: np.random.Generator, cell: int = 8) -> np.ndarray:
    """Soft noise in [-1, 1] that wraps round sideways."""
    height, width = shape
    rows, columns = -(-height // cell) + 1, max(width // cell, 1)
    grid = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    y, x = np.arange(height) / cell, np.arange(width) / cell
    y0, x0 = y.astype(int), x.astype(int) % columns
    fy, fx = (
        (y - y.astype(int))[:, None].astype(np.float32),
        (x - x.astype(int))[None].astype(np.float32),
    )
    x1 = (x0 + 1) % columns
    upper = grid[y0][:, x0] * (1 - fx) + grid[y0][:, x1] * fx
    lower = grid[y0 + 1][:, x0] * (1 - fx) + grid[y0 + 1][:, x1] * fx
    return upper * (1 - fy) + lower * fy


_GREENS = np.array(((15, 56, 15), (48, 98, 48), (139, 172, 15), (196, 214, 92)), np.float32)


def _game_boy(rgb, mask, depth, rng):
    lift = {"sky": 30, "far": 24, "mid": 0, "near": -10, "sprite": 0}[depth]
    return _GREENS[np.clip((_luma(rgb) + lift) / 64, 0, 3).astype(int)]


def _ink_wash(rgb, mask, depth, rng):
    wash = {"sky": 0.12, "far": 0.3, "mid": 0.55, "near": 0.85, "sprite": 1.0}[depth]
    tone = 1 - (1 - _luma(rgb) / 255) * wash
    tone += _blotches(rgb.shape[:2], rng, 12) * 0.05 * (depth != "sprite")
    out = _ramp(
        np.clip(tone, 0, 1) * 255, (24, 24, 30), (92, 92, 96), (176, 174, 168), (240, 234, 220)
    )
    if depth in ("near", "sprite"):
        out[_edges(rgb, mask, 60)] = (26, 24, 30)
    return out


def _blueprint(rgb, mask, depth, rng):
    base = {"sky": (24, 62, 132), "far": (28, 70, 144), "mid": (30, 78, 154), "near": (22, 58, 124)}
    out = np.empty(rgb.shape, np.float32)
    out[:] = base.get(depth, (20, 52, 116))
    if depth == "sky":
        out[::8] = (34, 76, 150)
        out[:, ::8] = (34, 76, 150)
        return out
    line = {"far": (92, 140, 206), "mid": (138, 182, 230), "near": (206, 228, 250)}
    out[_edges(rgb, mask, 38 if depth == "near" else 22)] = line.get(depth, (246, 250, 255))
    return out


def _watercolour(rgb, mask, depth, rng):
    out = rgb.astype(np.float32)
    grey = _luma(rgb)[..., None]
    out = grey + (out - grey) * 0.85
    out = 255 - (255 - out) * {"sky": 0.5, "far": 0.6, "mid": 0.7, "near": 0.8}.get(depth, 0.95)
    out += _blotches(rgb.shape[:2], rng, 10)[..., None] * (14 if depth != "sprite" else 4)
    if depth != "sky":
        out[_edges(rgb, mask, 90)] *= 0.72
    return out + np.float32((4, 2, -8))


def _neon(rgb, mask, depth, rng):
    fill = {"sky": 0.12, "far": 0.1, "mid": 0.12, "near": 0.1}.get(depth, 0.3)
    out = rgb.astype(np.float32) * fill + np.float32((14, 4, 34))
    if depth == "sky":
        return out
    glow = rgb.astype(np.float32)
    glow = glow - glow.min(axis=-1, keepdims=True) * 0.85
    glow *= 255 / np.maximum(glow.max(axis=-1, keepdims=True), 40)
    shine = {"far": 0.45, "mid": 0.7}.get(depth, 1.0)
    edge = _edges(rgb, mask, 44 if depth == "near" else 30)
    out[edge] = glow[edge] * shine + np.float32((30, 10, 40)) * (1 - shine)
    return out


def _paper_cut_out(rgb, mask, depth, rng):
    out = np.round(rgb.astype(np.float32) / 48) * 48
    grey = out.mean(axis=-1, keepdims=True)
    out = grey + (out - grey) * 1.15 + 10
    if mask is not None and depth != "sprite":
        shadow = mask.copy()
        shadow[2:] &= ~mask[:-2]  # the light rim of the cut edge
        out[shadow] = out[shadow] * 0.4 + 153
        under = np.zeros_like(mask)
        under[3:] = mask[3:] & mask[:-3]
        deep = np.zeros_like(mask)
        deep[5:] = under[5:] & ~mask[:-5]
        out[deep] *= 0.86
    elif depth == "sprite":
        out[_edges(rgb, mask, 400)] = (252, 250, 244)
    return out


def _charcoal(rgb, mask, depth, rng):
    wash = {"sky": 0.1, "far": 0.22, "mid": 0.4, "near": 0.6}.get(depth, 0.75)
    tone = 1 - (1 - _luma(rgb) / 255) * wash
    if depth != "sprite":
        height, width = rgb.shape[:2]
        yy, xx = np.mgrid[:height, :width]
        hatch = ((xx + yy) % 4 == 0) & (tone < 0.86)
        tone = tone - hatch * 0.12
    out = _ramp(np.clip(tone, 0, 1) * 255, (30, 28, 28), (120, 116, 112), (238, 234, 226))
    if depth != "sky":
        out[_edges(rgb, mask, 60)] = {"far": (142, 138, 134), "mid": (88, 84, 82)}.get(
            depth, (34, 32, 32)
        )
    return out


# Where lines or a few shades are all there is, a paler motif makes no fog: it is laid over the painting.
_HAZE = {
    "game-boy": (139, 172, 15),
    "ink wash": (212, 212, 210),
    "blueprint": (96, 132, 188),
    "charcoal sketch": (204, 200, 194),
}
HAZY_STYLES = frozenset(_HAZE)


def _hazed(painted: np.ndarray, depth: str, style: str) -> np.ndarray:
    """A painted part behind as much fog as lies before its depth."""
    out = mix(painted, _HAZE[style], FOG_BY_DEPTH[depth])
    if style != "game-boy":
        return out
    nearest = np.abs(_luma(out)[..., None] - _luma(_GREENS)).argmin(-1)
    return _GREENS[nearest]


_STYLES: dict[str, Callable[..., np.ndarray]] = {
    "game-boy": _game_boy,
    "ink wash": _ink_wash,
    "blueprint": _blueprint,
    "watercolour": _watercolour,
    "neon": _neon,
    "paper cut-out": _paper_cut_out,
    "charcoal sketch": _charcoal,
}


def stylise(
    rgb: np.ndarray,
    mask: np.ndarray | None,
    depth: str,
    style: str,
    rng: np.random.Generator,
    *,
    haze: bool = False,
) -> np.ndarray:
    """Repaint one part of the scene.

    Args:
        rgb: uint8 (H, W, 3).
        mask: bool (H, W), or None where all of it is seen.
        depth: `sky`, `far`, `mid`, `near` or `sprite`.
        style: one of `spec.STYLES`.
        rng: for grain and blotches.
        haze: whether fog lies over it; for `HAZY_STYLES` alone.

    Returns:
        uint8 (H, W, 3).
    """
    if style == "pixel":
        return rgb
    painted = _STYLES[style](rgb, mask, depth, rng)
    if haze:
        painted = _hazed(painted, depth, style)
    return np.clip(painted, 0, 255).astype(np.uint8)
