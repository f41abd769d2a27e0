"""One masked transformer over the tokens of a clip, for play and for film.

Known tokens go in as they are, unknown ones as a mask; the network says what the unknown ones are
(absorbing-state diffusion; MaskGIT arXiv 2202.04200, MAGVIT arXiv 2212.05199, Genie arXiv 2402.15391).

Frames are filled one after another, in any order: a frame with unknown tokens attends to *clean* frames
around it, those before it in play, those on either side in film. A clean frame is encoded by itself, so its
keys and values depend on nothing but its own tokens: they are cached for ever, and a session that is
rewound or forked finds the very same bits again.

Shape legend: B batch, T frames, N = h*w tokens a frame, D coarse digits a token, W width, S text slots.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playreel.core.fsq import DEFAULT_LEVELS, NUM_COARSE

PATCH = 8
MAX_ROWS = MAX_COLUMNS = 16
COARSE_GROUPS = 2
FINE_TEMPERATURE = 0.3  # of the coarse digits' temperature


def _reaching(places: Tensor, count: int) -> Tensor:
    """Embeddings (count, D) of places (N, D); more than N lie closer together (arXiv 2010.11929)."""
    if count <= len(places):
        return places[:count]
    spread = F.interpolate(places.T[None], count, mode="linear", align_corners=True)
    return spread[0].T


@dataclass(frozen=True, kw_only=True)
class SpacetimeTransformerConfig:
    """Architecture of a `SpacetimeTransformer`; it sees a token's coarse digits alone."""

    levels: tuple[int, ...] = DEFAULT_LEVELS[:NUM_COARSE]
    width: int = 192
    num_layers: int = 6
    head_width: int = 64
    mlp_ratio: int = 3
    digit_width: int = 64
    digit_groups: tuple[int, ...] = (3, 5, 8)  # digits of a group are drawn at once
    condition_width: int = 64
    num_actions: int = 8
    text_width: int = 128
    num_text_slots: int = 4
    reach: int = 8  # clean frames farther away than this are not seen


@dataclass(frozen=True)
class Conditions:
    """What a clip is asked to be. Every part may be missing.

    Attributes:
        actions: int64 (B, T), the action that leads *to* each frame; `num_actions` is "not given".
        text: float (B, T, S, text_width), the caption of each frame's segment.
        sketch: float (B, T, H, W) in [0, 1], ink 1.
        sketch_known: bool (B, T), the frames that have a sketch.
    """

    actions: Tensor | None = None
    text: Tensor | None = None
    sketch: Tensor | None = None
    sketch_known: Tensor | None = None


def _attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None) -> Tensor:
    """Attention in float32: on CPUs the bfloat16 kernel's backward pass is several times slower."""
    with torch.autocast(q.device.type, enabled=q.device.type == "cuda"):
        if q.device.type != "cuda":
            q, k, v = q.float(), k.float(), v.float()
        bias = None if bias is None else bias.to(q.dtype)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)


