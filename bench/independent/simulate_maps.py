#!/usr/bin/env python3
"""Element maps and energy stacks with known truth, from code that shares nothing with Interphase.

    python3 simulate_maps.py OUT --maps 10 --seed 1
"""
import argparse
import json
import os

import h5py
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import erf


def smooth_walk(rng, n, length, rms):
    """A wavy line: white noise smoothed with a Gaussian; unlike a sum of sines it has no period."""
    line = gaussian_filter(rng.normal(size=n + 8 * int(length)), length)[4 * int(length):][:n]
    return rms * (line - line.mean()) / line.std()


def normal_thickness(low, high, pixel):
    """Mean distance from one line to the other along the normal of the middle line (um)."""
    y = np.arange(len(low)) * pixel
    middle = (low + high) / 2
    slope = np.gradient(middle, pixel)
    out = []
    for i in range(len(y)):
        n = np.array([1.0, -slope[i]]) / np.hypot(1, slope[i])  # (x, y)
        t = np.linspace(0, 1.5 * (high[i] - low[i]), 400)
        up = middle[i] + n[0] * t - np.interp(y[i] + n[1] * t, y, high)
        down = middle[i] - n[0] * t - np.interp(y[i] - n[1] * t, y, low)
        cross_up = t[np.argmax(up > 0)] if (up > 0).any() else np.nan
        cross_down = t[np.argmax(down < 0)] if (down < 0).any() else np.nan
        out.append(cross_up + cross_down)
    inner = np.array(out[3:-3])
    return float(np.nanmean(inner))


def simulate_map(path, rng):
    pixel = 5.0
    along, across = int(rng.integers(50, 90)), int(rng.integers(70, 120))
    turned = bool(rng.random() < 0.5)
    present = bool(rng.random() > 0.15)
    thickness = float(rng.uniform(25, 70)) if present else 0.0
    start = float(rng.uniform(0.5, 0.6)) * across * pixel
    low = start + smooth_walk(rng, along, rng.uniform(5, 15), rng.uniform(3, 10))
    high = low + thickness + (smooth_walk(rng, along, rng.uniform(5, 12), rng.uniform(1, 4)) if present else 0)
    cathode = 0.15 * across * pixel + smooth_walk(rng, along, 8, 4)
    # cathode | electrolyte | AEI | anode from small to large x: the electrolyte ends at low, the AEI at high
    rate = float(10 ** rng.uniform(0.8, 2.5))
    level = {"cathode": dict(Y=.04, In=.04, Cl=.1), "electrolyte": dict(Y=1, In=.06, Cl=2.5), "aei": dict(Y=.85, In=.35, Cl=2.4), "anode": dict(Y=.03, In=1.4, Cl=.08)}
    fine = 4
    x = (np.arange(across * fine) + 0.5) / fine * pixel - pixel / 2
    images = {e: np.zeros((along, across)) for e in "Y In Cl".split()}
    for i in range(along):
        region = np.where(x < cathode[i], 0, np.where(x < low[i], 1, np.where(x < high[i], 2, 3)))
        for e in images:
            row = np.array([level[r][e] for r in ("cathode", "electrolyte", "aei", "anode")])[region]
            images[e][i] = row.reshape(across, fine).mean(axis=1)
    blur = 5.0 / 2.355 / pixel
    truth = dict(present=present, thickness_um=normal_thickness(low, high, pixel) if present else None, rate=rate, turned=turned,
                 aei_area_um2=float((high - low).mean() * along * pixel))
    with h5py.File(path, "w") as f:
        entry = f.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group("xrf")
        data.attrs.update(NX_class="NXdata", signal="Y", axes=["y", "x"], auxiliary_signals=["In", "Cl"])
        for e, image in images.items():
            counts = rng.poisson(rate * gaussian_filter(image, blur, mode="nearest")).astype("f4")
            counts = counts.T if turned else counts
            if rng.random() < 0.3:
                counts[rng.integers(counts.shape[0]), rng.integers(counts.shape[1])] = 60 * rate + 500
            data[e] = counts
            data[e].attrs["units"] = "counts"
        shape = counts.shape
        for name, n in (("y", shape[0]), ("x", shape[1])):
            data[name] = np.arange(n) * pixel
            data[name].attrs["units"] = "um"
    return truth


