"""How do named arrays get into a file, and safely out of it again?

Two formats, told by the suffix: ``.npz``, NumPy's archive of arrays, and ``.safetensors``, which
other frameworks read too (it needs the extra ``micrograd-nn[safetensors]``). Both hold arrays and a
few lines of text, the metadata; neither can hold code, and no pickle is ever loaded, so a file from
a stranger can be wrong but not dangerous.

**Types.** float64, float32, integers and booleans are read as they are. float16 and bfloat16 become
float32, which holds each of their numbers exactly. All others are refused.

A file is written beside the old one and moved into its place when it is complete: whoever is
interrupted still has the old one. ``weights`` says what a network writes.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

METADATA = "__metadata__"  # what both formats call it
UNPACKED = 2**26  # bytes; what unpacks to more, and to a hundred times its own size, is a trap


class Contents(NamedTuple):
    """What a file holds."""

    arrays: dict[str, np.ndarray]
    metadata: dict[str, str]


def write(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> None:
    """Write arrays into a file, in the format that its suffix tells.

    **Errors.** ValueError for another suffix, or an array that has the metadata's name; ImportError
    for ``.safetensors`` without the extra; OSError when the file cannot be written.
    """
    pack, _ = _format(path)
    if METADATA in arrays:
        raise ValueError(f"{METADATA!r} is the name of an array. Call it something else.")
    replace(
        path, pack(Contents({n: np.asarray(a, order="C") for n, a in arrays.items()}, {**metadata}))
    )


def read(path: Path) -> Contents:
    """What a file holds.

    **Errors.** ValueError for a file that is damaged, of another kind, or holds what is no array of
    real numbers; OSError when it cannot be read.
    """
    _, unpack = _format(path)
    content = path.read_bytes()
    try:
        return unpack(content)
    except ImportError:
        raise
    except Exception as error:  # whatever it is that wrong bytes provoke
        raise ValueError(
            f"{path} is damaged, or no {path.suffix} file of plain arrays: {error}. Take the file "
            "from where it came from once more; nothing of it has been loaded."
        ) from error


def replace(path: Path, content: bytes) -> None:
    """Put a file in the place of another: all of it, or, should anything fail, nothing."""
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):  # the move is safe when the folder is written, too
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# -- npz ----------------------------------------------------------------------------------------


def _pack_npz(contents: Contents) -> bytes:
    arrays, metadata = contents
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in {**arrays, METADATA: np.array(json.dumps(metadata))}.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy")  # always of 1980: same numbers, same file
            info.external_attr = 0o644 << 16
            archive.writestr(info, entry.getbuffer())
    return stream.getvalue()


def _unpack_npz(content: bytes) -> Contents:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        total = sum(info.file_size for info in archive.infolist())
        if total > max(UNPACKED, 100 * len(content)):
            raise ValueError(f"its {len(content):,} bytes unpack to {total:,}, as no weights do")
        found = {info.filename: archive.read(info) for info in archive.infolist()}
    strange = [name for name in found if not name.endswith(".npy")]
    if strange:
        raise ValueError(f"it holds {strange[0]!r}, which is no array")
    arrays = {name.removesuffix(".npy"): entry for name, entry in found.items()}
    text = str(_npy(METADATA, arrays.pop(METADATA), "U")) if METADATA in arrays else "{}"
    return Contents({name: _npy(name, entry) for name, entry in arrays.items()}, _texts(text))


def _npy(name: str, entry: bytes, kinds: str = "fiub") -> np.ndarray:
    """An entry as an array: its header says what the bytes behind it mean."""
    stream = io.BytesIO(entry)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, transposed, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, transposed, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise ValueError(f"{name} is in version {version} of the format, not (1, 0) or (2, 0)")
    if dtype.kind not in kinds or (dtype.kind == "f" and dtype.itemsize > 8):
        objects = ", which only a pickle can hold, and none is loaded" if dtype.hasobject else ""
        raise ValueError(f"{name} is an array of {dtype}{objects}")
    data = stream.read()
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{name} has {len(data)} bytes, too many or too few for {shape} {dtype}")
    array = np.ndarray(shape, dtype, data, order="F" if transposed else "C")
    return _widened(array.astype(dtype.newbyteorder("="), order="C"))


# -- safetensors --------------------------------------------------------------------------------

TYPES = {f"{kind}{8 * size}": f"<{kind.lower()}{size}" for kind in "IU" for size in (1, 2, 4, 8)}
TYPES |= {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?"}


def _pack_safetensors(contents: Contents) -> bytes:
    save: Callable[..., bytes] = _safetensors("safetensors.numpy").save
    return save(contents.arrays, contents.metadata)


def _unpack_safetensors(content: bytes) -> Contents:
    arrays = {}
    for name, entry in _safetensors("safetensors").deserialize(content):
        if entry["dtype"] not in TYPES:
            raise ValueError(f"{name} is an array of {entry['dtype']}")
        array = np.ndarray(entry["shape"], TYPES[entry["dtype"]], bytes(entry["data"]))
        if entry["dtype"] == "BF16":  # the first half of a float32
            array = (array.astype(np.uint32) << 16).view(np.float32)
        arrays[name] = _widened(array.astype(array.dtype.newbyteorder("=")))
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    return Contents(arrays, _texts(json.dumps(header.get(METADATA, {}))))


def _safetensors(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            "A .safetensors file needs the package safetensors. Install it with "
            'pip install "micrograd-nn[safetensors]>=1,<2", or use the suffix .npz.'
        ) from error


# -- both ---------------------------------------------------------------------------------------

FORMATS: dict[str, tuple[Callable[[Contents], bytes], Callable[[bytes], Contents]]] = {
    ".npz": (_pack_npz, _unpack_npz),
    ".safetensors": (_pack_safetensors, _unpack_safetensors),
}


def _format(path: Path) -> tuple[Callable[[Contents], bytes], Callable[[bytes], Contents]]:
    if path.suffix not in FORMATS:
        pickled = path.suffix in (".pt", ".pth", ".bin", ".ckpt", ".pkl")
        raise ValueError(
            f"{path} has the suffix {path.suffix!r}. Use .npz or .safetensors."
            + " Files of that kind hold pickles, which may run code, and are never loaded; in "
            "PyTorch, safetensors.torch.save_file writes a state_dict without one." * pickled
        )
    return FORMATS[path.suffix]


def _widened(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _texts(text: str) -> dict[str, str]:
    metadata = json.loads(text)
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError("its metadata are not texts by name")
    return metadata
