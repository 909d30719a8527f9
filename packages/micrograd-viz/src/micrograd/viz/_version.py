"""The version of micrograd-viz, written here and nowhere else."""

__version__ = "1.0.0"
