#!/usr/bin/env python3
"""Y K energy stacks with patches of metal of known size and fraction, from code that shares nothing with Interphase.

Each energy has its own unrecorded drift of I0 (1 %), the monochromator is off by a little and scatters from point to
point, the film is of uneven thickness, and the noise is that of counting. Every fourth stack has no patch.

    python3 simulate_stacks.py OUT --stacks 16 --seed 1
"""
import argparse
import json
import os

import h5py
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import voigt_profile

PIXEL_UM = 2.0


def absorption(energy, edge, resonances, wiggle):
    """A Lorentzian-broadened step (core-hole width of Y K: 5 eV), resonances and one slow oscillation above it."""
    mu = 0.5 + np.arctan((energy - edge) / 2.5) / np.pi
    for offset, area, width in resonances:
        mu = mu + area * voigt_profile(energy - edge - offset, width, 2.5)
    above = np.clip((energy - edge) / 20, 0, 1)
    return mu + wiggle * above * np.sin(0.45 * np.sqrt(np.clip(energy - edge, 0, None) * 3)) * np.exp(-np.clip(energy - edge, 0, None) / 150)


def metal(energy):
    return absorption(energy, 17038.0, [(9, 1.2, 3), (28, 1.5, 6)], 0.04)


def trivalent(energy):
    return absorption(energy, 17043.5, [(4.5, 9.0, 2), (24, -1.0, 6)], 0.06)


def write_xdi(path, mu, rng):
    energy = np.concatenate([np.arange(16850, 17010, 5), np.arange(17010, 17080, 0.5), np.arange(17080, 17400, 4)])
    background = 0.6 - 3e-4 * (energy - 17000)
    i0 = rng.poisson(4e6, len(energy))
    it = rng.poisson(4e6 * np.exp(-background - 0.8 * mu(energy)))
    with open(path, "w") as f:
        f.write("# XDI/1.0 Stacks/1.0\n# Element.symbol: Y\n# Element.edge: K\n# Mono.d_spacing: 3.1356\n"
                "# Column.1: energy eV\n# Column.2: i0\n# Column.3: itrans\n#----\n# energy i0 itrans\n")
        f.writelines("%.2f %d %d\n" % row for row in zip(energy, i0, it))


def patches_of(rng, ny, nx, number):
    """Blobs of the nearest pixels to a centre, apart from one another and from the edges."""
    y, x = np.mgrid[0:ny, 0:nx]
    fraction, out, centres = np.zeros((ny, nx)), [], []
    while len(out) < number:
        cy, cx = rng.uniform(15, ny - 15), rng.uniform(15, nx - 15)
        if any(np.hypot(cy - b, cx - a) < 35 for b, a in centres):
            continue
        centres.append((cy, cx))
        pixels = int(round(np.exp(rng.uniform(0, np.log(20)))))
        level = float(np.exp(rng.uniform(np.log(0.01), np.log(0.5))))
        members = np.argsort(np.hypot(y - cy, x - cx).ravel())[:pixels]
        fraction.ravel()[members] = level
        rows, columns = np.unravel_index(members, (ny, nx))
        out.append(dict(x_um=float(columns.mean() * PIXEL_UM), y_um=float(rows.mean() * PIXEL_UM), pixels=pixels, fraction=level))
    return fraction, out


def simulate(folder, rng, number):
    write_xdi(os.path.join(folder, "metal.xdi"), metal, rng)
    write_xdi(os.path.join(folder, "trivalent.xdi"), trivalent, rng)
    ny, nx = 100, 200
    points = np.array([17000, 17022, 17033, 17038, 17043, 17047, 17051, 17058, 17074, 17100.0])
    counts = float(10 ** rng.uniform(1.7, 4.3))
    drift = 1 + 0.01 * rng.normal(size=len(points))
    shift = float(rng.normal(0, 0.1))
    true_energy = points + shift + rng.normal(0, 0.03, len(points))
    fraction, patches = patches_of(rng, ny, nx, 0 if number % 4 == 3 else int(rng.integers(1, 4)))
    film = gaussian_filter(rng.normal(size=(ny, nx)), 8)
    grain = gaussian_filter(rng.normal(size=(ny, nx)), 1.2)
    amount = np.exp(rng.uniform(0.05, 0.3) * film / film.std() + 0.08 * grain / grain.std())
    scatter = rng.uniform(0.03, 0.25)
    signal = fraction * metal(true_energy)[:, None, None] + (1 - fraction) * trivalent(true_energy)[:, None, None]
    data = rng.poisson(counts * drift[:, None, None] * (scatter + amount * signal)).astype("f4")
    with h5py.File(os.path.join(folder, "stack.h5"), "w") as f:
        group = f.create_group("entry/stack")
        f["entry"].attrs["NX_class"] = "NXentry"
        group.attrs.update(NX_class="NXdata", signal="counts", axes=["energy", "y", "x"])
        group["counts"] = data
        for name, values, unit in (("energy", points, "eV"), ("y", np.arange(ny) * PIXEL_UM, "um"), ("x", np.arange(nx) * PIXEL_UM, "um")):
            group[name] = values
            group[name].attrs["units"] = unit
    np.save(os.path.join(folder, "fraction.npy"), fraction)
    return dict(counts=counts, shift_eV=shift, mean=float((fraction * amount).sum() / amount.sum()), patches=patches)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--stacks", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for number in range(args.stacks):
        rng = np.random.default_rng([args.seed, number])
        folder = os.path.join(args.out, f"{number:03d}")
        os.makedirs(folder, exist_ok=True)
        truth = simulate(folder, rng, number)
        with open(os.path.join(folder, "experiment.yaml"), "w") as out:
            out.write(f"""sample: independent stack {number}
spectra:
  - {{ file: metal.xdi, edge: Y K, role: calibrant, e0: 17038 eV, feature: main-inflection, label: Y metal }}
  - {{ file: trivalent.xdi, edge: Y K, role: reference, label: trivalent Y }}
maps:
  - {{ name: valence, file: stack.h5, data: /entry/stack, role: energy-stack, edge: Y K, pixel: 2 um, references: [Y metal, trivalent Y] }}
""")
        with open(os.path.join(folder, "truth.json"), "w") as out:
            json.dump(truth, out, indent=1)