class _Modulation(nn.Module):
    """Scale and shift of a normalised input by the condition of its frame (AdaLN, arXiv 2212.09748)."""

    def __init__(self, width: int, condition_width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.affine = nn.Linear(condition_width, 2 * width)
        nn.init.zeros_(self.affine.weight)
        nn.init.zeros_(self.affine.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(..., N, W) and (..., condition_width) -> (..., N, W)."""
        scale, shift = self.affine(condition).unsqueeze(-2).chunk(2, dim=-1)
        return self.norm(x) * (1 + scale) + shift


class _SpatialAttention(nn.Module):
    """Attention within a frame; conditions join as extra keys; a 3x3 conv knows the neighbours."""

    def __init__(self, config: SpacetimeTransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.num_heads = width // config.head_width
        self.qkv = nn.Linear(width, 3 * width)
        self.extra = nn.Linear(width, 2 * width)
        self.local = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, extra: Tensor, rows: int) -> Tensor:
        """(F, N, W) with extra keys (F, E, W) -> (F, N, W)."""
        tokens = x.shape[1]
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        extra_k, extra_v = self.extra(extra).chunk(2, dim=-1)
        picture = v.transpose(1, 2).unflatten(2, (rows, tokens // rows))
        local = self.local(picture).flatten(2).transpose(1, 2)
        heads = lambda t: t.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)  # noqa: E731
        mixed = _attend(
            heads(q), heads(torch.cat([k, extra_k], 1)), heads(torch.cat([v, extra_v], 1))
        )
        return self.out(mixed.transpose(1, 2).flatten(2).to(local.dtype) + local)


class _TemporalAttention(nn.Module):
    """Attention of each place to the same place in other frames, with a learned bias by distance."""

    def __init__(self, config: SpacetimeTransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.num_heads = width // config.head_width
        self.q = nn.Linear(width, width)
        self.kv = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        self.span = config.reach
        self.distance = nn.Parameter(torch.zeros(self.num_heads, 2 * self.span + 1))
        self.nothing = nn.Parameter(torch.randn(2, width) * 0.02)  # where no frame may be seen

    def keys_values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, N, W) -> keys and values (B, N, heads, T, W/heads)."""
        k, v = self.kv(x).chunk(2, dim=-1)
        return tuple(t.unflatten(-1, (self.num_heads, -1)).permute(0, 2, 3, 1, 4) for t in (k, v))

    def forward(self, x: Tensor, k: Tensor, v: Tensor, distance: Tensor, seen: Tensor) -> Tensor:
        """Attend (B, T, N, W) to frames at `distance` (T, K) where `seen` (T, K) allows."""
        batch, _, tokens, _ = x.shape
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).permute(0, 2, 3, 1, 4)
        none_k, none_v = (
            t.to(k.dtype).reshape(1, 1, self.num_heads, 1, -1).expand(batch, tokens, -1, 1, -1)
            for t in self.nothing
        )
        k, v = torch.cat([none_k, k], 3), torch.cat([none_v, v], 3)
        index = distance.clamp(-self.span, self.span) + self.span
        bias = self.distance[:, index].masked_fill(~seen, -1e4)
        bias = F.pad(bias, (1, 0))
        mixed = _attend(q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1), bias)
        mixed = mixed.unflatten(0, (batch, tokens)).permute(0, 3, 1, 2, 4).flatten(3)
        return self.out(mixed.to(x.dtype))


class _Block(nn.Module):
    def __init__(self, config: SpacetimeTransformerConfig) -> None:
        super().__init__()
        width, condition = config.width, config.condition_width
        self.time_norm = _Modulation(width, condition)
        self.time = _TemporalAttention(config)
        self.space_norm = _Modulation(width, condition)
        self.space = _SpatialAttention(config)
        self.mlp_norm = _Modulation(width, condition)
        self.mlp = nn.Sequential(
            nn.Linear(width, config.mlp_ratio * width),
            nn.SiLU(),
            nn.Linear(config.mlp_ratio * width, width),
        )

    def within_frames(self, x: Tensor, condition: Tensor, extra: Tensor, rows: int) -> Tensor:
        """Spatial attention and MLP of (B, T, N, W)."""
        shape = x.shape[:2]
        mixed = self.space(self.space_norm(x, condition).flatten(0, 1), extra.flatten(0, 1), rows)
        x = x + mixed.unflatten(0, shape)
        return x + self.mlp(self.mlp_norm(x, condition))


