"""Reading: what the critic of stills sees in paintings, as losses of the one who paints.

Pixels that are each as likely as can be may still make up broken lines, and flakes that are gone. A trained
eye sees that (arXiv 1603.08155).

Shape legend: B pictures, H x W pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from playreel.core.critic import StillCritic
from playreel.core.restyler import Repainted
from playreel.core.text import TextEncoder
from playreel.film.contrast import contrasts
from playreel.training.pictures import read

_LEAST_SPREAD = 0.05  # of a feature, so that one that hardly varies does not count most


def firm(painted: Repainted) -> Tensor:
    """The likeliest picture (B, 3, H, W), with the gradient of the mean one (arXiv 1308.3432)."""
    mean = (painted.logits.softmax(1)[:, :, None] * painted.colors).sum(1)
    return mean + (painted.likeliest() - mean).detach()


def seen_apart(critic: StillCritic, made: Tensor, true: Tensor) -> Tensor:
    """By how much pictures (B, 3, H, W) differ from true ones to the critic, by place and on the whole."""
    parts = []
    for stage in critic.look:
        made, true = stage(made), stage(true)
        spread = true.std((0, 2, 3), keepdim=True) + _LEAST_SPREAD
        apart = (made - true) / spread
        parts.append(apart.abs().mean() + apart.mean((2, 3)).abs().mean())
    return torch.stack(parts).mean()


def misread(
    critic: StillCritic, text: TextEncoder, pictures: Tensor, captions: Sequence[str]
) -> Tensor:
    """Cross-entropy, to the critic, of what captions ask of pictures (B, 3, H, W) and what else they might.

    0 where no caption asks for anything.
    """
    asked = [contrasts(caption) for caption in captions]
    words = list(dict.fromkeys(word for groups in asked for group in groups for word in group))
    if not words:
        return pictures.new_zeros(())
    if float(torch.rand(())) < 0.5:  # mirrored, a scene shows the same
        pictures = pictures.flip(-1)
    said, _ = read(text, words)
    logits = critic.compared(critic.features(pictures), said)
    errors = [
        -logits[place, [words.index(word) for word in group]].log_softmax(0)[0]
        for place, groups in enumerate(asked)
        for group in groups
    ]
    return torch.stack(errors).mean()
