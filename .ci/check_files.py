"""Check files as git would commit them: size, kind, white space. With no arguments, all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LIMIT = 500 * 1000
WEIGHTS = "studio/playreel/weights/"
UNSAFE = {".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".npz"}
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".ipynb", ".ts", ".js", ".css", ""}


def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, check=True, capture_output=True).stdout
    return [name.decode() for name in listing.split(b"\0") if name]


def faults(name: str) -> list[str]:
    path = Path(name)
    if not path.is_file():
        return []
    found = []
    size = path.stat().st_size
    if size > LIMIT and not name.startswith(WEIGHTS):
        found.append(f"{size} bytes, more than {LIMIT}")
    if path.suffix in UNSAFE:
        found.append("a file kind that may hold code; weights are safetensors")
    if path.suffix in TEXT and path.name != "LICENSE":
        lines = path.read_text(encoding="utf-8").split("\n")
        spoiled = [i for i, line in enumerate(lines, 1) if line != line.rstrip()]
        if spoiled:
            found.append(f"white space at the end of line {spoiled[0]}")
        if lines[-1] and path.suffix != ".json":
            found.append("no newline at the end")
    return found


def main(names: list[str]) -> int:
    bad = [(name, fault) for name in names or tracked() for fault in faults(name)]
    for name, fault in bad:
        print(f"{name}: {fault}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
