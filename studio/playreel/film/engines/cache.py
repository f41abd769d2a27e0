"""Cache: denoising steps that reuse what hardly changed since the step before.

Faster, and a little different: a take says in its recipe whether it was made so. Which cache suits a family
depends on how its pipelines run. One that keeps attention by the count of calls would give a pipeline
that asks twice a step, with and without the prompt, the one's attention for the other's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

THRESHOLD = 0.08  # share by which the first block's effect may have changed
EVERY = 2  # attention, and Taylor's guess, are reckoned anew every so many steps
EARLIEST, LATEST = 100, 850  # of 1000: the picture's plan and its last touches are reckoned whole
LEARN = 3  # steps from which a guess is made


class Cache(StrEnum):
    """What is reused."""

    FIRST_BLOCK = "first-block"
    ATTENTION = "attention"
    TAYLOR = "taylor"


WORDS = {
    Cache.FIRST_BLOCK: "a step whose first block does the same again takes over what the others did",
    Cache.ATTENTION: "every other step takes over the attention of the step before",
    Cache.TAYLOR: "every other step is guessed from the steps before",
}


@contextmanager
def cached(pipeline: Any, cache: str) -> Iterator[None]:
    """The pipeline's transformers reuse in this block; "" reuses nothing."""
    if not cache:
        yield
        return
    found = (getattr(pipeline, name, None) for name in ("transformer", "transformer_2"))
    parts = [part for part in found if part is not None]
    enabled = []
    try:
        for part in parts:
            part.enable_cache(_config(pipeline, Cache(cache)))
            enabled.append(part)
        yield
    finally:
        for part in enabled:
            part.disable_cache()


def _config(pipeline: Any, cache: Cache) -> Any:
    import diffusers

    if cache is Cache.FIRST_BLOCK:
        return diffusers.FirstBlockCacheConfig(threshold=THRESHOLD)
    if cache is Cache.TAYLOR:
        return diffusers.TaylorSeerCacheConfig(
            cache_interval=EVERY, disable_cache_before_step=LEARN
        )
    return diffusers.PyramidAttentionBroadcastConfig(
        spatial_attention_block_skip_range=EVERY,
        spatial_attention_timestep_skip_range=(EARLIEST, LATEST),
        current_timestep_callback=lambda: _timestep(pipeline),
    )


def _timestep(pipeline: Any) -> float:
    now = pipeline.current_timestep
    return 1000.0 if now is None else float(now)
