"""A watcher's table moves below its cell: one display, replaced at each sample.

hatch run notebooks:run
"""

from __future__ import annotations

import nbformat

from executed import run

TRAINING = """
import numpy as np
from micrograd.nn import MLP, SGD, mse
from micrograd.viz import watch
from micrograd.viz.watching import live

live.MOMENT = -1.0  # draw every sample
rng = np.random.default_rng(0)
model = MLP(3, [8, 8, 1], rng=rng)
optimizer, x = SGD(model.parameters(), lr=0.1), rng.normal(size=(20, 3))
with watch(model, every=2, live=True) as watcher:
    for _ in range(7):
        loss = mse(model(x), x[:, :1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        watcher.step()
"""


def test_a_watcher_shows_one_table_that_ends_with_the_last_sample() -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in (TRAINING, "watcher")]
    live, asked = run(nbformat.v4.new_notebook(cells=cells)).cells
    (output,) = live.outputs
    assert output.output_type == "display_data"
    html = output.data["text/html"]
    assert "MLP, step 7 (seen every 2 steps)" in html
    assert html.count("<svg") == 6
    (output,) = asked.outputs
    assert output.data["text/html"] == html
    assert output.data["text/plain"].startswith("MLP, step 7 (seen every 2 steps)")
