"""Bundles: folders of checkpoints that belong together, shipped in the package or trained by a user."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from playreel.core.action_reader import ActionReader
from playreel.core.checkpoint import from_pretrained, read_config, weights_hash
from playreel.core.critic import StillCritic
from playreel.core.film_model import FilmModel
from playreel.core.lam import LatentActionModel
from playreel.core.layout import LayoutModel
from playreel.core.motion import MotionModel
from playreel.core.painter import Painter
from playreel.core.pixel_lam import PixelActionModel
from playreel.core.restyler import Restyler
from playreel.core.still_painter import StillPainter
from playreel.core.text import TextEncoder
from playreel.core.things import ThingModel
from playreel.core.tokenizer import VideoTokenizer
from playreel.core.transformer import SpacetimeTransformer
from playreel.core.world_model import PlayState, WorldModel
from playreel.errors import CheckpointError

__all__ = ["Bundle", "FilmModel", "PlayState", "WorldModel", "load_bundle", "save_bundle_info"]

SCHEMA_VERSION = 1
INFO_FILE = "bundle.json"
WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
_PARTS = {
    "tokenizer": VideoTokenizer,
    "lam": LatentActionModel,
    "motion": MotionModel,
    "transformer": SpacetimeTransformer,
    "text": TextEncoder,
    "painter": Painter,
    "things": ThingModel,
    "layout": LayoutModel,
    "stills": StillPainter,
    "restyler": Restyler,
    "critic": StillCritic,
}
# Videos without captions teach none of them, and bundles made before these parts name nobody to share with.
_USUALLY_SHARED = dict.fromkeys(("layout", "stills", "restyler", "critic"), "bundled")
_MAX_INFO_BYTES = 1 << 20


def save_bundle_info(path: Path, *, buttons: dict[str, int], **more: Any) -> None:
    """Write `bundle.json` beside the parts of a bundle.

    Args:
        path: the bundle's folder.
        buttons: name of a button to its latent action.
        more: `size`, `fps`, `shares` (part to the folder it is taken from), `redraw` (see `WorldModel`),
            `footage` (fingerprints of the videos it was trained on), notes on the training.
    """
    info = {"schema_version": SCHEMA_VERSION, "buttons": buttons, **more}
    text = json.dumps(info, indent=2, ensure_ascii=False) + "\n"
    partial = path / (INFO_FILE + ".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path / INFO_FILE)


class Bundle:
    """Parts of a model, each loaded when first asked for.

    Args:
        path: folder with `bundle.json` and a folder per part.

    Raises:
        CheckpointError: no bundle there, or one of a newer kind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        file = path / INFO_FILE
        if not file.is_file():
            raise CheckpointError(
                f"{path} holds no model: there is no {INFO_FILE}. Name a folder that `playreel train` made, "
                f"or one of: {', '.join(bundled_names()) or 'none are installed'}."
            )
        try:
            if file.stat().st_size > _MAX_INFO_BYTES:
                raise ValueError("it is too large")
            self.info = json.loads(file.read_text(encoding="utf-8"))
            version = self.info["schema_version"]
            self.buttons = {str(k): int(v) for k, v in self.info["buttons"].items()}
            height, width = self.info.get("size", (72, 128))
            self.size = int(height), int(width)
            self.fps = int(self.info.get("fps", 12))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(
                f"{file} cannot be read ({error}). Train the model again or reinstall Playreel."
            ) from error
        if version != SCHEMA_VERSION:
            raise CheckpointError(
                f"{file} has schema version {version}; this Playreel reads {SCHEMA_VERSION}. "
                "Update Playreel."
            )

    def part_path(self, name: str) -> Path:
        """The folder of a part, its own or the one it is shared from."""
        own = self.path / name
        shared = (_USUALLY_SHARED | self.info.get("shares", {})).get(name)
        if own.is_dir() or shared is None:
            return own
        if shared not in bundled_names():
            raise CheckpointError(
                f"{self.path} takes its {name} from {shared!r}, which is not installed; known are "
                f"{', '.join(bundled_names())}."
            )
        return WEIGHTS / shared / name

    def part(self, name: str) -> Any:
        """A part by its folder's name, such as `lam`, in evaluation mode."""
        path = self.part_path(name)
        return from_pretrained(part_class(name, path), path).eval().requires_grad_(False)

    @cached_property
    def weights_hash(self) -> str:
        """SHA-256 over the weights of all parts."""
        digest = hashlib.sha256()
        for name in _PARTS:
            if self.part_path(name).is_dir():
                digest.update(f"{name} {weights_hash(self.part_path(name))}\n".encode())
        return digest.hexdigest()

    @cached_property
    def world(self) -> WorldModel:
        """What plays."""
        return WorldModel(
            tokenizer=self.part("tokenizer"),
            lam=self.part("lam"),
            motion=self.part("motion"),
            dynamics=self.part("transformer"),
            painter=self.part("painter"),
            things=self.part("things") if self.part_path("things").is_dir() else None,
            buttons=self.buttons,
            weights_hash=self.weights_hash,
            size=self.size,
            fps=self.fps,
            redraw=self.info.get("redraw", True) is not False,
        )

    @cached_property
    def film(self) -> FilmModel:
        """What films."""
        told = (self.part(name) for name in ("text", "layout", "stills", "restyler"))
        has_critic = self.part_path("critic").is_dir()
        critic = self.part("critic") if has_critic else None
        return FilmModel(self.world, *told, critic)


def part_class(name: str, path: Path) -> Any:
    """The class of a part by its folder's name, such as `lam`, and the folder."""
    return action_reader_class(path) if name == "lam" else _PARTS[name]


def action_reader_class(path: Path) -> type[ActionReader]:
    """The kind of action model that a folder holds: procedural footage and videos have one each."""
    is_pixel = read_config(path)["kind"] == PixelActionModel.kind
    return PixelActionModel if is_pixel else LatentActionModel


def bundled_names() -> list[str]:
    """Bundles that come with the package."""
    return sorted(file.parent.name for file in WEIGHTS.glob(f"*/{INFO_FILE}"))


def load_bundle(name_or_path: str | Path = "bundled") -> Bundle:
    """A bundle by name or folder; loaded once a process.

    Args:
        name_or_path: `bundled` (the platformer), `arm` (the robot arm), or a folder made by
            `playreel train`.

    Raises:
        CheckpointError: it cannot be loaded, with what to do about it.
    """
    known = WEIGHTS / str(name_or_path)
    path = known if str(name_or_path) in bundled_names() else Path(name_or_path)
    return _load(path.resolve())


@lru_cache(maxsize=8)
def _load(path: Path) -> Bundle:
    return Bundle(path)
