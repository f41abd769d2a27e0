"""Evaluation: the figures that `playreel eval` and `playreel bench` print. Loads torch only when run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def run_eval(args: argparse.Namespace) -> dict[str, Any]:
    """What `playreel eval` prints.

    Args:
        args: `weights` (a name or folder), `footage` (a folder of videos or None), `only` (a part or
            None) and `quick`.
    """
    from playreel.training.evaluation.report import evaluate

    return evaluate(
        getattr(args, "weights", None) or "bundled",
        footage=getattr(args, "footage", None),
        only=getattr(args, "only", None),
        quick=bool(getattr(args, "quick", False)),
    )


def run_bench(args: argparse.Namespace) -> dict[str, Any]:
    """What `playreel bench` prints.

    Args:
        args: `weights` (a name or folder) and `quick`.
    """
    from playreel.core import load_bundle
    from playreel.training.evaluation.bench import bench

    bundle = load_bundle(getattr(args, "weights", None) or "bundled")
    return bench(bundle, quick=bool(getattr(args, "quick", False)), say=_say)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
    sys.stderr.flush()
