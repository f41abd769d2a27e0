"""Promises of the film module beyond single pictures: times, characters, layouts, a minute without drift."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from playreel.film import extend, restyle, shoot, still
from playreel.film.casting import held_by
from playreel.film.character import Character
from playreel.film.figures import LUMA_709
from playreel.footage.hand import hand_sketch
from playreel.footage.school import render_episode
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import (
    COLOURLESS_STYLES,
    HERO_COLORS,
    HEROES,
    STYLES,
    THEMES,
    TIMES,
    sample_spec,
)
from playreel.footage.vocabulary import VOCABULARY
from playreel.media import Clip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playreel.core import FilmModel
    from playreel.footage.spec import EpisodeSpec
    from playreel.training.evaluation.classifier import AttributeClassifier

FPS = 12
SHOTS = 6  # of one character
STRENGTH = 0.6  # of a restyle
CHANGE_S = 1.0  # when the words change, in a take of twice that length
EDGE_SHARE = 0.12  # of a picture's pixels, the steepest: they are its edges
_END_S = 1.0  # that is looked at of either end of a long take
_LANGUAGES = ("en", "zh")


def timing(model: FilmModel, count: int, *, seed: int = 0) -> dict[str, float]:
    """By how many frames a change of words misses its time in the picture.

    Takes of two seconds change their place and hour after one.

    - `timing`: frames, the mean.
    - `timing_worst`: of the worst take.
    """
    rng = np.random.default_rng((seed, 21))
    errors = []
    for index in range(count):
        lang = _LANGUAGES[index % 2]
        places, hours = rng.permutation(THEMES)[:2], rng.permutation(TIMES)[:2]
        hero = _said("hero", str(rng.choice(HEROES)), lang)
        first, second = (
            f"{_said('theme', str(place), lang)}, {_said('time_of_day', str(hour), lang)}"
            for place, hour in zip(places, hours, strict=True)
        )
        prompt = f"{hero} [0s-{CHANGE_S}s: {first}] [{CHANGE_S}s-{2 * CHANGE_S}s: {second}]"
        take = shoot(model, prompt, seconds=2 * CHANGE_S, seed=seed + index)
        assert take.recipe is not None
        errors += list(take.recipe.options["measured"]["timing"])
    return {"timing": float(np.mean(errors)), "timing_worst": float(max(errors))}


def character(
    model: FilmModel, judge: AttributeClassifier, count: int, *, seed: int = 0
) -> dict[str, float]:
    """Share of shots in which a character is read as the same.

    Each card is words and a still of them; `SHOTS` shots in other places start from the still as
    `playreel.Studio.sequence` starts them.

    - `character`: share of shots whose hero has the colour that is read from the card's still.
    - `character_asked`: share in which it is the colour that the words say.
    """
    rng = np.random.default_rng((seed, 22))
    same, asked = [], []
    for index in range(count):
        lang = _LANGUAGES[index % 2]
        colour, hero = str(rng.choice(HERO_COLORS)), str(rng.choice(HEROES))
        space = " " if lang == "en" else "的"
        words = f"{_said('hero_color', colour, lang)}{space}{_said('hero', hero, lang)}"
        card = Character(words=words)
        places = rng.permutation(THEMES)
        shown = still(
            model, card.in_prompt(_said("theme", str(places[0]), lang)), seed=seed + index
        )
        known = judge.read_still(shown.frames[0])["hero_color"]
        for number in range(SHOTS):
            place = _said("theme", str(places[1 + number % (len(places) - 1)]), lang)
            start = still(
                model,
                card.in_prompt(place),
                seed=seed + SHOTS * index + number,
                **held_by(model, shown),
            )
            read = judge.read_still(start.frames[0])["hero_color"]
            same.append(read == known)
            asked.append(read == colour)
    return {"character": float(np.mean(same)), "character_asked": float(np.mean(asked))}


def restyling(
    model: FilmModel, judge: AttributeClassifier, count: int, *, seed: int = 0
) -> dict[str, float]:
    """Whether a restyle has the new style and the old layout, at strength 0.6.

    - `restyle_style`: share of clips in which the judge reads the style that was asked for.
    - `restyle_style_least`: that share of the style that is least often read where it was asked for.
    - `restyle_style_true`: the same of true footage in that style, which is as well as it reads.
    - `restyle_edges`: `edge_iou` with the source, the mean.
    - `restyle_edges_true`: that of the same scene truly rendered in the new style.
    """
    rng = np.random.default_rng((seed, 23))
    read: dict[str, list[bool]] = {}  # by the style that was asked for
    read_true, kept, kept_true = [], [], []
    for index in range(count):
        spec = _plain(rng)
        style = str(rng.choice([name for name in STYLES if name != spec.style]))
        source, truth = (
            render_episode(one, 6).frames for one in (spec, replace(spec, style=style))
        )
        words = _said("style", style, _LANGUAGES[index % 2])
        made = restyle(
            model,
            Clip(source, FPS),
            words,
            strength=STRENGTH,
            sketcher=line_sketch,
            seed=seed + index,
        ).frames
        middle = len(made) // 2
        read.setdefault(style, []).append(judge.read_still(made[middle])["style"] == style)
        read_true.append(judge.read_still(truth[middle])["style"] == style)
        kept.append(edge_iou(source[middle], made[middle]))
        kept_true.append(edge_iou(source[middle], truth[middle]))
    return {
        "restyle_style": float(np.mean([right for some in read.values() for right in some])),
        "restyle_style_least": min(float(np.mean(some)) for some in read.values()),
        "restyle_style_true": float(np.mean(read_true)),
        "restyle_edges": float(np.mean(kept)),
        "restyle_edges_true": float(np.mean(kept_true)),
    }


def sketching(model: FilmModel, count: int, *, seed: int = 0) -> dict[str, float]:
    """Whether a still from a drawing has the drawing's layout.

    Held-out scenes are drawn by an unsteady hand, and stills made of the drawings and the scenes' captions.

    - `sketch_edges`: `edge_iou` with the scene that was drawn, the mean.
    - `sketch_edges_words`: the same of stills that are made of the captions alone.
    """
    rng = np.random.default_rng((seed, 25))
    drawn, said = [], []
    for index in range(count):
        spec = replace(_plain(rng), style=STYLES[0])
        episode = render_episode(spec, 6)
        scene = episode.frames[3:4]
        words = episode.captions(_LANGUAGES[index % 2], rng).text_at(3)
        paper = 255 - hand_sketch(scene, rng)[0]
        for sketch, edges in ((paper, drawn), (None, said)):
            made = still(model, words, sketch=sketch, seed=seed + index).frames[0]
            edges.append(edge_iou(scene[0], made))
    return {"sketch_edges": float(np.mean(drawn)), "sketch_edges_words": float(np.mean(said))}


def long_drift(model: FilmModel, count: int, *, seconds: float, seed: int = 0) -> dict[str, float]:
    """Change over a long extension, as shares of what the clip had; the largest of all takes counts.

    The last second is held against the clip that was extended.

    - `drift_luma`, `drift_chroma`, `drift_sharpness`: of brightness, colourfulness and gradient energy.
    - each with `_true`: of the simulator that runs on as long, where other places come into view, too.
    - `drift_s`: seconds of the extension.
    """
    rng = np.random.default_rng((seed, 24))
    span = round(_END_S * FPS)
    ours, true = [], []
    for index in range(count):
        spec = _plain(rng)
        length = span + round(seconds * FPS)
        footage = render_episode(spec, length).frames
        made = extend(model, Clip(footage[:span], FPS), seconds=seconds, seed=seed + index).frames
        ours.append(_change(made[:span], made[-span:]))
        true.append(_change(footage[:span], footage[-span:]))
    names = ("luma", "chroma", "sharpness")
    figures = {f"drift_{name}": float(max(c[i] for c in ours)) for i, name in enumerate(names)}
    figures |= {
        f"drift_{name}_true": float(max(c[i] for c in true)) for i, name in enumerate(names)
    }
    return figures | {"drift_s": float(seconds)}


def edge_iou(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Common share of two pictures' edges (H, W, 3): intersection over union, a pixel off still counted.

    The edges of a picture are its steepest `EDGE_SHARE` of pixels, so that a soft style has as many as a
    hard one; both are widened by a pixel.
    """
    one, two = _edges(first), _edges(second)
    return float((one & two).sum() / max(1, (one | two).sum()))


