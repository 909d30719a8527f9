"""How does a run survive a crash?

Every so often, all that the rest of the run depends on is written to a file beside the old one,
brought to the disk, and moved into the old one's place in one step: there is a whole checkpoint at
every moment. A run that goes on from it ends bit for bit as if it had never been stopped. A
checkpoint is arrays and JSON; nothing in it can be run.
"""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import storage
from .._version import __version__
from .packing import pack, unpack

if TYPE_CHECKING:
    from .run import Run

FORMAT = 1
CONTENT = "micrograd-nn checkpoint"  # the name of the text beside the arrays
SUFFIXES = (".npz", ".safetensors")
ANEW = "pass resume=False to begin anew and write over it"


class Checkpoint:
    """Where ``fit`` writes checkpoints, and how often: at the end of every ``epochs``-th epoch,
    and, with ``steps``, after every ``steps``-th batch, too.

    ``fit(..., checkpoint="run.npz")`` means ``Checkpoint("run.npz")``.

    **Errors.** ValueError for numbers that are not positive, a name that ends with
    neither ``.npz`` nor ``.safetensors``, or a folder that is not there.
    """

    def __init__(
        self, path: str | os.PathLike[str], epochs: int = 1, steps: int | None = None
    ) -> None:
        self.path = Path(path)
        for name, number in (("epochs", epochs), ("steps", steps)):
            if number is not None and (not isinstance(number, int) or number < 1):
                raise ValueError(
                    f"Checkpoint: {name} is {number!r}. Give a whole number, at least 1."
                )
        self.epochs, self.steps = epochs, steps
        if self.path.suffix not in SUFFIXES:
            raise ValueError(
                f"Checkpoint: the suffix of {self.path.name!r} tells no format. Let the name end "
                f"with {' or '.join(SUFFIXES)}."
            )
        if not self.path.parent.is_dir():
            raise ValueError(
                f"Checkpoint: there is no folder {str(self.path.parent)!r} to write into. Make it "
                "first."
            )

    def is_due(self, steps: int) -> bool:
        """Whether to write after so many batches in all."""
        return self.steps is not None and steps % self.steps == 0

    def epoch_ended(self, run: Run) -> None:
        """Write, if it is time."""
        if (run.epoch - 1) % self.epochs == 0 or run.epoch > run.epochs:
            self.write(run)

    def packed(self, run: Run) -> tuple[dict[str, np.ndarray], str]:
        """The run's state as arrays and text; ``fit`` tries it out before the first step."""
        return pack(
            {
                "format": FORMAT,
                "version": __version__,
                "description": run.description(),
                "state": run.state_dict(),
            }
        )

    def write(self, run: Run) -> None:
        """Put the run's state into the file's place."""
        arrays, text = self.packed(run)
        storage.write(self.path, arrays, {CONTENT: text})

    def tidy(self) -> None:
        """Remove what a process that was killed while it wrote has left beside the file."""
        for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.*.tmp"):
            left.unlink(missing_ok=True)

    def read_into(self, run: Run) -> None:
        """Let a run go on from the file.

        **Errors.** ValueError for a file that is damaged, no checkpoint, or that of another run.
        """
        try:
            arrays, metadata = storage.read(self.path)
        except ValueError as error:
            raise ValueError(f"checkpoint: {error} Or {ANEW}.") from error
        content = unpack(arrays, metadata.get(CONTENT, "{}"))
        if content.get("format") != FORMAT:
            raise ValueError(
                f"checkpoint: {self.path} holds no checkpoint that this version of micrograd-nn "
                f"({__version__}) can read. Give another file, or {ANEW}."
            )
        try:
            self._compare(content["description"], run.description())
            run.load_state_dict(content["state"])
        except (AttributeError, KeyError, IndexError, TypeError) as error:
            raise ValueError(
                f"checkpoint: {self.path} is not what fit writes ({type(error).__name__}: {error})."
                f" Give another file, or {ANEW}."
            ) from error

    def _compare(self, saved: dict[str, Any], here: dict[str, Any]) -> None:
        for what, before in saved.items():
            now = here[what]
            if before == now:
                continue
            if isinstance(before, list) and set(before) != set(now):
                common = set(before) & set(now)
                before, now = ([one for one in x if one not in common] for x in (before, now))
                what = f"{what}, where they differ"
            then, found = (
                ", ".join(one) or "none" if isinstance(one, list) else one for one in (before, now)
            )
            raise ValueError(
                f"checkpoint: {self.path} was written by another run. Its {what}: {then}. "
                f"Here: {found}. Make the run as it was made then, or {ANEW}."
            )
