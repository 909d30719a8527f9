"""Where the tables of the packages' own suites are: every op, and every layer."""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
import onnxruntime

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
sys.path += [str(PACKAGES / name / "tests") for name in ("micrograd-core", "micrograd-nn")]

onnxruntime.set_default_logger_severity(4)  # it tells on stderr what it also raises


def pytest_report_header() -> str:
    return f"onnx {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}"
