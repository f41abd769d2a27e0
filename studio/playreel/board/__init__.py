"""The shot board: shots with stable names, stitched into frame-exact films. No torch here."""

from __future__ import annotations

from playreel.board.board import Board
from playreel.board.export import ExportOptions
from playreel.board.presets import PRESETS, ExportPreset, SafeBox
from playreel.board.shot import SHOT_SIZES, Shot
from playreel.board.stitch import Film, Segment, blend
from playreel.board.subtitles import Cue, write_subtitles

__all__ = [
    "PRESETS",
    "SHOT_SIZES",
    "Board",
    "Cue",
    "ExportOptions",
    "ExportPreset",
    "Film",
    "SafeBox",
    "Segment",
    "Shot",
    "blend",
    "write_subtitles",
]
