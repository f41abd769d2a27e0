"""Pictures, clips and films: reading, writing and showing them. No torch here."""

from __future__ import annotations

from playreel.media.clip import Clip
from playreel.media.contact import contact_sheet
from playreel.media.files import read_recipe, sidecar_of, write_recipe
from playreel.media.fit import SIZES, best_factor, enlarge, fit_frame, nearest_shape, size_of
from playreel.media.image import load_image
from playreel.media.lossless import write_lossless
from playreel.media.probe import VideoInfo, probe
from playreel.media.rate import as_fps
from playreel.media.read import read_frames
from playreel.media.sketch import fit_sketch, load_sketch, outlined
from playreel.media.write import write_video

__all__ = [
    "SIZES",
    "Clip",
    "VideoInfo",
    "as_fps",
    "best_factor",
    "contact_sheet",
    "enlarge",
    "fit_frame",
    "fit_sketch",
    "load_image",
    "load_sketch",
    "nearest_shape",
    "outlined",
    "probe",
    "read_frames",
    "read_recipe",
    "sidecar_of",
    "size_of",
    "write_lossless",
    "write_recipe",
    "write_video",
]