class _DigitHead(nn.Module):
    """Predicts a token's digits group by group, each group knowing those before it.

    Digits predicted apart from one another make tokens that exist nowhere; this costs next to nothing
    (after the depth transformer of RQ-Transformer, arXiv 2203.01941, without the transformer). The digits
    run from the coarse to the fine and hardly depend on one another within a group.
    """

    def __init__(self, config: SpacetimeTransformerConfig) -> None:
        super().__init__()
        if sum(config.digit_groups) != len(config.levels):
            raise ValueError(
                f"groups {config.digit_groups} do not add up to {len(config.levels)} digits"
            )
        hidden = config.digit_width
        self.levels, self.groups = config.levels, []
        start = 0
        for size in config.digit_groups:
            self.groups.append(range(start, start + size))
            start += size
        self.norm = nn.LayerNorm(config.width)
        self.enter = nn.Linear(config.width, hidden * len(self.groups))
        self.known = nn.ModuleList(nn.Linear(len(group), hidden) for group in self.groups[:-1])
        self.mix = nn.ModuleList(nn.Linear(hidden, 2 * hidden) for _ in self.groups)
        self.out = nn.ModuleList(
            nn.Linear(2 * hidden, sum(self.levels[d] for d in group)) for group in self.groups
        )
        top = torch.tensor(self.levels, dtype=torch.float32) - 1
        self.register_buffer("_top", top, persistent=False)

    def _logits(self, group: int, own: Tensor, before: Tensor | float) -> list[Tensor]:
        hidden = F.silu(self.mix[group](F.silu(own + before)))
        sizes = [self.levels[digit] for digit in self.groups[group]]
        return list(self.out[group](hidden).float().split(sizes, dim=-1))

    def _tell(self, group: int, codes: Tensor, before: Tensor | float) -> Tensor | float:
        """What the following groups know once `codes` (M, digits of the group) are drawn."""
        if group == len(self.known):
            return before
        digits = self.groups[group]
        values = 2 * codes.float() / self._top[digits.start : digits.stop] - 1
        return before + self.known[group](2 * values)

    def log_probs(self, x: Tensor, codes: Tensor) -> Tensor:
        """Log probability (M, D) of each digit of `codes` (M, D) given hidden `x` (M, W)."""
        own = self.enter(self.norm(x)).chunk(len(self.groups), dim=-1)
        before: Tensor | float = 0.0
        parts = []
        for group, digits in enumerate(self.groups):
            for digit, logits in zip(digits, self._logits(group, own[group], before), strict=True):
                parts.append(-F.cross_entropy(logits, codes[:, digit].long(), reduction="none"))
            before = self._tell(group, codes[:, digits.start : digits.stop], before)
        return torch.stack(parts, 1)

    def sample(
        self,
        x: Tensor,
        *,
        temperature: float,
        generator: torch.Generator | None,
        other: Tensor | None = None,
        guidance_scale: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """Draw codes (M, D) and the log probability (M,) of the coarse ones.

        Args:
            x: hidden (M, W).
            temperature: 0 takes the likeliest.
            generator: randomness.
            other: hidden (M, W) without the condition, for classifier-free guidance
                (arXiv 2207.12598).
            guidance_scale: 1 is none.
        """
        own = self.enter(self.norm(x)).chunk(len(self.groups), dim=-1)
        free = (
            None if other is None else self.enter(self.norm(other)).chunk(len(self.groups), dim=-1)
        )
        before: Tensor | float = 0.0
        parts: list[Tensor] = []
        sure = torch.zeros(len(x), device=x.device)
        for group in range(len(self.groups)):
            logits = self._logits(group, own[group], before)
            if free is not None:
                loose = self._logits(group, free[group], before)
                logits = [b + guidance_scale * (a - b) for a, b in zip(logits, loose, strict=True)]
            # The coarse digits decide what is seen; chance in the fine ones would only be grain.
            heat = temperature if group < COARSE_GROUPS else temperature * FINE_TEMPERATURE
            drawn = []
            for one in logits:
                logp = F.log_softmax(one, dim=-1)
                if heat > 0:
                    noise = torch.empty_like(logp).exponential_(generator=generator).log()
                    code = (logp / heat - noise).argmax(-1)
                else:
                    code = logp.argmax(-1)
                if group < COARSE_GROUPS:
                    sure = sure + logp.gather(1, code[:, None])[:, 0]
                drawn.append(code)
            codes = torch.stack(drawn, 1)
            parts.append(codes)
            before = self._tell(group, codes, before)
        return torch.cat(parts, 1), sure


class SpacetimeTransformer(nn.Module):
    """The world's dynamics and the film's generator."""

    config_class = SpacetimeTransformerConfig
    kind = "spacetime_transformer"

    def __init__(self, config: SpacetimeTransformerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or SpacetimeTransformerConfig()
        width = config.width
        self.embed = nn.Linear(2 * len(config.levels), width)
        self.mask = nn.Parameter(torch.randn(width) * 0.02)
        self.row = nn.Parameter(torch.randn(MAX_ROWS, width) * 0.02)
        self.column = nn.Parameter(torch.randn(MAX_COLUMNS, width) * 0.02)
        self.action = nn.Embedding(config.num_actions + 1, width)
        self.text = nn.Linear(config.text_width, width)
        self.silence = nn.Parameter(torch.zeros(config.num_text_slots, config.text_width))
        self.sketch = nn.Linear(PATCH * PATCH, width)
        self.no_sketch = nn.Parameter(torch.zeros(width))
        self.condition = nn.Sequential(
            nn.Linear(width, config.condition_width),
            nn.SiLU(),
            nn.Linear(config.condition_width, config.condition_width),
            nn.SiLU(),
        )
        self.clean_condition = nn.Parameter(torch.zeros(config.condition_width))
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.num_layers))
        self.head = _DigitHead(config)

    # --- inputs ---

    def _embed(self, codes: Tensor, token_mask: Tensor | None) -> Tensor:
        """Codes (B, T, h, w, D), mask (B, T, h, w) True where unknown -> (B, T, N, W)."""
        rows, columns = codes.shape[2:4]
        values = 2 * codes.float() / self.head._top - 1
        x = self.embed(torch.cat([2 * values, torch.sin(4.0 * values)], -1))
        if token_mask is not None:
            x = torch.where(token_mask[..., None], self.mask.to(x.dtype), x)
        place = _reaching(self.row, rows)[:, None] + _reaching(self.column, columns)
        return (x + place.to(x.dtype)).flatten(2, 3)

    def _conditions(
        self, conditions: Conditions, batch: int, time: int, tokens: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Condition vectors (B, T, C), extra keys (B, T, 1 + S, W) and tokens plus the sketch."""
        device = tokens.device
        actions = conditions.actions
        if actions is None:
            actions = torch.full((batch, time), self.config.num_actions, device=device)
        action = self.action(actions)
        said = conditions.text
        if said is None:
            said = self.silence.expand(batch, time, -1, -1)
        text = self.text(said)
        if conditions.sketch is not None and conditions.sketch_known is not None:
            ink = F.pixel_unshuffle(conditions.sketch.flatten(0, 1)[:, None], PATCH)
            ink = ink.flatten(2).transpose(1, 2).unflatten(0, (batch, time))
            known = conditions.sketch_known[..., None, None]
            tokens = tokens + torch.where(known, self.sketch(ink), self.no_sketch.to(tokens.dtype))
        else:
            tokens = tokens + self.no_sketch.to(tokens.dtype)
        extra = torch.cat([action.unsqueeze(2).to(text.dtype), text], 2)
        return self.condition(action + text.mean(2)), extra, tokens

    # --- frames ---

    def remember(self, codes: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Keys and values per layer, each (B, N, heads, T, W/heads), of clean frames (B, T, h, w, D)."""
        batch, time, rows = codes.shape[:3]
        x = self._embed(codes, None) + self.no_sketch
        condition = self.clean_condition.expand(batch, time, -1)
        extra = self.text(self.silence).expand(batch, time, -1, -1)
        memory = []
        for index, block in enumerate(self.blocks):
            memory.append(block.time.keys_values(block.time_norm(x, condition)))
            if index + 1 < len(self.blocks):
                x = block.within_frames(x, condition, extra, rows)
        return memory

    def forward(
        self,
        codes: Tensor,
        token_mask: Tensor,
        conditions: Conditions,
        memory: list[tuple[Tensor, Tensor]] | None = None,
        distance: Tensor | None = None,
        seen: Tensor | None = None,
    ) -> Tensor:
        """Hidden states (B, T, N, W) of frames with unknown tokens, each filled apart from the others.

        Args:
            codes: int (B, T, h, w, D); anything where masked.
            token_mask: bool (B, T, h, w), True where unknown.
            conditions: what each frame is asked to be.
            memory: what `remember` returned for K clean frames; None for none.
            distance: int (T, K), how many frames back each clean frame lies; negative lies ahead.
            seen: bool (T, K), which clean frames a frame may look at; within `reach` where not given.
        """
        batch, time, rows = codes.shape[:3]
        x = self._embed(codes, token_mask)
        condition, extra, x = self._conditions(conditions, batch, time, x)
        if memory is not None and seen is None:
            seen = (distance != 0) & (distance.abs() <= self.config.reach)
        for index, block in enumerate(self.blocks):
            if memory is not None:
                k, v = memory[index]
                x = x + block.time(block.time_norm(x, condition), k, v, distance, seen)
            x = block.within_frames(x, condition, extra, rows)
        return x
