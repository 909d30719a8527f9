"""From data to a trained model: batches, and the part that is kept for the test."""

from .batches import Batches, batches
from .splitting import train_test_split

__all__ = ["Batches", "batches", "train_test_split"]
