"""Text encoder for English and Chinese with an open vocabulary.

A prompt is cut into units: words, numbers digit by digit, single CJK characters. Each unit is the
mean of its hashed n-gram embeddings (fastText, arXiv 1607.04606), so unseen words borrow from their
parts and no vocabulary file is needed. A two-layer transformer reads the units and learned queries
pool them into a fixed number of slots.

Shape legend: B prompts, L units, N n-grams, E width, S slots.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Han, kana and hangul are read character by character. ASCII apostrophes stay inside a word.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_UNIT = re.compile(rf"[{_CJK}]|\d|[^\W\d_{_CJK}]+(?:'[^\W\d_{_CJK}]+)*|[^\w\s]")
_CLAUSE = {".": ",", ";": ",", "\u3001": ",", "\u3002": ",", ":": ",", "!": ",", "?": ","}
MAX_READ = 2048  # characters read at each end of a prompt; far more than max_units need
MAX_WORD = 32  # characters of a word that are looked at


@dataclass(frozen=True, kw_only=True)
class TextEncoderConfig:
    """Architecture of a `TextEncoder`."""

    out_width: int = 256
    num_slots: int = 4
    width: int = 128
    num_layers: int = 2
    num_heads: int = 4
    num_buckets: int = 4096
    max_units: int = 64


class TextTokenizer:
    """Cuts a prompt into units and each unit into n-gram ids.

    Args:
        num_buckets: n-gram ids lie in ``range(1, num_buckets)``; 0 pads.
        max_units: longer prompts keep their head and their tail, half each.
    """

    def __init__(self, num_buckets: int = 4096, max_units: int = 64) -> None:
        self.num_buckets, self.max_units = num_buckets, max_units

    def units(self, text: str) -> list[str]:
        """The units of a prompt: case-folded, full-width forms made plain, punctuation unified.

        At most `max_units`; a long prompt keeps the first and the last half of them.
        """
        half = self.max_units // 2
        if len(text) <= 2 * MAX_READ:
            found = self._split(text)
            if len(found) <= self.max_units:
                return found
            return found[:half] + found[half - self.max_units :]
        head = self._split(text[:MAX_READ])[:half]
        tail = self._split(text[-MAX_READ:])[half - self.max_units :]
        return head + tail

    def __call__(self, text: str) -> list[tuple[int, ...]]:
        """N-gram ids of each unit of ``text``."""
        units = self.units(text)
        ids = []
        for index, unit in enumerate(units):
            grams = _grams(unit)
            if _is_cjk(unit) and index + 1 < len(units) and _is_cjk(units[index + 1]):
                grams = (*grams, f"2:{unit}{units[index + 1]}")
            ids.append(tuple(self._bucket(gram) for gram in grams))
        return ids

    def _bucket(self, gram: str) -> int:
        return 1 + zlib.crc32(gram.encode("utf-8", "replace")) % (self.num_buckets - 1)

    @staticmethod
    def _split(text: str) -> list[str]:
        plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
        found = [_CLAUSE.get(unit, unit) for unit in _UNIT.findall(plain)]
        # A closing mark says nothing; "a fox." and "a fox" are the same prompt.
        while found and found[-1] == ",":
            found.pop()
        return found


class _Layer(nn.Module):
    """Pre-norm self-attention and MLP."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 3 * width), nn.SiLU(), nn.Linear(3 * width, width)
        )

    def forward(self, x: Tensor, attention_mask: Tensor) -> Tensor:
        """Mix units: x (B, L, E), attention_mask bool (B, 1, 1, L) -> (B, L, E)."""
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, self.num_heads, -1)).unbind(2)
        mixed = _attend(q, k, v, attention_mask)
        x = x + self.out(mixed.to(x.dtype))
        return x + self.mlp(self.norm2(x))


