"""Lay handwritten digits out on a map: a variational autoencoder.

An encoder squeezes a scan of 64 pixels into two numbers, a place on a map; a decoder draws the scan
again from the place alone. To get a scan back, the two must put scans that look alike side by side.
What makes it *variational* is noise: the encoder names a region, a place is drawn from it, and the
narrower the region, the more it costs. So nearby places must mean much the same, and between two
digits of the map there are digits that nobody wrote.

What is learned is a lower bound of log p(scan), the ELBO, in nats. It has two parts: how well the
decoder foretells the scan from the place, less what it costs to name the place:

    log p(scan) ≥ E[log p(scan | place)] − KL(region ‖ N(0, 1))

    hatch run autoencoder           (or: hatch run python examples/autoencoder.py)
    hatch run autoencoder --short   a few seconds; the bound is lower

Measured on two shared cores, with one thread: the ELBO of 450 new scans is −91.1 nats a scan, made
of −85.8 for the scan and −5.2 for the place (−91.3 and −91.1 with seeds 1 and 2). Without a map,
each pixel foretold by itself, log p is −107.6. For 87 % of the new scans, most of the ten nearest
on the map are the same digit (91 and 92 %), though nobody told the network what a digit is. That
takes 40 seconds of one core. The short form, 24 epochs in 3 seconds, gets −103.0 (−103.2 and
−102.7), and 61 %.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from sklearn.datasets import load_digits

from micrograd.engine import no_grad, op
from micrograd.nn import MLP, AdamW, Dropout, Module, fit, train_test_split
from micrograd.nn.optim.schedules import CosineAnnealingLR

HIDDEN = [128, 128]
EPOCHS, SHORT = 900, 24
BATCH = 64
RATE = 2e-3
DOTS = 16  # a pixel counts the inked dots in a square of 4 by 4


# -- the model ----------------------------------------------------------------------------------


@op(constant="like")
def noise(like: Any, *, rng: np.random.Generator) -> Any:
    """N(0, 1), in the shape of an array.

    An op with the generator as a setting, and so compiled programs draw anew at each call, too.
    """
    return rng.standard_normal(like.shape)


class Autoencoder(Module):
    """From scans to regions of the map, to places in them, and to what the decoder foretells."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.encoder = MLP(64, [*HIDDEN, 4], activation="silu", rng=rng)
        self.decoder = MLP(2, [*HIDDEN, 128], activation="silu", rng=rng)
        self.dropout = Dropout(0.2, rng=rng)  # a digit is the same digit with some pixels missing
        self.rng = rng

    def encode(self, scans: Any) -> tuple[Any, Any]:
        """The middle of each scan's region, and log σ² of it, both in shape (n, 2)."""
        found = self.encoder(self.dropout(scans / (DOTS / 2) - 1))
        return found[:, :2], found[:, 2:]

    def decode(self, places: Any) -> tuple[Any, Any]:
        """What to expect of each pixel: see ``log_likelihood``."""
        found = np.exp(self.decoder(places))
        return found[:, :64], found[:, 64:]

    def forward(self, scans: Any) -> tuple[Any, ...]:
        """All that the bound is made of.

        The place is the middle plus σ times noise: the noise needs no gradient, and the gradient
        reaches middle and σ past it (the "reparameterisation trick").
        """
        middle, log_variance = self.encode(scans)
        places = middle + np.exp(log_variance / 2) * noise(middle, rng=self.rng)
        return *self.decode(places), middle, log_variance


def log_likelihood(ink: Any, paper: Any, scans: Any) -> Any:
    """log p(scan | place) of each scan: Pólya's urn, for each pixel.

    An urn holds ``ink`` black balls and ``paper`` white ones (and fractions of balls). For each of
    the 16 dots under a pixel, draw a ball, and put it back with one more of its colour: so black
    dots come together, as in strokes of a pen. For k black dots,

        p(k) = (16 over k) Π_{i<k} (ink + i) Π_{i<16−k} (paper + i) / Π_{i<16} (ink + paper + i)
    """
    i = np.arange(DOTS)
    ink, paper, k = (np.expand_dims(one, -1) for one in (ink, paper, scans))
    black = (i < k) * np.log((ink + i) * ((DOTS - i) / (i + 1.0)))
    white = (i < DOTS - k) * np.log(paper + i)
    return (black + white - np.log(ink + paper + i)).sum(axis=(1, 2))


