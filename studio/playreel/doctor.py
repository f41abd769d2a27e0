"""What this machine and this installation can do, and what to put right."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from playreel.errors import PlayreelError

PACKAGES = ("torch", "numpy", "av", "moviepy", "pillow", "safetensors", "gymnasium")
LEAST_FREE_BYTES = 512 * 2**20


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what it is.
        value: how it is.
        ok: whether work can be done with it.
        advice: what to do, or "".
    """

    name: str
    value: str
    ok: bool = True
    advice: str = ""


def examine(weights: str = "bundled") -> list[Finding]:
    """Looks at everything; a check that fails is a finding, never an exception."""
    checks: dict[str, Callable[[], Finding]] = {
        "playreel": _playreel,
        "python": _python,
        "machine": _machine,
        "packages": _packages,
        "processor": _processor,
        "gpu": _gpu,
        "ffmpeg": _ffmpeg,
        "fonts": _fonts,
        "disk": _disk,
        "weights": lambda: _weights(weights),
        "engines": _engines,
    }
    findings = []
    for name, check in checks.items():
        try:
            findings.append(check())
        except PlayreelError as error:
            findings.append(Finding(name=name, value=str(error), ok=False))
        except Exception as error:  # a broken library may raise anything; say what
            findings.append(
                Finding(
                    name=name,
                    value=f"{type(error).__name__}: {error}",
                    ok=False,
                    advice="Install again: pip install --force-reinstall playreel",
                )
            )
    return findings


def _playreel() -> Finding:
    from playreel import __version__

    return Finding(name="playreel", value=__version__)


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    return Finding(
        name="python",
        value=platform.python_version(),
        ok=ok,
        advice="" if ok else "Playreel needs Python 3.11 or newer.",
    )


def _machine() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    text = f"{platform.system()} {platform.machine()}, {cores} cores"
    memory = _memory_bytes()
    return Finding(name="machine", value=text + (f", {memory / 2**30:.1f} GiB" if memory else ""))


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    return Finding(
        name="packages",
        value=", ".join(found) + (f"; missing: {', '.join(missing)}" if missing else ""),
        ok=not missing,
        advice=f"pip install {' '.join(missing)}" if missing else "",
    )


def _processor() -> Finding:
    import torch

    capability = torch.backends.cpu.get_cpu_capability()
    flags = _cpu_flags()
    kind = "AMX bfloat16" if "amx_bf16" in flags else "bfloat16" if "avx512_bf16" in flags else ""
    value = f"{torch.get_num_threads()} threads, {capability}" + (f", {kind}" if kind else "")
    return Finding(name="processor", value=value)


def _cpu_flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    line = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return set(line.split())


def _gpu() -> Finding:
    import torch

    if not torch.cuda.is_available():
        return Finding(name="gpu", value="none; everything runs on the processor")
    return Finding(name="gpu", value=torch.cuda.get_device_name(0))


def _ffmpeg() -> Finding:
    import tempfile as temporary

    import numpy as np

    from playreel.media import Clip

    frames = np.zeros((3, 32, 32, 3), np.uint8)
    with temporary.TemporaryDirectory() as folder:
        path = Clip(frames, 24).save(Path(folder) / "probe.mp4")
        count = len(Clip.open(path))
    ok = count == len(frames)
    return Finding(
        name="ffmpeg",
        value=f"{_ffmpeg_binary()}; wrote and read {count} of {len(frames)} frames",
        ok=ok,
        advice="" if ok else "Install again: pip install --force-reinstall imageio-ffmpeg av",
    )


def _ffmpeg_binary() -> str:
    from moviepy.config import FFMPEG_BINARY

    return Path(FFMPEG_BINARY).name


def _fonts() -> Finding:
    from playreel.media.fonts import can_write, wide_face

    if can_write("狐狸"):
        return Finding(name="fonts", value=f"Latin, Chinese ({getattr(wide_face(), 'name', '')})")
    return Finding(
        name="fonts",
        value="Latin; Chinese labels would show boxes",
        advice="For Chinese labels install a Noto Sans CJK font.",
    )


def _disk() -> Finding:
    free = {name: shutil.disk_usage(name).free for name in (Path.cwd(), tempfile.gettempdir())}
    least = min(free.values())
    ok = least >= LEAST_FREE_BYTES
    return Finding(
        name="disk",
        value=f"{least / 2**30:.1f} GiB free",
        ok=ok,
        advice="" if ok else "Free some space: takes and played frames are written as they come.",
    )


def _weights(name: str) -> Finding:
    from playreel.core import load_bundle

    bundle = load_bundle(name)
    world, film = bundle.world, bundle.film
    return Finding(
        name="weights",
        value=f"{name}: world {world.weights_hash[:12]}, film {film.weights_hash[:12]}, "
        f"{len(world.buttons)} buttons; hashes as recorded",
    )


def _engines() -> Finding:
    from playreel.film.engines import families, layout_words, this_machine

    try:
        value = f"bundled; diffusers {metadata.version('diffusers')}"
        advice = ""
    except metadata.PackageNotFoundError:
        value = "bundled"
        advice = "For open weights: pip install 'playreel[diffusers]'"
    machine = this_machine()
    layouts = []
    for family in families().values():
        for card in family.cards[:1]:  # the one to begin with
            try:
                layouts.append(f"{card.name}: {layout_words(family, card, machine)}")
            except PlayreelError as error:
                layouts.append(str(error))
    return Finding(name="engines", value="\n".join([value, *layouts]), advice=advice)