class TextEncoder(nn.Module):
    """Turns prompts into conditioning slots; the empty prompt gives the learned null text."""

    config_class = TextEncoderConfig
    kind = "text_encoder"

    def __init__(self, config: TextEncoderConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or TextEncoderConfig()
        self.tokenizer = TextTokenizer(config.num_buckets, config.max_units)
        width = config.width
        self.grams = nn.EmbeddingBag(config.num_buckets, width, mode="mean", padding_idx=0)
        self.position = nn.Parameter(torch.randn(config.max_units, width) * 0.1)
        self.layers = nn.ModuleList(
            _Layer(width, config.num_heads) for _ in range(config.num_layers)
        )
        self.norm = nn.LayerNorm(width)
        self.queries = nn.Parameter(torch.randn(config.num_slots, width) * 0.5)
        self.key_value = nn.Linear(width, 2 * width)
        self.project = nn.Linear(width, config.out_width)
        self.null = nn.Parameter(torch.randn(config.num_slots, config.out_width) * 0.02)

    def forward(self, texts: list[str]) -> Tensor:
        """Encode prompts.

        Args:
            texts: B prompts of any length. A prompt without a single unit ("", spaces) is null.

        Returns:
            (B, num_slots, out_width), out_width being that of the model conditioned.
        """
        distinct = list(dict.fromkeys(texts))  # timed prompts repeat a text for many frames
        ids = [self.tokenizer(text) for text in distinct]
        null = self.null[None].expand(len(distinct), -1, -1)
        slots = null if not any(ids) else self._read(ids, null)
        where = {text: index for index, text in enumerate(distinct)}
        return slots[torch.tensor([where[text] for text in texts], device=slots.device)]

    def _read(self, ids: list[list[tuple[int, ...]]], null: Tensor) -> Tensor:
        device = self.null.device
        length = max(map(len, ids))
        flat, offsets = [], []
        known = torch.zeros(len(ids), length, dtype=torch.bool)
        for row, units in enumerate(ids):
            known[row, : len(units)] = True
            for unit in (*units, *((),) * (length - len(units))):
                offsets.append(len(flat))
                flat.extend(unit)
        flat_ids = torch.tensor(flat, device=device)
        bags = self.grams(flat_ids, torch.tensor(offsets, device=device))
        x = bags.view(len(ids), length, -1) * self.config.width**0.5 + self.position[:length]
        is_null = ~known.any(1)
        known[is_null] = True  # attention over nothing would be NaN; the null text replaces it
        mask = known.to(device)[:, None, None]
        for layer in self.layers:
            x = layer(x, mask)
        heads = self.config.num_heads
        k, v = self.key_value(self.norm(x)).unflatten(-1, (2, heads, -1)).unbind(2)
        q = self.queries.expand(len(ids), -1, -1).unflatten(-1, (heads, -1))
        slots = self.project(_attend(q, k, v, mask).to(x.dtype))
        slots = F.layer_norm(slots, slots.shape[-1:])  # every text speaks as loudly
        return torch.where(is_null.to(device)[:, None, None], null, slots)


def _attend(q: Tensor, k: Tensor, v: Tensor, attention_mask: Tensor) -> Tensor:
    """Heads attention, (B, L, heads, E/heads) -> (B, L, E); fp32, which is faster on CPUs."""
    q, k, v = (t.float().transpose(1, 2) for t in (q, k, v))
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=attention_mask)
    return mixed.transpose(1, 2).flatten(2)


@lru_cache(maxsize=16384)
def _grams(unit: str) -> tuple[str, ...]:
    """The word itself and, for words, its 3- and 4-grams with the ends marked."""
    unit = unit[:MAX_WORD]
    if len(unit) < 3:
        return (f"w:{unit}",)
    marked = f"<{unit}>"
    parts = [marked[i : i + n] for n in (3, 4) for i in range(len(marked) - n + 1)]
    return (f"w:{unit}", f"w:{unit}", *(f"g:{part}" for part in parts))


def _is_cjk(unit: str) -> bool:
    return len(unit) == 1 and unit > "\u2fff" and unit.isalpha()
