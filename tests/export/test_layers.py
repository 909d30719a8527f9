"""Does every layer leave as an ONNX file, and answer there as it does here?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layer_table import LAYERS

from micrograd import nn
from micrograd.nn.convolution import columns, weigh
from micrograd.nn.onnx import CannotExport

from .served import close, flat, run, served

ALONG = {"LSTM": 1, "LSTM, deep": 0, "GRU": 1, "GRU, deep": 0}
"""By layer: the axis of the samples, where the first one is that of the steps."""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name, row in LAYERS.items() if not row.named])
def test_every_layer(name: str, dtype: str, tmp_path: Path, rng: np.random.Generator) -> None:
    row = LAYERS[name]
    layer = row.make(np.dtype(dtype), rng).eval()
    axis = ALONG.get(name, 1 if name.startswith(("Multi", "Transformer")) else 0)
    served(layer, tmp_path / "layer.onnx", row.input(rng, np.dtype(dtype)), axis=axis)


def test_masks_are_inputs_and_a_row_without_any_place_gets_zeros(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    layer = nn.MultiHeadAttention(4, 2, batch_first=True, dtype=np.float32, rng=rng).eval()
    x = rng.normal(size=(3, 5, 4)).astype(np.float32)
    hidden = np.where(rng.random((3, 5)) < 0.4, -np.inf, 0.0).astype(np.float32)
    hidden[0] = -np.inf

    def masked(x: object, mask: object) -> object:
        return layer(x, key_padding_mask=mask)[0]

    served(masked, tmp_path / "masked.onnx", x, hidden)


def test_a_causal_transformer_block(tmp_path: Path, rng: np.random.Generator) -> None:
    block = nn.TransformerBlock(4, 2, batch_first=True, dtype=np.float32, rng=rng).eval()
    x = rng.normal(size=(3, 5, 4)).astype(np.float32)
    model = served(lambda x: block(x, is_causal=True), tmp_path / "block.onnx", x)
    kinds = [node.op_type for node in model.graph.node]
    assert kinds.count("Softmax") == 1
    assert kinds.count("LayerNormalization") == 2


def test_a_convolution_is_one_node_with_its_padding(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    layer = nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2, dtype=np.float32, rng=rng)
    x = rng.normal(size=(2, 2, 6, 7)).astype(np.float32)
    model = served(layer, tmp_path / "conv.onnx", x)
    assert [node.op_type for node in model.graph.node] == ["Conv", "Identity"]
    assert list(model.graph.node[0].input) == ["x", "weight", "bias"]


def test_the_columns_of_an_image_leave_without_a_convolution_too(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    x = rng.normal(size=(2, 3, 5, 6)).astype(np.float32)
    how = {"window": (2, 3), "stride": (2, 1), "dilation": (1, 2)}
    served(lambda x: columns(x, **how), tmp_path / "columns.onnx", x)
    weight, bias = rng.normal(size=(4, 5)).astype(np.float32), np.ones(4, np.float32)
    served(lambda x: weigh(weight, x, bias), tmp_path / "weigh.onnx", x[:, 0])


def test_an_lstm_along_its_first_axis_says_what_to_do(tmp_path: Path) -> None:
    layer, x = nn.LSTM(4, 3), np.random.default_rng(0).normal(size=(5, 2, 4))
    with pytest.raises(CannotExport, match=r"build the layer with batch_first=True"):
        nn.export_onnx(layer, tmp_path / "lstm.onnx", x)
    nn.export_onnx(layer, tmp_path / "lstm.onnx", x, batch_axis=None)
    close(run(tmp_path / "lstm.onnx", [x]), flat(layer(x)))
