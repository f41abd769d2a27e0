"""A Fountain script becomes planned shots, takes, a contact sheet and a film."""

from __future__ import annotations

from pathlib import Path

from playreel import Studio
from playreel.board import read_script

SCRIPT = """EXT. GREEN MEADOW - DAY

An orange fox runs right in a green meadow by day.

EXT. SNOWY FOREST - NIGHT

An orange fox in a snowy forest at night.
"""

script = Path("storyboard.fountain")
script.write_text(SCRIPT, encoding="utf-8")
studio = Studio("storyboard-from-script")
if not len(studio.board):
    studio.board.take_over(read_script(script))
made = studio.make(num_steps=4)  # what was made before stays
print(f"{len(made)} of {len(studio.board)} shots made")
print(studio.board.contact_sheet("storyboard.png", title="The fox goes home"))
print(studio.export("storyboard.mp4", preset="landscape-1080p", animatic=True))
