"""The lie of the land: ground, platforms, bricks, coins and enemies of an endless-looking level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TILE = 8
NUM_COLUMNS, NUM_ROWS = 512, 16

# Tile numbers in the grid; see tiles.py for how each is drawn.
EMPTY, TOP, TOP_B, INNER, INNER_B, LEFT, RIGHT, TOP_LEFT, TOP_RIGHT, PLATFORM, DECOR_A, DECOR_B = (
    range(12)
)


@dataclass
class Level:
    """Static layout. Columns count from the left, heights in tiles up from the bottom."""

    ground: np.ndarray  # int (NUM_COLUMNS,), height of the ground in tiles
    platforms: np.ndarray  # int (NUM_COLUMNS,), top of a platform in tiles, 0 for none
    grid: np.ndarray  # uint8 (NUM_ROWS, NUM_COLUMNS), row 0 at the top
    bricks: np.ndarray  # int (n, 2): column, bottom in tiles
    coins: np.ndarray  # int (n, 2): left and bottom in pixels
    enemies: np.ndarray  # int (n, 5): kind, left px, bottom px, patrol px, phase


def _ground(rng: np.random.Generator) -> np.ndarray:
    heights, height = [], 2
    while len(heights) < NUM_COLUMNS:
        run = int(rng.integers(4, 12))
        heights += [height] * run
        if rng.random() < 0.22:  # a step to hop over
            heights += [min(height + int(rng.integers(1, 3)), 4)] * int(rng.integers(1, 3))
            heights += [height] * 2
        else:
            height = int(np.clip(height + rng.choice((-1, 0, 1)), 1, 3))
    ground = np.array(heights[:NUM_COLUMNS])
    ground[:2], ground[-2:] = 12, 12
    middle = NUM_COLUMNS // 2
    ground[middle - 3 : middle + 4] = ground[middle]
    return ground


def _grid(ground: np.ndarray, platforms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    up = NUM_ROWS - 1 - np.arange(NUM_ROWS)[:, None]
    before, after = np.roll(ground, 1), np.roll(ground, -1)
    noise = rng.random((NUM_ROWS, NUM_COLUMNS))
    grid = np.full((NUM_ROWS, NUM_COLUMNS), EMPTY, np.uint8)
    solid = up < ground
    grid[solid] = np.where(noise < 0.8, INNER, INNER_B)[solid]
    grid[solid & (up >= before)] = LEFT
    grid[solid & (up >= after)] = RIGHT
    top = up == ground - 1
    grid[top] = np.where(noise < 0.7, TOP, TOP_B)[top]
    grid[top & (up >= before)] = TOP_LEFT
    grid[top & (up >= after)] = TOP_RIGHT
    decor = (up == ground) & (noise < 0.22)
    grid[decor] = np.where(noise < 0.12, DECOR_A, DECOR_B)[decor]
    grid[(platforms > 0) & (up == platforms - 1)] = PLATFORM
    return grid


def make_level(rng: np.random.Generator) -> Level:
    """Lay out one level."""
    ground = _ground(rng)
    platforms = np.zeros(NUM_COLUMNS, int)
    bricks, coins, enemies = [], [], []
    at = 4
    while at < NUM_COLUMNS - 14:
        here = int(ground[at : at + 6].max())
        flat = int(np.ptp(ground[at : at + 6])) == 0
        draw = rng.random()
        width = int(rng.integers(2, 5))
        if draw < 0.2 and here <= 2:
            platforms[at : at + width + 1] = here + 3
            if rng.random() < 0.6:
                coins += [((at + i) * TILE, (here + 3) * TILE + 2) for i in range(width)]
        elif draw < 0.42 and here <= 2:
            bricks += [(at + i, here + 4) for i in range(width)]
        elif draw < 0.7:
            arc = (4, 10, 14, 10, 4)
            coins += [
                ((at + i) * TILE, int(ground[at + i]) * TILE + arc[i] + (6 if here > 3 else 0))
                for i in range(5)
            ]
        elif flat and abs(at - NUM_COLUMNS // 2) > 5:
            kind = int(rng.integers(0, 3))
            patrol = (20, 40, 0)[kind]
            lift = int(rng.integers(18, 30)) if kind == 1 else 0
            enemies.append((kind, at * TILE, here * TILE + lift, patrol, int(rng.integers(0, 80))))
        at += width + int(rng.integers(3, 8))
    return Level(
        ground=ground,
        platforms=platforms,
        grid=_grid(ground, platforms, rng),
        bricks=np.array(bricks, int).reshape(-1, 2),
        coins=np.array(coins, int).reshape(-1, 2),
        enemies=np.array(enemies, int).reshape(-1, 5),
    )
