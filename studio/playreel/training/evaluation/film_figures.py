"""Figures of a film model: whether it keeps what it must keep and shows what it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.film import bridge, drift, extend, loop, seam, shoot, still
from playreel.film.lexicon import language_of
from playreel.footage.school import render_episode
from playreel.footage.spec import sample_spec
from playreel.media import Clip
from playreel.training.evaluation.classifier import CLIP_FRAMES, AttributeClassifier
from playreel.training.evaluation.prompts import camera_prompts, still_prompts
from playreel.training.evaluation.tokenizer_figures import mean_figure

if TYPE_CHECKING:
    from playreel.core import FilmModel

FPS = 12
_CLIP_FRAMES = 6  # length of the clips that are extended, bridged and looped
_MADE_S, _LONG_S = 0.5, 2.0  # what is made; drift is measured on the longer stretch


def operations(model: FilmModel, count: int, *, seed: int = 0) -> dict[str, float]:
    """What becomes of clips that are extended, bridged and looped.

    Held-out clips of the film school in all aspects are extended both ways, bridged to another clip of
    their size and looped.

    - `kept_exact`: share of the clips' frames that come back bit for bit, where they have to be.
    - `seam`: luma step at a joint over the median step inside the clip, the mean over joints.
    - `seam_footage`: the same where the school's own footage goes on: steps are uneven there too.
    - `drift_colour`, `drift_sharpness`: change per 10 s of a forward extension (`playreel.film.drift`).
    """
    same: list[bool] = []
    seams: list[float] = []
    true_seams: list[float] = []
    drifts: list[tuple[float, float]] = []
    for index in range(count):
        one, two = _pair(np.random.default_rng((seed, 9, index)))
        ahead = extend(model, one, seconds=_LONG_S, seed=index)
        back = extend(model, one, seconds=_MADE_S, direction="backward", seed=index)
        joined = bridge(model, one, two, seconds=_MADE_S, seed=index)
        wound = loop(model, one, seconds=_MADE_S, seed=index)
        start, end = slice(None, _CLIP_FRAMES), slice(-_CLIP_FRAMES, None)
        for result, part, source in (
            (ahead, start, one),
            (back, end, one),
            (joined, start, one),
            (joined, end, two),
            (wound, start, one),
        ):
            same += (result.frames[part] == source.frames).all(axis=(1, 2, 3)).tolist()
            joint = len(result) - _CLIP_FRAMES if part is end else _CLIP_FRAMES
            seams.append(seam(result, joint))
        seams.append(seam(wound, len(wound)))
        true_seams.append(seam(np.concatenate([one.frames, two.frames[:, :, ::-1]]), len(one)))
        change = drift(ahead.frames[_CLIP_FRAMES:], fps=FPS)
        drifts.append((change.colour, change.sharpness))
    colour, sharpness = np.mean(drifts, axis=0)
    return {
        "kept_exact": float(np.mean(same)),
        "seam": float(np.mean(seams)),
        "seam_footage": float(np.mean(true_seams)),
        "drift_colour": float(colour),
        "drift_sharpness": float(sharpness),
    }


def _pair(rng: np.random.Generator) -> tuple[Clip, Clip]:
    """Two held-out clips of one size that do not follow from each other."""
    spec = sample_spec(rng, "film", held_out=True)
    frames = render_episode(spec, 2 * _CLIP_FRAMES).frames
    other = np.ascontiguousarray(frames[_CLIP_FRAMES:, :, ::-1])
    return Clip(frames=frames[:_CLIP_FRAMES], fps=FPS), Clip(frames=other, fps=FPS)


def prompt_accuracy(
    model: FilmModel,
    judge: AttributeClassifier,
    *,
    num_stills: int,
    num_takes: int,
    seed: int = 0,
) -> dict[str, Any]:
    """Share of the attributes asked for that the judge reads back, the mean over six attributes.

    Stills are asked for all attributes but the camera, short takes for a camera move; attributes that
    a style hides are neither asked for nor counted. `by_language` has the same for prompts in each.
    """
    right: dict[str, list[bool]] = {}
    told: dict[str, dict[str, list[bool]]] = {"en": {}, "zh": {}}
    for index, asked in enumerate(still_prompts(num_stills, seed=seed)):
        frame = still(model, asked.text, seed=seed + index).frames[0]
        read = judge.read_still(frame)
        for name, value in asked.wanted.items():
            right.setdefault(name, []).append(read[name] == value)
            told[language_of(asked.text)].setdefault(name, []).append(read[name] == value)
    for index, asked in enumerate(camera_prompts(num_takes, seed=seed)):
        take = shoot(model, asked.text, seconds=CLIP_FRAMES / FPS, seed=seed + index)
        read_move = judge.read_camera(take.frames[:CLIP_FRAMES])
        is_right = read_move == asked.wanted["camera"]
        right.setdefault("camera", []).append(is_right)
        told[language_of(asked.text)].setdefault("camera", []).append(is_right)
    by_language = {language: _shares(done) for language, done in told.items() if done}
    return _shares(right) | {"by_language": by_language}


def _shares(right: dict[str, list[bool]]) -> dict[str, float]:
    return mean_figure({name: float(np.mean(done)) for name, done in right.items()}, "prompt_acc")
