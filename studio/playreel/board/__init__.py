"""The shot board: shots with stable names, stitched into frame-exact films. No torch here."""

from __future__ import annotations

from playreel.board.board import Board
from playreel.board.export import ExportOptions
from playreel.board.numbering import shown_numbers
from playreel.board.pacing import PLATFORMS, PacingRules, lint_series
from playreel.board.planned import Planned
from playreel.board.presets import PRESETS, ExportPreset, SafeBox
from playreel.board.script import read_script
from playreel.board.series import Episode, Scene, Series, series_of
from playreel.board.shot import SHOT_SIZES, Shot
from playreel.board.stitch import Film, Segment, blend
from playreel.board.subtitles import Cue, write_subtitles
from playreel.board.table import read_table, write_table

__all__ = [
    "PLATFORMS",
    "PRESETS",
    "SHOT_SIZES",
    "Board",
    "Cue",
    "Episode",
    "ExportOptions",
    "ExportPreset",
    "Film",
    "PacingRules",
    "Planned",
    "SafeBox",
    "Scene",
    "Segment",
    "Series",
    "Shot",
    "blend",
    "lint_series",
    "read_script",
    "read_table",
    "series_of",
    "shown_numbers",
    "write_subtitles",
    "write_table",
]
