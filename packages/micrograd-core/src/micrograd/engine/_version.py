"""The version of micrograd-core, written here and nowhere else."""

__version__ = "1.0.0"