def divergence(middle: Any, log_variance: Any) -> Any:
    """KL(N(middle, σ²) ‖ N(0, 1)) of each scan: what it costs to name its region."""
    return (0.5 * (middle**2 + np.exp(log_variance) - log_variance - 1)).sum(axis=1)


def loss(prediction: tuple[Any, ...], scans: Any) -> Any:
    """What ``fit`` makes small: −ELBO."""
    ink, paper, middle, log_variance = prediction
    return (divergence(middle, log_variance) - log_likelihood(ink, paper, scans)).mean()


def train(scans: np.ndarray, epochs: int, seed: int, compile: bool) -> Autoencoder:
    """A model that has seen the scans ``epochs`` times."""
    rng = np.random.default_rng(seed)
    model = Autoencoder(rng)
    optimizer = AdamW(model.parameters(), lr=RATE, weight_decay=0.1)

    def tell(run: Any) -> None:
        if run.epoch % (epochs // 6) == 0:
            print(
                f"epoch {run.epoch:3}: ELBO of the scans trained on {-run.history['loss'][-1]:.1f}"
            )

    fit(
        model,
        scans,
        scans,
        loss,
        optimizer,
        epochs,
        batch_size=BATCH,
        rng=rng,
        schedule=CosineAnnealingLR(optimizer, T_max=epochs),
        callbacks=tell,
        compile=compile,
        progress=False,
    )
    return model


# -- what it has learned --------------------------------------------------------------------------


class Outcome(NamedTuple):
    """Of new scans, in nats a scan: the bound and its parts; and two numbers to hold it against."""

    elbo: float
    likelihood: float
    divergence: float
    alone: float  # log p, if each pixel is foretold by itself, from how often it had which count
    alike: float  # share of new scans whose nearest ten on the map are mostly of their digit
    seconds: float


def bound(model: Autoencoder, scans: np.ndarray, draws: int = 50) -> tuple[float, float]:
    """Likelihood and divergence, in the mean over the scans and over draws of the noise."""
    with no_grad():
        found = [model(scans) for _ in range(draws)]
        likelihood = np.mean([log_likelihood(*one[:2], scans).data for one in found])
        return float(likelihood), divergence(*found[0][2:]).data.mean().item()


def pixels_alone(seen: np.ndarray, new: np.ndarray) -> float:
    """log p of new scans, if a pixel's count is as likely as it was frequent in scans seen."""
    counts = np.array([np.bincount(one, minlength=DOTS + 1) for one in seen.T.astype(int)]) + 0.1
    shares = counts / counts.sum(axis=1, keepdims=True)
    return float(np.log(shares[np.arange(64), new.astype(int)]).sum(axis=1).mean())


def places_of(model: Autoencoder, scans: np.ndarray) -> np.ndarray:
    """The middle of each scan's region."""
    with no_grad():
        return model.encode(scans)[0].data


def alike(seen: np.ndarray, digits: np.ndarray, new: np.ndarray, truth: np.ndarray) -> float:
    """How often most of the ten nearest places belong to the same digit."""
    distance = ((new[:, None] - seen) ** 2).sum(axis=2)
    nearest = digits[distance.argsort(axis=1)[:, :10]]
    votes = np.array([np.bincount(one, minlength=10).argmax() for one in nearest])
    return float((votes == truth).mean())


# -- the picture ----------------------------------------------------------------------------------


def drawn(model: Autoencoder, places: np.ndarray) -> np.ndarray:
    """The scan that the decoder expects at each place, in shape (n, 8, 8)."""
    with no_grad():
        ink, paper = model.decode(places)
        return (DOTS * ink / (ink + paper)).data.reshape(-1, 8, 8)


def framed(images: np.ndarray) -> np.ndarray:
    """A white line around each image."""
    return np.pad(images, ((0, 0), (1, 1), (1, 1)))


def draw(
    model: Autoencoder, scans: np.ndarray, digits: np.ndarray, outcome: Outcome, path: Path
) -> None:
    """The map with new scans on it, what the decoder draws all over it, and scans drawn again."""
    places, reach, side = places_of(model, scans), 3.0, 15
    figure = Figure(figsize=(13, 8.2), layout="constrained")
    grid = figure.subplot_mosaic([["map", "decoded"], ["again", "again"]], height_ratios=[5, 1.1])
    axes = grid["map"]
    colors = colormaps["tab10"].colors
    for digit in range(10):
        own = places[digits == digit]
        axes.scatter(*own.T, s=22, color=colors[digit], alpha=0.75, linewidths=0)
        axes.text(
            *np.median(own, axis=0),
            str(digit),
            fontsize=17,
            fontweight="bold",
            ha="center",
            va="center",
            color=colors[digit],
            bbox={"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": colors[digit]},
        )
    axes.set_title(f"Where {len(scans)} new scans lie on the map")
    axes.grid(alpha=0.25)

    axes = grid["decoded"]
    steps = np.linspace(-reach, reach, side)
    across, up = np.meshgrid(steps, steps[::-1])
    sheet = framed(drawn(model, np.stack([across.ravel(), up.ravel()], axis=1)))
    sheet = sheet.reshape(side, side, 10, 10).swapaxes(1, 2).reshape(side * 10, side * 10)
    edge = reach + reach / (side - 1)
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=DOTS, extent=(-edge, edge, -edge, edge))
    axes.set_title("What the decoder draws at the same places")
    for axes in (grid["map"], grid["decoded"]):
        axes.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal")

    axes = grid["again"]
    chosen = np.concatenate([np.flatnonzero(digits == digit)[:2] for digit in range(10)])
    rows = scans[chosen].reshape(-1, 8, 8), drawn(model, places[chosen])
    strip = np.concatenate([np.concatenate(list(framed(row)), axis=1) for row in rows])
    axes.imshow(strip, cmap="gray_r", vmin=0, vmax=DOTS)
    axes.set(xticks=[], yticks=[4.5, 14.5], yticklabels=["new scan", "drawn from\ntwo numbers"])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    told = (
        f"ELBO of new scans: {outcome.elbo:.1f} nats = {outcome.likelihood:.1f} (scan, if its "
        f"place is known) - {outcome.divergence:.1f} (place)"
    )
    figure.suptitle(told.replace("-", "−"), fontsize=14)
    figure.savefig(path, dpi=150)


