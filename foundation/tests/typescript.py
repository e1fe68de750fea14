"""Runs tests/parity/foundation/answer.ts; tests that need it are skipped where there is no Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_OWN_NODE = ROOT / "node_modules" / ".bin" / "node"
NODE = str(_OWN_NODE) if _OWN_NODE.exists() else shutil.which("node")

needs_node = pytest.mark.skipif(
    NODE is None or not (ROOT / "node_modules").exists(), reason="needs Node and the packages of package.json"
)


def answer(*arguments: str | Path) -> str:
    """Output of the script with these arguments."""
    command = [str(NODE), "tests/parity/foundation/answer.ts", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
