"""Names for latent actions: each button takes the code that labelled play of it is most often read as.

This is the only place where true buttons meet a trained model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from playreel.errors import TrainingError
from playreel.training.evaluation.sets import DOMAINS, SCHOOLS, play_clip

if TYPE_CHECKING:
    from playreel.core import LatentActionModel

_SEED = 20_000
_EPISODES, _FRAMES = 48, 33


def calibrate(
    lam: LatentActionModel,
    *,
    domain: str,
    num_episodes: int = _EPISODES,
    num_frames: int = _FRAMES,
) -> dict[str, int]:
    """Which latent action each button of a domain is.

    Plays footage of seeds that are not held out, reads the latent actions and assigns them to the
    buttons one to one, so that they agree as often as possible. The first transition of an episode is
    left out: there is no frame before it to see the momentum in.

    Args:
        lam: reads latent actions out of frames (`infer_frames`).
        domain: "platformer" or "arm".
        num_episodes: how much is played, shared among the domain's schools.
        num_frames: length of each episode.

    Returns:
        Button to latent action, in the order of the buttons.

    Raises:
        TrainingError: there is no such domain, or it has more buttons than the model has actions.
    """
    if domain not in DOMAINS:
        raise TrainingError(f"Unknown domain {domain!r}; use one of {', '.join(DOMAINS)}.")
    names, schools = DOMAINS[domain], SCHOOLS[domain]
    true, read = [], []
    for index in range(num_episodes):
        clip = play_clip(
            schools[index % len(schools)],
            np.random.default_rng((_SEED, index)),
            num_frames,
            held_out=False,
        )
        true.append(clip.buttons[1:])
        read.append(lam.infer_frames(clip.frames)[1:])
    counts = count_pairs(true, read, len(names), lam.config.num_actions)
    return dict(zip(names, assign(counts), strict=True))


def count_pairs(
    true: Sequence[np.ndarray], read: Sequence[np.ndarray], num_buttons: int, num_codes: int
) -> np.ndarray:
    """How often each button (row) was read as each code (column), int (num_buttons, num_codes)."""
    counts = np.zeros((num_buttons, num_codes), np.int64)
    np.add.at(counts, (np.concatenate(true), np.concatenate(read)), 1)
    return counts


def assign(counts: np.ndarray) -> list[int]:
    """The one-to-one assignment of codes to rows with the greatest sum.

    Exact, by dynamic programming over the sets of codes used (Held and Karp 1962): a few hundred
    sets for eight codes.

    Args:
        counts: (rows, codes), no more rows than codes.

    Raises:
        TrainingError: more rows than codes.
    """
    num_rows, num_codes = counts.shape
    if num_rows > num_codes:
        raise TrainingError(
            f"{num_rows} buttons cannot be named with {num_codes} latent actions; train with at least "
            f"{num_rows}."
        )
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}  # codes used -> (sum, codes by row)
    for row in counts.tolist():
        longer: dict[int, tuple[int, tuple[int, ...]]] = {}
        for used, (total, codes) in best.items():
            for code, count in enumerate(row):
                if used >> code & 1:
                    continue
                key = used | 1 << code
                if key not in longer or total + count > longer[key][0]:
                    longer[key] = total + count, (*codes, code)
        best = longer
    return list(max(best.values(), key=lambda entry: entry[0])[1])
