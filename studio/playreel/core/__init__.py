"""The model core that worlds and films share. Nothing here loads torch before it is used."""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "FSQ": "fsq",
    "VideoTokenizer": "tokenizer",
    "VideoTokenizerConfig": "tokenizer",
    "tokenizer_loss": "tokenizer",
    "TextTokenizer": "text",
    "TextEncoder": "text",
    "TextEncoderConfig": "text",
    "LatentActionModel": "lam",
    "LatentActionModelConfig": "lam",
    "SpacetimeTransformer": "transformer",
    "SpacetimeTransformerConfig": "transformer",
    "MotionModel": "motion",
    "MotionModelConfig": "motion",
    "Painter": "painter",
    "PainterConfig": "painter",
    "LayoutModel": "layout",
    "LayoutModelConfig": "layout",
    "Restyler": "restyler",
    "RestylerConfig": "restyler",
    "StillCritic": "critic",
    "StillCriticConfig": "critic",
    "StillPainter": "still_painter",
    "StillPainterConfig": "still_painter",
    "ThingModel": "things",
    "ThingModelConfig": "things",
    "Conditions": "transformer",
    "SamplerOptions": "sampler",
    "WorldModel": "world_model",
    "FilmModel": "film_model",
    "PlayState": "world_model",
    "Bundle": "bundle",
    "load_bundle": "bundle",
    "save_pretrained": "checkpoint",
    "from_pretrained": "checkpoint",
    "weights_hash": "checkpoint",
    "to_video": "frames",
    "to_frames": "frames",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
