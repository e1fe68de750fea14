"""The safetensors format, float32 and float16, with NumPy alone: exporting a model needs no PyTorch."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

_TYPES = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "U8": np.dtype("u1")}
_NAMES = {np.dtype(kind).newbyteorder("="): name for name, kind in _TYPES.items()}


def encode(tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> bytes:
    """A file with these tensors in their order. Raises KeyError for a type that `decode` does not know."""
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    parts: list[bytes] = []
    offset = 0
    for name, tensor in tensors.items():
        kind = _NAMES[tensor.dtype.newbyteorder("=")]
        data = np.ascontiguousarray(tensor, dtype=_TYPES[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, *parts])


def decode(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors and metadata of a file. Raises ValueError when it is not one."""
    if len(data) < 8 or (length := struct.unpack("<Q", data[:8])[0]) > len(data) - 8:
        raise ValueError(f"not a safetensors file: {len(data)} bytes")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        first, last = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[first:last], _TYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return tensors, metadata


def read(path: Path) -> dict[str, np.ndarray]:
    """Tensors of a file."""
    return decode(path.read_bytes())[0]
