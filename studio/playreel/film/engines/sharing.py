"""Sharing: one take's denoising over several graphics cards, each with a part of the frames' tokens.

diffusers calls it context parallelism and has a plan of what to split for some transformers. All weights are
on every card; between layers the cards exchange what attention needs (Ulysses, arXiv 2309.14509).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

TRANSFORMERS = ("transformer", "transformer_2")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What differs from diffusers' own plan for a transformer.

    Attributes:
        whole: inputs that every card has all of, though diffusers would split them.
        split: outputs of modules that are split as well, (module, dimension).
        tokens: inputs with a value for each token, which diffusers' plan leaves whole.
        alone: attention modules that exchange nothing, for all they look at is whole.
    """

    whole: tuple[str, ...] = ()
    split: dict[str, int] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


# With the words split, as diffusers has it, its attention meets a mask of all heads with some of them.
_WORDS = ("encoder_hidden_states", "encoder_attention_mask")
PLANS = {
    "WanTransformer3DModel": Plan(),
    "LTXVideoTransformer3DModel": Plan(whole=_WORDS, tokens=("timestep",), alone=("attn2",)),
    "LTX2VideoTransformer3DModel": Plan(
        whole=_WORDS,
        split={"cross_attn_rope": 1},
        tokens=("timestep", "video_keyframes_mask"),
        alone=("attn2", "audio_attn1", "audio_attn2", "audio_to_video_attn"),
    ),
}


def share(pipeline: Any, rank: int, num_ranks: int) -> None:
    """Splits what a pipeline's transformers do over a process group that is open.

    Args:
        pipeline: loaded; its transformers are in `PLANS`.
        rank: of this process.
        num_ranks: processes in the group.
    """
    for name in TRANSFORMERS:
        part = getattr(pipeline, name, None)
        if part is not None:
            _share(part, rank, num_ranks)


def _share(transformer: Any, rank: int, num_ranks: int) -> None:
    from diffusers import ContextParallelConfig

    plan = PLANS[type(transformer).__name__]
    # Any number of tokens and heads; otherwise both would have to be multiples of the number of cards.
    config = ContextParallelConfig(ulysses_degree=num_ranks, ulysses_anything=True)
    with _some_card():
        transformer.enable_parallelism(config=config, cp_plan=_cp_plan(transformer, plan))
    for path, module in transformer.named_modules():
        if path.rpartition(".")[2] in plan.alone and hasattr(module, "processor"):
            module.processor._parallel_config = None

    def split(_: Any, args: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        for name in plan.tokens:
            value = given.get(name)
            if value is not None and value.ndim > 1 and value.shape[1] > 1:
                given[name] = value.tensor_split(num_ranks, dim=1)[rank]
        return args, given

    if plan.tokens:
        transformer.register_forward_pre_hook(split, with_kwargs=True)


@contextmanager
def _some_card() -> Iterator[None]:
    """Without a card diffusers divides by the number of cards, which is 0."""
    import torch

    real = torch.accelerator.device_count
    if not real():
        torch.accelerator.device_count = lambda: 1
    try:
        yield
    finally:
        torch.accelerator.device_count = real


def _cp_plan(transformer: Any, plan: Plan) -> dict[str, Any]:
    from diffusers.models._modeling_parallel import ContextParallelInput

    own = dict(transformer._cp_plan)
    if plan.whole:
        own[""] = {name: how for name, how in own[""].items() if name not in plan.whole}
    for module, dimension in plan.split.items():
        how = ContextParallelInput(split_dim=dimension, expected_dims=3, split_output=True)
        own[module] = {0: how, 1: how}
    return own
