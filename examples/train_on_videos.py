"""A folder of plain videos teaches the model; here one step of it, on three short videos."""

from __future__ import annotations

from pathlib import Path

from playreel import Studio
from playreel.cli import main

studio = Studio("train-on-videos")
footage = Path("videos")
footage.mkdir(exist_ok=True)
for seed in range(3):
    take = studio.shoot("an orange fox runs right in a green meadow", seconds=2, seed=seed)
    take.save(footage / f"run-{seed}.mp4", scale=2)
arguments = ["train", "tokenizer", "--footage", str(footage), "--out", "runs/videos"]
# A whole model: train world --minutes 60
raise SystemExit(main([*arguments, "--max-steps", "1", "--num-workers", "0"]))
