"""A draft for 剪映 and CapCut. Experimental: the format is undocumented and changes with every version.

Written as 剪映 5.9 wrote it: the last version that kept drafts as plain JSON. Put the folder into the
program's own folder of drafts. Paths inside are relative to the draft, so that it may be moved.
"""

from __future__ import annotations

import json
import os
import uuid
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.board.cutlist import CutClip, CutList, cut_list
from playreel.errors import InputError
from playreel.media.atomic import write_bytes

if TYPE_CHECKING:
    from playreel.board.board import Board

CONTENT, META = "draft_content.json", "draft_meta_info.json"
_HERE = "##_draftpath_placeholder_0E685133-18CE-45ED-8CB8-2904A212EC80_##"
_NAMES = uuid.UUID("5a1cf2a9-0d1f-4f3c-9a0d-4a1c1b6f2e10")
_DISSOLVE = {"name": "叠化", "effect_id": "322577", "resource_id": "6724845717472416269"}
_KINDS = (
    *("ai_translates", "audio_balances", "audio_effects", "audio_fades", "audio_track_indexes"),
    *("audios", "beats", "canvases", "chromas", "color_curves", "digital_humans", "drafts"),
    *("effects", "flowers", "green_screens", "handwrites", "hsl", "images", "log_color_wheels"),
    *("loudnesses", "manual_deformations", "masks", "material_animations", "material_colors"),
    *("multi_language_refs", "placeholders", "plugin_effects", "primary_color_wheels"),
    *("realtime_denoises", "shapes", "smart_crops", "smart_relights", "sound_channel_mappings"),
    *("speeds", "stickers", "tail_leaders", "text_templates", "texts", "time_marks"),
    *("transitions", "video_effects", "video_trackings", "videos", "vocal_beautifys"),
    "vocal_separations",
)


def write_draft(folder: str | os.PathLike[str], board: Board, *, name: str = "") -> Path:
    """Writes a draft folder: the cut, cross-fades, what is said as titles, and the media.

    Other transitions than cross-fades become hard cuts.

    Args:
        folder: new or empty, or a draft that was written before.
        board: with at least one shot.
        name: of the draft; by default the folder's.

    Raises:
        InputError: an empty board, or a folder with something else in it.
        StorageError: it cannot be written.
    """
    folder = Path(folder)
    if folder.exists():
        is_ours = folder.is_dir() and (folder / CONTENT).is_file()
        if not is_ours and not (folder.is_dir() and not any(folder.iterdir())):
            raise InputError(f"{folder} has something in it. Name a new or an empty folder.")
    cuts = cut_list(board, folder / "materials")
    name = name or folder.name
    content = draft_document(cuts, name)
    write_bytes(folder / CONTENT, _json(content))
    write_bytes(folder / META, _json(_meta(cuts, name, content["id"])))
    return folder


def draft_document(cuts: CutList, name: str) -> dict[str, Any]:
    """The content of a draft, as JSON values; times are whole microseconds."""
    materials: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    pictures = [_picture(clip, cuts, materials) for clip in cuts.clips]
    titles = [
        title for clip in cuts.clips if (title := _title(clip, cuts.fps, materials)) is not None
    ]
    tracks = [_track("video", pictures)]
    if titles:
        tracks.append(_track("text", titles))
    height, width = cuts.size
    system = {"app_id": 3704, "app_source": "lv", "app_version": "5.9.0", "os": "windows"}
    return {
        "canvas_config": {"height": height, "ratio": "original", "width": width},
        "color_space": 0,
        "config": {"maintrack_adsorb": True, "subtitle_sync": True, "video_mute": False},
        "cover": None,
        "create_time": 0,
        "duration": _micros(cuts.num_frames, cuts.fps),
        "extra_info": None,
        "fps": float(cuts.fps),
        "free_render_index_mode_on": False,
        "group_container": None,
        "id": _id(name, "draft"),
        "keyframe_graph_list": [],
        "keyframes": {
            kind: []
            for kind in (
                *("adjusts", "audios", "effects", "filters"),
                *("handwrites", "stickers", "texts", "videos"),
            )
        },
        "last_modified_platform": system,
        "materials": materials,
        "mutable_config": None,
        "name": name,
        "new_version": "110.0.0",
        "platform": system,
        "relationships": [],
        "render_index_track_mode_on": False,
        "retouch_cover": None,
        "source": "default",
        "static_cover_image_path": "",
        "time_marks": None,
        "tracks": tracks,
        "update_time": 0,
        "version": 360000,
    }


