"""Stills of procedural footage with their captions and sketches, for batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from playreel.core.text import TextEncoder
from playreel.footage import render_episode
from playreel.footage.captions import LANGUAGES
from playreel.footage.hand import hand_sketch
from playreel.footage.school import Episode
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import COLOURLESS_STYLES, STYLES, THEMES, TIMES, WEATHERS
from playreel.footage.vocabulary import VOCABULARY
from playreel.footage.weather import FALLING
from playreel.training.schooling import Curriculum

STILLS = Curriculum(schools={"narrow": 0.1, "world": 0.45, "film": 0.45})
TERSE_SHARE = 0.3  # of the texts that say what changes and nothing else
WEATHER_SHARE = 0.7  # of the scenes to be restyled: any weather as often as another
LINE_STYLES = ("ink wash", "blueprint", "neon", "charcoal sketch")  # asked for twice as often
PIXEL_SHARE = 3.0  # so much oftener pixel style, of scenes in another
MOST_GRAIN = 0.02  # on true and made pictures alike, so that nothing is told by its last bits
_NUM_FRAMES = 20
_OTHER_STYLE_SHARES = np.array([1.0 if style in COLOURLESS_STYLES else 2.0 for style in STYLES[1:]])
_OTHER_STYLE_SHARES /= _OTHER_STYLE_SHARES.sum()


def draw_pictures(
    curriculum: Curriculum,
    rng: np.random.Generator,
    count: int,
    *,
    silent: float,
    per_episode: int = 2,
    dry: float = 0.0,
    by_hand: float = 0.0,
) -> dict[str, Any]:
    """Pictures of one aspect.

    Args:
        curriculum: what is drawn.
        rng: the only source of randomness.
        count: how many.
        silent: share of captions that are left out.
        per_episode: how many are of one episode; to build one takes longer than to render it.
        dry: share of the scenes in rain and snow whose `scenes`, and sketches, lack the drops and flakes.
        by_hand: share of the episodes that are sketched as a hand does.

    Returns:
        `frames` uint8 (count, H, W, 3), `scenes` like them, `sketch` uint8 (count, H, W), `texts`, a list.
    """
    aspect = curriculum.draw_aspect(rng)
    frames, scenes, sketches, texts = [], [], [], []
    while len(frames) < count:
        episode = curriculum.draw_episode(rng, aspect, _NUM_FRAMES)
        picked = rng.choice(_NUM_FRAMES, min(per_episode, count - len(frames)), replace=False)
        frames += list(episode.frames[picked])
        is_dry = episode.spec.weather in FALLING and rng.random() < dry
        seen = render_episode(episode.spec, _NUM_FRAMES, dry=True) if is_dry else episode
        scenes += list(seen.frames[picked])
        drawn = np.stack(scenes[-len(picked) :])
        sketches += list(
            hand_sketch(drawn, rng) if by_hand and rng.random() < by_hand else line_sketch(drawn)
        )
        for index in picked:
            caption = episode.captions("en" if rng.random() < 0.5 else "zh", rng)
            texts.append("" if rng.random() < silent else caption.text_at(int(index)))
    pictures = {"frames": frames, "scenes": scenes, "sketch": sketches}
    return {name: np.stack(some) for name, some in pictures.items()} | {"texts": texts}


class Looks(NamedTuple):
    """Scenes of one aspect, each in several looks.

    Attributes:
        sources: uint8 (B, H, W, 3), scenes in their old look.
        sketch: uint8 (B, H, W), of the old look.
        frames: uint8 (N, H, W, 3), scenes in new looks.
        scene: int64 (N,), which scene each of them shows.
        texts: what changes, and some of what stays; N of them.
    """

    sources: np.ndarray
    sketch: np.ndarray
    frames: np.ndarray
    scene: np.ndarray
    texts: list[str]


def draw_looks(
    curriculum: Curriculum,
    rng: np.random.Generator,
    count: int,
    *,
    num_looks: int,
    per_episode: int = 1,
    plain: float = 0.0,
) -> Looks:
    """Scenes in several looks.

    Args:
        curriculum: what is drawn.
        rng: the only source of randomness.
        count: how many scenes.
        num_looks: new looks of each.
        per_episode: how many scenes are of one episode.
        plain: share of the episodes that are in pixel style at first; the others are in any other, those
            with colours twice as often.
    """
    aspect = curriculum.draw_aspect(rng)
    sources: list[np.ndarray] = []
    frames, scene, texts = [], [], []
    while len(sources) < count:
        episode = curriculum.draw_episode(rng, aspect, 4)
        first = STYLES[0] if rng.random() < plain else rng.choice(STYLES[1:], p=_OTHER_STYLE_SHARES)
        spec = replace(episode.spec, style=str(first))
        if rng.random() < WEATHER_SHARE:
            spec = replace(spec, weather=str(rng.choice(WEATHERS)))
        if spec != episode.spec:
            episode = render_episode(spec, 4)
        picked = rng.choice(4, min(per_episode, count - len(sources)), replace=False)
        for style in rng.choice(STYLES, num_looks, replace=False, p=_shares(episode.spec.style)):
            changes = _other_things(rng)
            if not changes or rng.random() < 0.6:  # else the style stays, and need not be named
                changes["style"] = str(style)
            other = render_episode(replace(episode.spec, **changes), 4)
            for place, index in enumerate(picked):
                frames.append(other.frames[index])
                scene.append(len(sources) + place)
                texts.append(_change_said(other, changes, int(index), rng))
        sources += list(episode.frames[picked])
    old = np.stack(sources)
    return Looks(old, line_sketch(old), np.stack(frames), np.array(scene), texts)


def _shares(old: str) -> np.ndarray:
    """How often each style is asked for, of what is in an old one."""
    shares = np.array([2.0 if style in LINE_STYLES else 1.0 for style in STYLES])
    shares[0] = PIXEL_SHARE
    shares[STYLES.index(old)] = 0
    return shares / shares.sum()


def _other_things(rng: np.random.Generator) -> dict[str, str]:
    """What changes beside the style: now and then the hour, the weather or the place."""
    some = {"time_of_day": (0.25, TIMES), "weather": (0.12, WEATHERS), "theme": (0.12, THEMES)}
    return {
        name: str(rng.choice(values))
        for name, (share, values) in some.items()
        if rng.random() < share
    }


def _change_said(
    episode: Episode, changes: dict[str, str], index: int, rng: np.random.Generator
) -> str:
    """A caption that names the changes, or they alone."""
    lang = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    if rng.random() < TERSE_SHARE:
        words = [str(rng.choice(VOCABULARY[name][value][lang])) for name, value in changes.items()]
        return (", " if lang == "en" else "，").join(words)
    return episode.captions(lang, rng, named=changes).text_at(index)


Network = TypeVar("Network", bound=nn.Module)


class PictureTask(Generic[Network]):
    """What the tasks share that learn from procedural stills.

    Args:
        text: trained, frozen; reads the captions.
        stills: procedural stills.
        start: weights to go on from.
        config: architecture.
        batch_size: pictures a step; None is the task's own.
    """

    name: str  # of the task, and of the network in a bundle
    network_class: type[Network]
    batch_size: int
    silent: float  # share of captions that are left out
    per_episode = 2
    dry = 0.0  # see `draw_pictures`
    by_hand = 0.0

    def __init__(
        self,
        text: TextEncoder,
        *,
        stills: Curriculum = STILLS,
        start: Network | None = None,
        config: Any = None,
        batch_size: int | None = None,
    ) -> None:
        self.text, self.stills = text, stills
        self.batch_size = batch_size or self.batch_size
        self.network = start or self.network_class(config)
        self.modules = {self.name: self.network}
        self.frozen = {"text": text}

    def batch(self, rng_seed: int) -> dict[str, Any]:
        """Stills with sketches and texts."""
        rng = np.random.default_rng(rng_seed)
        return draw_pictures(
            self.stills,
            rng,
            self.batch_size,
            silent=self.silent,
            per_episode=self.per_episode,
            dry=self.dry,
            by_hand=self.by_hand,
        )

    def export(self, dir: Path) -> None:
        """`dir/<name>`."""
        from playreel.core.checkpoint import save_pretrained

        save_pretrained(self.modules[self.name], dir / self.name)


def as_pictures(frames: Tensor) -> Tensor:
    """uint8 (B, H, W, 3) -> (B, 3, H, W) in [-1, 1]."""
    return frames.permute(0, 3, 1, 2).float() / 127.5 - 1


def as_lines(sketch: Tensor) -> Tensor:
    """uint8 (B, H, W) -> (B, 1, H, W) in [0, 1], with the gaps that hands leave."""
    lines = sketch.float()[:, None] / 255
    return lines * (torch.rand_like(lines) < 0.97)


@torch.no_grad()
def read(text: TextEncoder, texts: list[str]) -> tuple[Tensor, Tensor]:
    """What texts say (B, S, width), and which say anything, bool (B,)."""
    said = text(texts).float()
    speaks = torch.tensor([bool(text) for text in texts], device=said.device)
    return said, speaks


def read_or_silent(text: TextEncoder, texts: list[str], silence: Tensor) -> Tensor:
    """What texts say (B, S, width), `silence` (S, width) where one is empty."""
    said, speaks = read(text, texts)
    return torch.where(speaks[:, None, None], said, silence)


def grained(pictures: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) a little brighter or darker, and with grain."""
    some = [torch.rand(len(pictures), 1, 1, 1, device=pictures.device) for _ in range(2)]
    grain = some[0] * torch.randn_like(pictures) + 2 * some[1] - 1
    return (pictures + MOST_GRAIN * grain).clamp(-1, 1)


def rounded_error(painted: Tensor, truth: Tensor, reach: float) -> Tensor:
    """Mean error of pixels (B, 3, H, W): squared up to about `reach`, absolute beyond (Charbonnier 1994).

    The absolute error alone never learns what is thin: to leave it out is the median.
    """
    return ((painted - truth).square() + reach**2).sqrt().mean() - reach


def save_rows(file: Any, rows: list[np.ndarray]) -> None:
    """Rows of pictures as one PNG, enlarged twice."""
    picture = np.concatenate([np.concatenate(list(row), 1) for row in rows])
    Image.fromarray(picture.repeat(2, 0).repeat(2, 1)).save(file)
