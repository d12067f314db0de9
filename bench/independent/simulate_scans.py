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
import xraydb
from scipy.special import erf

WAVELENGTH = 1.2398
ENERGY = 12398.42 / WAVELENGTH

P3M1 = [
    lambda x, y, z: (x, y, z), lambda x, y, z: (-y, x - y, z), lambda x, y, z: (y - x, -x, z),
    lambda x, y, z: (y, x, -z), lambda x, y, z: (x - y, -y, -z), lambda x, y, z: (-x, y - x, -z),
]


def orbit(site):
    seen = []
    for op in P3M1:
        for sign in (1, -1):
            p = np.mod(np.array(op(*site)) * sign, 1.0)
            if not any(np.allclose(np.mod(p - q + 0.5, 1.0), 0.5, atol=1e-4) for q in seen):
                seen.append(p)
    return np.array(seen)


def lyc_atoms(x, site):
    li_h, li_g, in_h, in_g, y_frac, in_y, y_h, li_y = 0.87538, 0.62462, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0
    if site == "6h":
        in_h, li_h = x / 2, li_h - 1.5 * x
    elif site == "6g":
        in_g, li_g = x / 2, li_g - min(1.5 * x, li_g)
        li_h -= max(0, 1.5 * x - 0.62462)
    elif site == "y":
        y_frac, in_y = 1 - x, x
    elif site == "y-migration":
        y_h, y_frac, li_h, li_y = x / 2, 1 - x, li_h - x / 2, x  # that part of the yttrium changes places with lithium
    atoms = [("Li1+", (0.332, 0, 0.5), li_h), ("Li1+", (0.326, 0, 0), li_g), ("In3+", (0.332, 0, 0.5), in_h),
             ("In3+", (0.326, 0, 0), in_g), ("Y", (0.332, 0, 0.5), y_h)]
    for pos, occ in (((0, 0, 0), 1.0), ((1 / 3, 2 / 3, 0.487), 0.56592), ((1 / 3, 2 / 3, 0), 0.43408)):
        atoms += [("Y", pos, occ * y_frac), ("In3+", pos, occ * in_y), ("Li1+", pos, occ * li_y)]
    for a, c in ((0.1133, 0.7827), (0.2136, 0.2561), (0.4367, 0.7461)):
        atoms.append(("Cl1-", (a, -a, c), 1.0))
    return [(ion, orbit(pos), occ) for ion, pos, occ in atoms if occ > 0]


FCC = np.array([[0, 0, 0], [0, .5, .5], [.5, 0, .5], [.5, .5, 0]])
DIAMOND = np.vstack([FCC, FCC + 0.25])
PHASES = {
    "In": ((3.2523, 3.2523, 4.9461, 90), [("In", np.array([[0, 0, 0], [.5, .5, .5]]), 1.0)]),
    "LiIn": ((6.786, 6.786, 6.786, 90), [("In", DIAMOND, 1.0), ("Li", DIAMOND + 0.5, 1.0)]),
}
B = {"Li": 2.5, "Cl": 1.6, "Y": 1.0, "In": 1.1}


def form_factor(ion, s):
    element = ion.rstrip("+-0123456789")
    f1 = float(xraydb.f1_chantler(element, ENERGY))
    f2 = float(xraydb.f2_chantler(element, ENERGY))
    return (xraydb.f0(ion, s)[0] + f1 + 1j * f2) * np.exp(-B[element] * s * s)


def reflections(cell, atoms, limit):
    a, b, c, gamma = cell
    g = np.radians(gamma)
    metric = np.array([[a * a, a * b * np.cos(g), 0], [a * b * np.cos(g), b * b, 0], [0, 0, c * c]])
    inverse = np.linalg.inv(metric)
    n = int(2 * max(a, b, c) * np.sin(np.radians(limit / 2)) / WAVELENGTH) + 2
    by_d = {}
    for h in range(-n, n + 1):
        for k in range(-n, n + 1):
            for l in range(-n, n + 1):
                hkl = np.array([h, k, l])
                q = hkl @ inverse @ hkl
                if q == 0 or np.sqrt(q) * WAVELENGTH / 2 >= np.sin(np.radians(limit / 2)):
                    continue
                by_d.setdefault(round(q, 7), []).append(hkl)
    lines = []
    for q, members in by_d.items():
        s = np.sqrt(q) / 2
        factors = {ion: form_factor(ion, s) for ion, _, _ in atoms}
        total = 0.0
        for hkl in members:
            F = sum(occ * factors[ion] * np.exp(2j * np.pi * (pos @ hkl)).sum() for ion, pos, occ in atoms)
            total += abs(F) ** 2
        lines.append((np.degrees(2 * np.arcsin(s * WAVELENGTH)), total))
    volume = np.sqrt(np.linalg.det(metric))
    return np.array(sorted(lines)), volume


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
    reference, volume = reflections((11.209337, 11.209337, 6.046941, 120), lyc_atoms(0, "none"), 46)
    layer, _ = reflections((11.209337, 11.209337, 6.046941, 120), lyc_atoms(x, site), 46)
    texture = np.exp(rng.normal(0, 0.06, len(reference)))
    metals = {name: reflections(cell, atoms, 46) for name, (cell, atoms) in PHASES.items()}
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