def _picture(clip: CutClip, cuts: CutList, materials: dict[str, list[Any]]) -> dict[str, Any]:
    assert clip.file is not None
    uid, fps = clip.shot.uid, cuts.fps
    height, width = cuts.size
    media, speed = _id(uid, "video"), _id(uid, "speed")
    materials["videos"].append(
        {
            "audio_fade": None,
            "category_id": "",
            "category_name": "local",
            "check_flag": 63487,
            "crop": {
                f"{row}_{column}_{axis}": float(
                    (column == "right") if axis == "x" else row == "lower"
                )
                for row in ("upper", "lower")
                for column in ("left", "right")
                for axis in ("x", "y")
            },
            "crop_ratio": "free",
            "crop_scale": 1.0,
            "duration": _micros(clip.length, fps),
            "has_audio": False,
            "height": height,
            "id": media,
            "local_material_id": media,
            "material_id": media,
            "material_name": clip.file.name,
            "media_path": "",
            "path": f"{_HERE}/materials/{clip.file.name}",
            "type": "video",
            "width": width,
        }
    )
    materials["speeds"].append(
        {"curve_speed": None, "id": speed, "mode": 0, "speed": 1.0, "type": "speed"}
    )
    refs = [speed]
    place = next(i for i, other in enumerate(cuts.clips) if other is clip)
    following = cuts.clips[place + 1] if place + 1 < len(cuts.clips) else None
    if following is not None and following.fade and following.shot.joint == "dissolve":
        # kept with the clip that goes; the take's handles fill it
        refs.append(_id(uid, "transition"))
        materials["transitions"].append(
            {
                "category_id": "",
                "category_name": "",
                "duration": _micros(following.fade, fps),
                "id": refs[-1],
                "is_overlap": True,
                "platform": "all",
                "type": "transition",
                **_DISSOLVE,
            }
        )
    return {
        **_segment(uid, "picture", media, clip, fps),
        "extra_material_refs": refs,
        "source_timerange": {
            "start": _micros(clip.first, fps),
            "duration": _micros(clip.last, fps) - _micros(clip.first, fps),
        },
        "speed": 1.0,
        "volume": 1.0,
        "hdr_settings": {"intensity": 1.0, "mode": 1, "nits": 1000},
        "render_index": 0,
    }


def _title(clip: CutClip, fps: Fraction, materials: dict[str, list[Any]]) -> dict[str, Any] | None:
    said = [clip.shot.dialogue or clip.shot.voice_over, clip.shot.translation]
    text = "\n".join(" ".join(words.split()) for words in said if words.strip())
    if not text:
        return None
    media = _id(clip.shot.uid, "text")
    white = {"alpha": 1.0, "color": [1.0, 1.0, 1.0]}
    style = {
        "fill": {"alpha": 1.0, "content": {"render_type": "solid", "solid": white}},
        "range": [0, len(text.encode("utf-16-le")) // 2],
        "size": 8.0,
        "bold": False,
        "italic": False,
        "underline": False,
        "strokes": [],
    }
    materials["texts"].append(
        {
            "alignment": 1,
            "check_flag": 7,
            "content": json.dumps({"styles": [style], "text": text}, ensure_ascii=False),
            "force_apply_line_max_width": False,
            "global_alpha": 1.0,
            "id": media,
            "letter_spacing": 0.0,
            "line_feed": 1,
            "line_max_width": 0.82,
            "line_spacing": 0.02,
            "type": "subtitle",
            "typesetting": 0,
        }
    )
    segment = _segment(clip.shot.uid, "title", media, clip, fps)
    segment["clip"] = {**segment["clip"], "transform": {"x": 0.0, "y": -0.55}}
    return {
        **segment,
        "extra_material_refs": [],
        "source_timerange": None,
        "speed": 1.0,
        "volume": 1.0,
        "render_index": 15000,
    }


def _segment(uid: str, kind: str, media: str, clip: CutClip, fps: Fraction) -> dict[str, Any]:
    start, stop = _micros(clip.start, fps), _micros(clip.start + clip.num_frames, fps)
    return {
        "clip": {
            "alpha": 1.0,
            "flip": {"horizontal": False, "vertical": False},
            "rotation": 0.0,
            "scale": {"x": 1.0, "y": 1.0},
            "transform": {"x": 0.0, "y": 0.0},
        },
        "common_keyframes": [],
        "enable_adjust": True,
        "enable_color_correct_adjust": False,
        "enable_color_curves": True,
        "enable_color_match_adjust": False,
        "enable_color_wheels": True,
        "enable_lut": True,
        "enable_smart_color_adjust": False,
        "id": _id(uid, kind),
        "keyframe_refs": [],
        "last_nonzero_volume": 1.0,
        "material_id": media,
        "reverse": False,
        "target_timerange": {"start": start, "duration": stop - start},
        "track_attribute": 0,
        "track_render_index": 0,
        "uniform_scale": {"on": True, "value": 1.0},
        "visible": True,
    }


def _track(kind: str, segments: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "attribute": 0,
        "flag": 0,
        "id": _id(kind, "track"),
        "is_default_name": True,
        "name": "",
        "segments": segments,
        "type": kind,
    }


def _meta(cuts: CutList, name: str, draft_id: str) -> dict[str, Any]:
    return {
        "draft_cloud_last_action_download": False,
        "draft_cover": "",
        "draft_fold_path": "",
        "draft_id": draft_id,
        "draft_is_ai_shorts": False,
        "draft_is_invisible": False,
        "draft_materials": [{"type": kind, "value": []} for kind in (0, 1, 2, 3, 6, 7, 8)],
        "draft_materials_copied_info": [],
        "draft_name": name,
        "draft_new_version": "",
        "draft_removable_storage_device": "",
        "draft_root_path": "",
        "draft_segment_extra_info": [],
        "draft_type": "",
        "tm_draft_removed": 0,
        "tm_duration": _micros(cuts.num_frames, cuts.fps),
    }


def _micros(frames: int, fps: Fraction) -> int:
    return round(1_000_000 * frames / fps)


def _id(*words: str) -> str:
    """The same for the same board, so that a draft that is written again is the same draft."""
    return str(uuid.uuid5(_NAMES, " ".join(words))).upper()


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
