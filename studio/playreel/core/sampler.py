"""MaskGIT sampling (arXiv 2202.04200): fill the unknown tokens of a frame, the surest first.

Shape legend: h x w tokens a frame, D digits a token, K clean frames looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from playreel.core.transformer import Conditions, SpacetimeTransformer

Memory = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True, kw_only=True)
class SamplerOptions:
    """How a frame is filled.

    Attributes:
        num_steps: passes of the network; each settles a growing share of the unknown tokens.
        temperature: of the digits; 0 takes the likeliest.
        choice_temperature: randomness in which tokens are settled first.
        guidance_scale: classifier-free guidance; 1 is none.
        num_candidates: most stills laid out to take the one from that shows best what is asked for.
    """

    num_steps: int = 12
    temperature: float = 0.8
    choice_temperature: float = 2.0
    guidance_scale: float = 1.0
    num_candidates: int = 1


@torch.inference_mode()
def fill_frame(
    model: SpacetimeTransformer,
    codes: Tensor,
    unknown: Tensor,
    conditions: Conditions,
    *,
    options: SamplerOptions,
    generator: torch.Generator,
    memory: Memory | None = None,
    distance: Tensor | None = None,
    callback: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Fill one frame.

    Args:
        model: the network.
        codes: int64 (h, w, D); anything where unknown.
        unknown: bool (h, w).
        conditions: of one frame (B = T = 1).
        options: how.
        generator: the only source of randomness.
        memory: clean frames to look at.
        distance: int (1, K), how many frames back each of them lies; negative lies ahead.
        callback: called with (pass, codes) after every pass.

    Returns:
        int64 (h, w, D); known tokens are untouched.
    """
    codes, left = codes.clone(), unknown.clone()
    total = int(unknown.sum())
    free = Conditions(
        actions=conditions.actions, sketch=conditions.sketch, sketch_known=conditions.sketch_known
    )
    guided = conditions.text is not None and options.guidance_scale != 1.0
    for step in range(options.num_steps):
        count = int(left.sum())
        if not count:
            break

        def hidden(what: Conditions, left: Tensor = left) -> Tensor:
            x = model(codes[None, None], left[None, None], what, memory, distance)
            return x[0, 0][left.flatten()]

        drawn, sure = model.head.sample(
            hidden(conditions),
            temperature=options.temperature,
            generator=generator,
            other=hidden(free) if guided else None,
            guidance_scale=options.guidance_scale,
        )
        done = (step + 1) / options.num_steps
        remain = min(count - 1, int(total * math.cos(done * math.pi / 2)))
        if step + 1 == options.num_steps:
            remain = 0
        noise = torch.empty_like(sure).exponential_(generator=generator).log()
        rank = sure - options.choice_temperature * (1 - done) * noise
        settle = rank.argsort(descending=True)[: count - remain]
        places = left.flatten().nonzero()[:, 0][settle]
        codes.view(-1, codes.shape[-1])[places] = drawn[settle]
        left = left.clone()
        left.view(-1)[places] = False
        if callback is not None:
            callback(step, codes)
    return codes
