"""How are a network's weights kept in a file?

    save(model, "model.npz")
    model.load_state_dict(load("model.npz"))

A file holds the numbers, by name, and says of itself what wrote it and how they lie; the network is
built by the program. ``storage`` says what is in the file, ``state`` what fits a network.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from micrograd.engine import __version__ as core_version

from . import storage
from ._version import __version__
from .module import Module
from .state import LAYOUTS


class Weights(dict[str, np.ndarray]):
    """Arrays by name, as ``load`` found them, with what the file says of itself.

    **Example.** ``load(path).metadata["architecture"]`` is the printed network that was saved.
    """

    def __init__(
        self, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str], path: Path
    ) -> None:
        super().__init__(arrays)
        self.metadata = dict(metadata)
        self.path = path

    @property
    def layout(self) -> str | None:
        """How the arrays lie, "micrograd" or "torch"; None when the file does not say."""
        layout = self.metadata.get("layout")
        return layout if layout in LAYOUTS else None

    @property
    def origin(self) -> str:
        """The file, and what was saved into it; for messages."""
        saved = self.metadata.get("class")
        return f"{self.path} (saved from {saved})" if saved else str(self.path)


def save(model: Module, path: str | os.PathLike[str], layout: str = "micrograd") -> None:
    """Write all parameters and buffers of ``model`` into a file, .npz or .safetensors by suffix.

    Numbers keep their dtype. ``layout="torch"`` writes them as PyTorch stores them, for a module of
    PyTorch that has the same names. The file is complete or not there: it is written beside the old
    one and then moved into its place.

    **Metadata.** ``class`` and ``architecture``, the printed network; ``layout``, and
    ``linear_weight``, what that means for a Linear; the versions ``micrograd-nn`` and
    ``micrograd-core``; and ``format``, "pt" for PyTorch's layout, by which others know it.

    **Errors.** TypeError for anything but a Module; ValueError for another suffix or layout;
    ImportError with the install line for .safetensors without its extra.

    **Example.**

    >>> import tempfile
    >>> from micrograd.nn import MLP
    >>> model, other = MLP(2, [3, 1]), MLP(2, [3, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/model.npz")
    ...     weights = load(f"{folder}/model.npz")
    >>> other.load_state_dict(weights)
    Differences(missing=[], unexpected=[])
    >>> bool(np.all(other(np.ones(2)).data == model(np.ones(2)).data))
    True
    >>> weights.metadata["class"], weights.layout
    ('MLP', 'micrograd')
    """
    if not isinstance(model, Module):
        raise TypeError(f"save got {type(model).__name__}. Pass a Module.")
    arrays = model.state_dict(layout)
    metadata = {
        "format": "pt" if layout == "torch" else "micrograd",
        "layout": layout,
        "linear_weight": "(outputs, inputs)" if layout == "torch" else "(inputs, outputs)",
        "class": type(model).__name__,
        "architecture": repr(model),
        "micrograd-nn": __version__,
        "micrograd-core": core_version,
    }
    storage.write(Path(path), arrays, metadata)


def load(path: str | os.PathLike[str]) -> Weights:
    """The arrays in a .npz or .safetensors file, for ``model.load_state_dict``.

    A file that ``save`` wrote says how its arrays lie. One of another origin does not:
    ``model.load_state_dict(load(path), layout="torch")`` takes the numbers of a network that was
    trained in PyTorch. float16 and bfloat16 become float32, exactly.

    No pickle is loaded, so a file from a stranger can be wrong but not dangerous.

    **Errors.** ValueError for another suffix, and for a file that is damaged or holds anything but
    arrays of real numbers; ImportError with the install line for .safetensors without its extra;
    OSError when the file cannot be read.
    """
    contents = storage.read(Path(path))
    return Weights(contents.arrays, contents.metadata, Path(path))