def xanes(energy, e0, white, metal):
    width = 2.2
    mu = 0.5 + np.arctan((energy - e0) / width) / np.pi
    mu += white * np.exp(-0.5 * ((energy - e0 - 4) / 3.2) ** 2)
    if metal:
        mu += 0.12 * np.exp(-0.5 * ((energy - e0 - 22) / 9) ** 2) - 0.2 * np.exp(-0.5 * ((energy - e0 - 2) / 2) ** 2)
    return mu + 0.05 * np.sin((energy - e0) / 9) * (energy > e0)


def write_xdi(path, energy, mu, rng):
    i0 = rng.poisson(3e6, len(energy))
    it = rng.poisson(3e6 * np.exp(-mu - 0.4))
    with open(path, "w") as f:
        f.write("# XDI/1.0 Independent/1.0\n# Column.1: energy eV\n# Column.2: i0\n# Column.3: itrans\n# Element.symbol: Y\n# Element.edge: K\n# Mono.d_spacing: 3.1356\n#----\n# energy i0 itrans\n")
        for row in zip(energy, i0, it):
            f.write("%.3f %d %d\n" % row)


def simulate_stack(folder, rng):
    energy = np.concatenate([np.arange(16900, 17020, 5), np.arange(17020, 17080, 0.5), np.arange(17080, 17300, 3)])
    write_xdi(os.path.join(folder, "Y-metal.xdi"), energy, xanes(energy, 17038.0, 0.0, True), rng)
    write_xdi(os.path.join(folder, "LYC.xdi"), energy, xanes(energy, 17046.5, 1.1, False), rng)
    points = np.array([17000, 17025, 17034, 17038, 17042, 17046, 17050, 17055, 17070, 17099.0])
    ny, nx = 100, 120
    amount = rng.uniform(60, 400)
    y, x = np.mgrid[0:ny, 0:nx]
    fraction = np.zeros((ny, nx))
    patch = bool(rng.random() < 0.6)
    cy, cx, radius = rng.integers(20, ny - 20), rng.integers(20, nx - 20), rng.uniform(4, 9)
    if patch:
        fraction[(y - cy) ** 2 + (x - cx) ** 2 < radius ** 2] = rng.uniform(0.15, 0.5)
    density = 1 + 0.3 * smooth_walk(rng, nx, 10, 1)[None, :] * 0.5 * (1 + erf((y - 10) / 5))
    density = np.clip(density, 0.2, None)
    metal, lyc = xanes(points, 17038.0, 0.0, True), xanes(points, 17046.5, 1.1, False)
    spectra = fraction[None] * metal[:, None, None] + (1 - fraction[None]) * lyc[:, None, None]
    counts = rng.poisson(amount * (0.15 + density[None] * spectra)).astype("f4")
    with h5py.File(os.path.join(folder, "stack.h5"), "w") as f:
        data = f.create_group("entry/stack")
        f["entry"].attrs["NX_class"] = "NXentry"
        data.attrs.update(NX_class="NXdata", signal="counts", axes=["energy", "y", "x"])
        data["counts"] = counts
        for name, values, unit in (("energy", points, "eV"), ("y", np.arange(ny) * 2.0, "um"), ("x", np.arange(nx) * 2.0, "um")):
            data[name] = values
            data[name].attrs["units"] = unit
    return dict(patch=patch, x_um=float(cx * 2), y_um=float(cy * 2), radius_um=float(radius * 2), fraction=float(fraction.max()), counts=float(amount))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--maps", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    for number in range(args.maps):
        folder = os.path.join(args.out, f"{number:03d}")
        os.makedirs(folder, exist_ok=True)
        truth = dict(map=simulate_map(os.path.join(folder, "xrf.h5"), rng), stack=simulate_stack(folder, rng))
        with open(os.path.join(folder, "experiment.yaml"), "w") as out:
            out.write(f"""sample: independent map {number}
spectra:
  - {{ file: Y-metal.xdi, edge: Y K, role: calibrant, e0: 17038 eV, feature: main-inflection, label: Y metal }}
  - {{ file: LYC.xdi, edge: Y K, role: reference, label: LYC }}
maps:
  - {{ name: xrf, file: xrf.h5, data: /entry/xrf, role: xrf, energy: 2900 eV, pixel: 5 um, elements: [Y, In, Cl] }}
  - {{ name: valence, file: stack.h5, data: /entry/stack, role: energy-stack, edge: Y K, pixel: 2 um, references: [Y metal, LYC] }}
""")
        with open(os.path.join(folder, "truth.json"), "w") as out:
            json.dump(truth, out, indent=1)
