"""Is there something in a picture?"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import matplotlib.image
import numpy as np

SHAPES = ("path", "use", "image", "polygon", "ellipse")


def check_picture(path: Path, *, width: int = 400, height: int = 300) -> None:
    """A PNG of at least this size with many colours, or an SVG with many shapes.

    An empty page has one colour; empty axes have a few greys, between the ink and the page.
    """
    if path.suffix == ".svg":
        shapes = [e for e in ElementTree.parse(path).iter() if e.tag.endswith(SHAPES)]
        assert len(shapes) > 20, f"{path.name} has {len(shapes)} shapes"
        return
    pixels = matplotlib.image.imread(path)[..., :3]
    assert pixels.shape[0] >= height
    assert pixels.shape[1] >= width
    inked = (pixels < 0.9).any(axis=-1).mean()
    assert inked > 0.02, f"{path.name} is {inked:.1%} ink"
    colours = np.unique((pixels * 31).astype(int).reshape(-1, 3), axis=0)
    assert len(colours) > 60, f"{path.name} has {len(colours)} colours"