def _edges(frame: NDArray[np.uint8]) -> NDArray[np.bool_]:
    luma = np.pad(frame.astype(np.float32) @ LUMA_709, 1, mode="edge")
    down, right = luma[2:, 1:-1] - luma[:-2, 1:-1], luma[1:-1, 2:] - luma[1:-1, :-2]
    steep = np.hypot(down, right)
    edges = np.pad((steep >= np.quantile(steep, 1 - EDGE_SHARE)) & (steep > 0), 1)
    height, width = steep.shape
    around = [edges[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.any(around, axis=0)


def _change(start: NDArray[np.uint8], end: NDArray[np.uint8]) -> tuple[float, float, float]:
    before, after = _look(start), _look(end)
    luma, chroma, sharp = (abs(b - a) / max(a, 1e-6) for a, b in zip(before, after, strict=True))
    return luma, chroma, sharp


def _look(frames: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Mean luma, mean distance from grey, gradient energy of luma."""
    pixels = frames.astype(np.float32)
    luma = pixels @ LUMA_709
    colour = np.linalg.norm(pixels - luma[..., None], axis=-1)
    energy = (np.diff(luma, axis=1) ** 2).mean() + (np.diff(luma, axis=2) ** 2).mean()
    return float(luma.mean()), float(colour.mean()), float(energy)


def _plain(rng: np.random.Generator) -> EpisodeSpec:
    """A held-out scene in 16:9, in one wide shot, in a style that has colours."""
    while True:
        spec = sample_spec(rng, "film", held_out=True)
        if spec.style not in COLOURLESS_STYLES:
            return replace(spec, aspect="16:9", shots=((10_000, "wide"),))


def _said(attribute: str, value: str, lang: str) -> str:
    return VOCABULARY[attribute][value][lang][0]
