"""Figures of a world model: what its actions are worth, whether it obeys, and whether it stays sharp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playreel.training.calibration import assign, count_pairs
from playreel.training.evaluation.measure import PSNR_CAP, gradient_energy, psnr
from playreel.training.evaluation.players import Player
from playreel.training.evaluation.presses import BUTTONS_TRIED, Press
from playreel.training.evaluation.sets import CONTEXT, TrueClip

DELTA_FRAMES = (4, 10)  # how many frames on the rollouts are looked at
_STILL = 0.01  # gradient energy far below that of any picture, so that a blank one has a ratio

Figures = dict[str, float]


def agree(player: Player, clips: Sequence[TrueClip], *, num_actions: int) -> Figures:
    """How well latent actions agree with the hidden true buttons.

    Codes are assigned to buttons one to one so that they agree best (`agree`); `agree_chance` is what
    always naming the commonest button would reach, and `agree_named` goes by the names that come with
    the weights. The first transition of a clip is left out, as there is no momentum to be seen.
    """
    names = clips[0].names
    true = [clip.buttons[1:] for clip in clips]
    read = [player.read(clip)[1:] for clip in clips]
    counts = count_pairs(true, read, len(names), num_actions)
    total, rows = counts.sum(), np.arange(len(names))
    figures = {
        "agree": float(counts[rows, assign(counts)].sum() / total),
        "agree_chance": float(counts.sum(1).max() / total),
    }
    if all(name in player.buttons for name in names):
        codes = [player.buttons[name] for name in names]
        figures["agree_named"] = float(counts[rows, codes].sum() / total)
    return figures


def delta_psnr(player: Player, clips: Sequence[TrueClip], *, seed: int = 0) -> Figures:
    """Controllability after Genie (arXiv 2402.15391, sec. 3): PSNR with true minus with random actions.

    From the first `CONTEXT` true frames the player goes on twice: with the actions read from the true
    clip, and with actions drawn from all those read, each as often as it occurs. Both are compared
    with the true frames, the 4th and the 10th on from the context (suffix `_10`).

    Every PSNR is capped at 40 dB, because a player that copies pixels may be exactly right.

    - `psnr`: with true actions.
    - `delta_psnr`: that minus with random actions.
    - `delta_psnr_floor`: repeating the last frame instead, minus with random actions. A player that is
      no better than that shows nothing of what the actions do.
    - `delta_psnr_ceiling`: what a perfect player would get. It is exactly right with true actions,
      which the cap makes 40 dB, and with random buttons it does what the true simulator does then.
      The domain sets it: where buttons change little, no model gets far. Not known for videos.
    """
    rng = np.random.default_rng((seed, 4))
    frames_on = [t for t in DELTA_FRAMES if all(len(clip.future) >= t for clip in clips)]
    if not frames_on:  # short videos
        frames_on = [min(len(clip.future) for clip in clips)]
    last = max(frames_on)
    read = [player.read(clip)[CONTEXT - 1 :] for clip in clips]
    pool = np.concatenate(read)
    known = all(clip.simulator is not None for clip in clips)
    buttons = np.concatenate([clip.future_buttons for clip in clips]) if known else None
    rows = []
    for index, (clip, actions) in enumerate(zip(clips, read, strict=True)):
        truth = clip.future[:last]
        row = [
            psnr(player.roll(clip, actions[:last], seed=seed + index), truth),
            psnr(player.roll(clip, rng.choice(pool, last), seed=seed + index), truth),
            psnr(np.broadcast_to(clip.context[-1], truth.shape), truth),
        ]
        if buttons is not None:
            world = clip.simulator.clone()  # type: ignore[union-attr]
            other = np.stack([world.step(int(b)) for b in rng.choice(buttons, last)])
            row.append(psnr(other, truth))
        rows.append(np.stack(row))
    means = np.mean(rows, axis=0)  # (with true, with random, copy, simulator; time)
    figures: Figures = {}
    for t in frames_on:
        suffix = "" if t == frames_on[0] else f"_{t}"
        true, random, copy = means[:3, t - 1]
        figures[f"delta_psnr{suffix}"] = float(true - random)
        figures[f"delta_psnr{suffix}_floor"] = float(copy - random)
        if buttons is not None:
            figures[f"delta_psnr{suffix}_ceiling"] = float(PSNR_CAP - means[3, t - 1])
        figures[f"psnr{suffix}"] = float(true)
    return figures


def obey(player: Player, presses: Sequence[Press], *, seed: int = 0) -> Figures:
    """Share of presses whose effect, read from the pixels, is the one that the true simulator shows.

    `obey_detector` is the same share for the true simulator's own frames: how far the detector can be
    trusted. Buttons that the player lacks are not obeyed.
    """
    right: dict[str, list[bool]] = {name: [] for name in BUTTONS_TRIED}
    trusted: list[bool] = []
    for index, press in enumerate(presses):
        trusted.append(press.reads(press.truth) == press.button)
        done = False
        if press.button in player.buttons:
            action = player.buttons[press.button]
            frames = player.roll(press.clip, [action] * len(press.truth), seed=seed + index)
            done = press.reads(frames) == press.button
        right[press.button].append(done)
    figures = {"obey": float(np.mean([done for all_ in right.values() for done in all_]))}
    figures |= {f"obey_{name}": float(np.mean(done)) for name, done in right.items() if done}
    return figures | {"obey_detector": float(np.mean(trusted))}


def sharpness(player: Player, clips: Sequence[TrueClip], *, seed: int = 0) -> Figures:
    """Gradient energy of the last frame of long rollouts over that of their first.

    The rollouts hold the buttons that the true player held in the clip, by name; the ratios are
    averaged as logarithms, so that busy scenery counts no more than calm. `..._simulator` is the same
    ratio for the true frames: scenery changes on the way, so that it is not quite 1.
    """
    ratios, true_ratios = [], []
    for index, clip in enumerate(clips):
        actions = [player.buttons[clip.names[button]] for button in clip.future_buttons]
        frames = player.roll(clip, actions, seed=seed + index)
        ratios.append(_energy_ratio(frames))
        true_ratios.append(_energy_ratio(clip.future))
    name = f"sharpness_{len(clips[0].future)}"
    return {
        name: float(np.exp(np.mean(ratios))),
        f"{name}_simulator": float(np.exp(np.mean(true_ratios))),
    }


def _energy_ratio(frames: np.ndarray) -> float:
    """Logarithm of the last frame's gradient energy over the first one's."""
    first, last = gradient_energy(frames[0]), gradient_energy(frames[-1])
    return float(np.log((last + _STILL) / (first + _STILL)))
