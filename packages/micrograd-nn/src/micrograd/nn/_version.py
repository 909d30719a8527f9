"""The version of micrograd-nn, written here and nowhere else."""

__version__ = "1.0.0"
