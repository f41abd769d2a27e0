"""The table of engines as Markdown, and as plain values for programs."""

from __future__ import annotations

from typing import Any

from playreel.film.engines.cache import WORDS, Cache
from playreel.film.engines.card import ModelCard
from playreel.film.engines.family import Family
from playreel.film.engines.operations import OPERATIONS


def engines_document(families: dict[str, Family]) -> list[dict[str, Any]]:
    """The table as JSON values."""
    return [
        {
            "name": family.name,
            "title": family.title,
            "made_by": list(family.made_by),
            "extra": family.extra,
            "fps": family.grid.fps,
            "frames": f"{family.grid.frame_step}n+1, {family.grid.max_frames} at a time",
            "multiple": family.grid.multiple,
            "operations": {
                name: {
                    "level": str(family.abilities[name].level),
                    "how": family.abilities[name].how,
                }
                for name in OPERATIONS
            },
            "cache": WORDS[Cache(family.cache)] if family.cache else "",
            "shares": family.shares,
            "models": [_card(card) for card in family.cards],
        }
        for family in families.values()
    ]


def engines_markdown(families: dict[str, Family]) -> str:
    """The table as a page of documentation."""
    names = list(families)
    lines = [
        "| operation | " + " | ".join(f"`{name}`" for name in names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for operation in OPERATIONS:
        levels = (str(families[name].abilities[operation].level) for name in names)
        lines.append(f"| {operation} | " + " | ".join(levels) + " |")
    for family in families.values():
        lines += ["", f"## {family.name}", "", f"{family.title}.", ""]
        lines += _facts(family)
        lines += ["", "| operation | | how |", "|---|---|---|"]
        for operation in OPERATIONS:
            ability = family.abilities[operation]
            lines.append(f"| {operation} | {ability.level} | {ability.how} |")
        if family.cards:
            lines += ["", "| model | weights of | in bfloat16 | licence |", "|---|---|---|---|"]
            lines += [
                f"| `{card.name}` | {card.repository} | {card.num_bytes / 1e9:.1f} GB | "
                f"{card.licence}. {card.terms} |"
                for card in family.cards
            ]
    return "\n".join(lines) + "\n"


def _facts(family: Family) -> list[str]:
    grid = family.grid
    sizes = ", ".join(f"{name} {w}x{h}" for name, (h, w) in grid.sizes.items())
    frames = "any number of" if grid.frame_step == 1 else f"{grid.frame_step}n+1"
    return [
        f"- Made by {', '.join(f'`{name}`' for name in family.made_by)}"
        + (f"; install with `pip install 'playreel[{family.extra}]'`." if family.extra else "."),
        f"- {grid.fps} frames a second, {frames} frames, {grid.max_frames} at a time; longer takes "
        "go on from their own last frames.",
        *([f"- With `cache`, {WORDS[Cache(family.cache)]}."] if family.cache else []),
        *(
            ["- With `cards`, several graphics cards make one take together."]
            if family.shares
            else []
        ),
        f"- Sides are multiples of {grid.multiple} pixels. By aspect: {sizes}.",
    ]


def _card(card: ModelCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "repository": card.repository,
        "bytes": card.num_bytes,
        "licence": card.licence,
        "terms": card.terms,
    }
