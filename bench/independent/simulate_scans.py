#!/usr/bin/env python3
"""Line scans from a simulator that shares no code, tables or habits with Interphase.

Structure factors are summed here atom by atom with XrayDB's form factors and dispersion; the peak shape, the background,
the texture and the noise differ on purpose from those of `interphase simulate`. Each scan is a folder with an
experiment.yaml, the patterns and truth.json.

    python3 simulate_scans.py OUT --scans 20 --seed 1
"""
import argparse
import json
import os

import numpy as np
from scipy.special import erf

from crystals import PHASES, WAVELENGTH, Scattering, lyc_atoms, lyc_cell, reflections

B = {"Li": 2.5, "Cl": 1.6, "Y": 1.0, "In": 1.1}
SCATTERING = Scattering(ionic=True, dispersion=True, b=B)


def pattern_from(lines, volume, grid, factors, width, eta):
    theta = np.radians(lines[:, 0] / 2)
    intensity = lines[:, 1] * factors / (np.sin(theta) ** 2 * np.cos(theta)) / volume ** 2
    out = np.zeros_like(grid)
    for position, value in zip(lines[:, 0], intensity):
        w = width * (1 + 0.02 * (position - 25))
        u = (grid - position) / w
        out += value * (eta * 2 / (np.pi * w) / (1 + 4 * u * u) + (1 - eta) * np.sqrt(4 * np.log(2) / np.pi) / w * np.exp(-4 * np.log(2) * u * u))
    return out


def step(position, edge, sigma, beam):
    """Fraction beyond an edge: erf of intrinsic width, averaged over the beam."""
    offsets = np.linspace(-beam / 2, beam / 2, 21)
    return np.mean([0.5 * (1 + erf((position + o - edge) / (np.sqrt(2) * max(sigma, 1e-3)))) for o in offsets], axis=0)


def simulate(folder, rng):
    os.makedirs(os.path.join(folder, "uxrd"), exist_ok=True)
    present = rng.random() > 0.2
    site = rng.choice(["6h", "6h", "6h", "6g", "y", "y-migration"]) if present else "none"
    x = 0.0 if not present else float(rng.uniform(0.08, 0.4) if site != "y-migration" else rng.uniform(0.05, 0.15))
    first = float(rng.uniform(14, 28))
    second = float(first + rng.uniform(8, 20)) if present else first
    counts = float(10 ** rng.uniform(2.7, 3.7))
    grain = float(rng.uniform(0.01, 0.05))
    blur = float(rng.uniform(0.2, 1.2))
    positions = np.arange(30) * 2.0
    grid = np.arange(11.0, 45.0, 0.015)
    width, eta, zero = float(rng.uniform(0.05, 0.1)), float(rng.uniform(0.2, 0.7)), float(rng.normal(0, 0.01))
    reference, volume = reflections(lyc_cell(), lyc_atoms(0, "none"), 46, SCATTERING)
    layer, _ = reflections(lyc_cell(), lyc_atoms(x, site), 46, SCATTERING)
    texture = np.exp(rng.normal(0, 0.06, len(reference)))
    metals = {name: reflections(cell, atoms, 46, SCATTERING) for name, (cell, atoms) in PHASES.items()}
    anode = 1 - step(positions, first, blur, 2.0)
    electrolyte = step(positions, second, blur, 2.0)
    middle = np.clip(1 - anode - electrolyte, 0, None) if present else np.zeros(30)
    norm = pattern_from(reference, volume, grid, texture, width, eta).max()
    for i in range(30):
        y = np.zeros_like(grid)
        scatter = lambda lines: np.exp(rng.normal(0, grain, len(lines)))
        y += electrolyte[i] * pattern_from(reference, volume, grid + zero, texture * scatter(reference), width, eta)
        y += middle[i] * pattern_from(layer, volume, grid + zero, texture * scatter(layer), width, eta)
        y /= norm
        for name, share in (("In", 0.6), ("LiIn", 0.4)):
            lines, cell_volume = metals[name]
            metal = pattern_from(lines, cell_volume, grid + zero, scatter(lines), width, eta)
            y += anode[i] * share * metal / metal.max() * 1.3
        y *= counts * rng.uniform(0.85, 1.15)
        background = counts * (0.05 + 0.06 * np.exp(-((grid - 17) / 6) ** 2) + 0.001 * (45 - grid))
        observed = rng.poisson(y + background).astype(float)
        np.savetxt(os.path.join(folder, "uxrd", f"scan_{i + 1:03d}.xye"), np.c_[grid, observed, np.sqrt(np.maximum(observed, 1))], fmt="%.4f %.1f %.3f")
    with open(os.path.join(folder, "experiment.yaml"), "w") as out:
        out.write(f"""sample: independent {os.path.basename(folder)}
diffraction:
  - name: scan
    files: uxrd/*.xye
    wavelength: {WAVELENGTH} angstrom
    positions: {{ start: 0 um, step: 2 um }}
    integration: mean-per-pixel
    beam: 2 um
    phases: [Li3YCl6, In, LiIn]
    dopant: {{ element: In, into: Li3YCl6 }}
""")
    truth = dict(present=present, site=site, x=x, first_um=first, second_um=second if present else None, counts=counts, grain=grain)
    with open(os.path.join(folder, "truth.json"), "w") as out:
        json.dump(truth, out, indent=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--scans", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    for number in range(args.scans):
        simulate(os.path.join(args.out, f"{number:03d}"), rng)
