"""How does a network leave for another runtime, as an ONNX file?

``export`` is the way in. ``recording`` runs the model and sees what depends on the batch, and
``walking`` which ops were called; ``writer`` builds the file; ``table`` says what stands for each
op, and the translations themselves are in one short file a family: ``elementwise``, ``reducing``,
``shaping``, ``indexing``, ``products`` and ``layers``.
"""

from . import elementwise, indexing, layers, products, reducing, shaping
from .export import export_onnx
from .table import CannotExport

__all__ = ["CannotExport", "export_onnx"]

FAMILIES = (elementwise, reducing, shaping, indexing, products, layers)
"""The files whose translations the table holds, by being imported."""