# -- the program ----------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> Outcome:
    """Train, tell, draw."""
    parser = argparse.ArgumentParser(description="Lay handwritten digits out on a map.")
    parser.add_argument("--short", action="store_true", help=f"{SHORT} epochs, not {EPOCHS}")
    parser.add_argument(
        "--compile",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run each batch as one NumPy program (the default), or op by op",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, default=Path("autoencoder-out"), help="folder for the picture"
    )
    options = parser.parse_args(argv)
    began = time.perf_counter()

    data = load_digits()
    seen, new, digits, truth = train_test_split(
        data.data, data.target, stratify=data.target, rng=np.random.default_rng(0)
    )
    epochs = SHORT if options.short else EPOCHS
    model = train(seen, epochs, options.seed, options.compile)
    likelihood, cost = bound(model, new)
    outcome = Outcome(
        likelihood - cost,
        likelihood,
        cost,
        pixels_alone(seen, new),
        alike(places_of(model, seen), digits, places_of(model, new), truth),
        time.perf_counter() - began,
    )
    print(
        f"of {len(new)} new scans, in nats a scan:\n"
        f"  ELBO {outcome.elbo:.1f} = {likelihood:.1f} (scan, if its place is known) "
        f"- {cost:.1f} (place)\n"
        f"  {outcome.alone:.1f} without a map, each pixel foretold by itself\n"
        f"the nearest on the map are mostly of the same digit for {outcome.alike:.1%} "
        f"({outcome.seconds:.0f} s)"
    )
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "autoencoder.png"
    draw(model, new, truth, outcome, path)
    print(f"picture: {path.resolve()}")
    return outcome


if __name__ == "__main__":
    main()
