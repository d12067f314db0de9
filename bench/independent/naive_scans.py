#!/usr/bin/env python3
"""Line scans as another laboratory would simulate them in an afternoon: everything plain, each scan with its own habits.

    python3 naive_scans.py OUT --scans 20 --seed 1 [--none]
"""
import argparse
import json
import os

import h5py
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import erf

from crystals import PHASES, WAVELENGTH, Scattering, lyc_atoms, lyc_cell, reflections

LP = {
    "lab": lambda t: (1 + np.cos(2 * t) ** 2) / (np.sin(t) ** 2 * np.cos(t)),
    "mean-per-pixel": lambda t: 1 / (np.sin(t) ** 2 * np.cos(t)),
    "sum-over-ring": lambda t: 1 / np.sin(t),
}


def draw(lines, grid, fwhm, eta):
    """Peaks of one shape and one width."""
    out = np.zeros_like(grid)
    sigma = fwhm / np.sqrt(8 * np.log(2))
    for position, area in lines:
        if position < grid[0] - 1 or position > grid[-1] + 1:
            continue
        u = grid - position
        out += area * (1 - eta) * np.exp(-u * u / (2 * sigma * sigma)) / (sigma * np.sqrt(2 * np.pi))
        if eta > 0:
            out += area * eta * fwhm / (2 * np.pi) / (u * u + fwhm * fwhm / 4)
    return out


def beyond(position, edge, blur, box):
    if box == 0:
        return 0.5 * (1 + erf((position - edge) / (np.sqrt(2) * max(blur, 1e-6))))
    offsets = (np.arange(41) - 20) / 41 * box
    if blur == 0:
        return np.clip((position - edge) / box + 0.5, 0, 1)
    return np.mean([0.5 * (1 + erf((position + o - edge) / (np.sqrt(2) * blur))) for o in offsets], axis=0)


def choose(rng, none):
    pick = lambda *options: options[rng.integers(len(options))]
    kind = "none" if none else pick("6h", "6h", "6h", "6h", "6g", "both", "y", "y-migration", "none", "none")
    s = dict(site=kind, variant=pick("default", "default", "default", "ordered", "swapped", "asano", "obelix"))
    s["x"] = 0.0 if kind == "none" else float(rng.uniform(0.1, 0.3) if kind == "y-migration" else rng.uniform(0.05, 0.6 if kind == "y" else 0.55))
    s["ionic"], s["dispersion"] = pick((False, False), (False, False), (True, True), (True, False), (False, True))
    s["B"] = pick(0, 0, 1.0, "elements")
    s["integration"] = pick("lab", "mean-per-pixel", "sum-over-ring")
    s["fwhm"], s["eta"] = float(rng.uniform(0.1, 0.3)), pick(0, 0, 0.5, 0.3)
    s["step_deg"] = pick(0.01, 0.02, 0.02, 0.05)
    s["range"] = pick((11, 45), (11, 45), (20, 45), (24, 36))
    s["counts"] = float(np.exp(rng.uniform(np.log(200), np.log(10000))))
    s["background"] = pick("none", "flat", "flat", "slope", "hump")
    s["background_level"] = float(rng.uniform(0.02, 0.3))
    s["noise"] = pick("poisson", "poisson", "poisson", "gaussian")
    s["units"] = pick("counts", "counts", "counts", "rate", "percent")
    s["sigma"] = bool(rng.random() < 0.5) if s["units"] == "counts" and s["noise"] == "poisson" else True
    if rng.random() < 0.1:
        s["sigma"] = False
    s["blur"], s["box"] = pick((float(rng.uniform(0.3, 3)), 0), (float(rng.uniform(0.3, 1.5)), 2.0), (0, 2.0), (0, 0))
    s["shrink"] = pick(0, 0, float(rng.uniform(0, 0.02)))
    s["grain"] = pick(0, 0, float(rng.uniform(0.02, 0.1)))
    s["gain"] = pick(0, 0, 0.1)
    s["anode"] = pick(("In",), ("LiIn",), ("In", "LiIn"), ("In", "LiIn"), ("In", "LiIn"))
    s["anode_height"] = float(np.exp(rng.uniform(np.log(0.3), np.log(3))))
    s["points"], s["step_um"] = pick((30, 2.0), (30, 2.0), (30, 2.0), (60, 1.0), (12, 4.0), (120, 0.5), (40, 2.0))
    length = s["points"] * s["step_um"]
    s["first"] = float(rng.uniform(0.15, 0.45) * length)
    thick = pick(float(rng.uniform(3, 5)), 14.0, 14.0, float(rng.uniform(8, 24)), float(rng.uniform(8, 24)), 50.0)
    s["second"] = s["first"] if kind == "none" else s["first"] + thick
    s["geometry"] = pick("plain", "plain", "plain", "plain", "reversed", "irregular", "rows", "no-anode", "begins-in-layer", "nexus")
    s["bad"] = bool(rng.random() < 0.12)
    s["extra"] = pick(None, None, None, None, None, "LiCl", "YCl3", "InCl3") if kind != "none" else None
    s["extra_listed"] = bool(rng.random() < 0.5)
    s["extra_part"] = float(rng.uniform(0.05, 0.3))
    s["blend"] = pick("patterns", "patterns", "composition")
    s["lithium_out"] = pick(3.0, 3.0, 3.0, 1.0)
    s["texture"] = pick(0, 0, 0.08)
    s["texture_gradient"], s["zero_drift"], s["background_drift"], s["absorption"] = 0.0, 0.0, 0.0, 0.0
    if rng.random() < (0.5 if none else 0.1):
        s["texture_gradient"] = pick(0.0, float(rng.normal(0, 0.1)))
        s["zero_drift"] = pick(0.0, float(rng.normal(0, 0.03)))
        s["background_drift"] = pick(0.0, float(rng.uniform(-0.6, 1)))
        s["absorption"] = pick(0.0, float(rng.uniform(-0.5, 1)))
    return s


def positions_of(s, rng):
    p = np.arange(s["points"]) * s["step_um"]
    rows = np.zeros(len(p), int)
    if s["geometry"] == "irregular":
        p = np.round(p + rng.uniform(-0.35, 0.35, len(p)) * s["step_um"], 3)
    if s["geometry"] == "rows":
        p = np.concatenate([p, p])
        rows = np.repeat([0, 1], s["points"])
    if s["geometry"] == "no-anode":
        s["first"], s["second"] = -50.0, (-50.0 if s["site"] == "none" else float(rng.uniform(0.25, 0.6) * p.max()))
    if s["geometry"] == "begins-in-layer":
        thick = s["second"] - s["first"]
        s["first"] = 0.4 * s["step_um"]
        s["second"] = s["first"] + (thick if s["site"] != "none" else 0)
    return p, rows


def defined_x(s, scattering, lp):
    """x as the formula Li3-3xInxYCl6 defines it: that of three Li gone for each In which makes the lines of this layer.

    F is linear in the occupancies, so each candidate's lines are computed exactly; what little of another scattering
    length of In - n Li is not the same at all angles is settled by least squares on ln of the lines, each weighted by its strength.
    """
    if s["site"] not in ("6h", "6g", "both") or s["lithium_out"] == 3.0:
        return s["x"]
    low, high = s["range"]

    def lines(x, out):
        rows, _ = reflections(lyc_cell(s["variant"]), lyc_atoms(x, s["site"], s["variant"], out), high, scattering)
        rows = rows[rows[:, 0] > low]
        return rows[:, 1] * lp(np.radians(rows[:, 0] / 2))

    pristine, seen = lines(0.0, 3.0), lines(s["x"], s["lithium_out"])
    strong = pristine > 0.02 * pristine.max()
    weight = np.sqrt(pristine[strong])

    def distance(x):
        difference = np.log(lines(x, 3.0)[strong] / seen[strong])
        return np.average((difference - np.average(difference, weights=weight)) ** 2, weights=weight)

    return float(minimize_scalar(distance, bounds=(0.8 * s["x"], 1.4 * s["x"]), method="bounded", options={"xatol": 1e-5}).x)


def simulate(folder, rng, none=False, given=None):
    s = choose(rng, none)
    s.update(given or {})
    os.makedirs(os.path.join(folder, "uxrd"), exist_ok=True)
    position, rows = positions_of(s, rng)
    elements = {"Li": 2.0, "Cl": 1.5, "Y": 1.0, "In": 1.0}
    b = {e: s["B"] for e in elements} if s["B"] != "elements" else elements
    scattering = Scattering(s["ionic"], s["dispersion"], b if s["B"] else None)
    low, high = s["range"]
    grid = np.round(np.arange(low, high + 1e-9, s["step_deg"]), 5)
    lp = LP[s["integration"]]

    def lines_of(cell, atoms):
        lines, volume = reflections(cell, atoms, high + 2, scattering)
        lines[:, 1] *= lp(np.radians(lines[:, 0] / 2)) / volume ** 2
        return lines

    def electrolyte(x):
        """The same lines for every x, though the cell may shrink."""
        atoms = lyc_atoms(x, s["site"], s["variant"], s["lithium_out"], s.get("exchange", True))
        return lines_of(lyc_cell(s["variant"], 1 - s["shrink"] * x), atoms)[:count]

    count = None
    count = min(len(electrolyte(0.0)), len(electrolyte(s["x"])))
    pristine = electrolyte(0.0)
    texture = np.exp(rng.normal(0, s["texture"], len(pristine))) if s["texture"] else np.ones(len(pristine))
    slope = rng.normal(0, 1, len(pristine)) if s["texture_gradient"] else np.zeros(len(pristine))
    layer = electrolyte(s["x"])
    others = {name: lines_of(*PHASES[name]) for name in set(s["anode"]) | ({s["extra"]} if s["extra"] else set())}
    toppest = lambda lines: draw(lines, grid, s["fwhm"], s["eta"]).max()
    unit = 1 / toppest(np.c_[pristine[:, 0], pristine[:, 1] * texture])
    anode = 1 - beyond(position, s["first"], s["blur"], s["box"])
    beyond_layer = beyond(position, s["second"], s["blur"], s["box"]) if s["site"] != "none" else 1 - anode
    in_layer = np.clip(1 - anode - beyond_layer, 0, None)
    if s["geometry"] == "reversed":
        anode, beyond_layer, in_layer = anode[::-1], beyond_layer[::-1], in_layer[::-1]
        end = position.max()
        s["first"], s["second"] = end - s["first"], end - s["second"]
    patterns, sigmas = [], []
    for i in range(len(position)):
        along = i / max(1, len(position) - 1)
        spots = lambda lines: np.exp(rng.normal(0, s["grain"], len(lines))) if s["grain"] else np.ones(len(lines))
        shift = s["zero_drift"] * (along - 0.5)
        own = texture * np.exp(s["texture_gradient"] * slope * (along - 0.5))
        y = np.zeros_like(grid)

        def add(lines, weight):
            nonlocal y
            if weight > 1e-5:
                y += weight * draw(np.c_[lines[:, 0] + shift, lines[:, 1] * spots(lines)], grid, s["fwhm"], s["eta"])

        salt = in_layer[i] + beyond_layer[i]
        if s["blend"] == "composition" and salt > 1e-5:
            here = electrolyte(s["x"] * in_layer[i] / salt)
            add(np.c_[here[:, 0], here[:, 1] * own], salt * unit)
        else:
            add(np.c_[pristine[:, 0], pristine[:, 1] * own], beyond_layer[i] * unit)
            add(np.c_[layer[:, 0], layer[:, 1] * own], in_layer[i] * unit)
        for name in s["anode"]:
            add(others[name], anode[i] * s["anode_height"] / len(s["anode"]) / toppest(others[name]))
        if s["extra"]:
            add(others[s["extra"]], in_layer[i] * s["extra_part"] / toppest(others[s["extra"]]))
        y *= s["counts"] * np.exp(s["absorption"] * (along - 0.5)) * np.exp(rng.normal(0, s["gain"]))
        level = s["counts"] * s["background_level"] * (1 + s["background_drift"] * along)
        t = (grid - low) / (high - low)
        y += {"none": 0, "flat": level, "slope": level * (1.2 - 0.8 * t), "hump": level * (0.5 + np.exp(-((grid - 18) / 5) ** 2))}[s["background"]]
        if s["noise"] == "poisson":
            seen = rng.poisson(y).astype(float)
            sigma = np.sqrt(np.maximum(seen, 1))
        else:
            sigma = np.sqrt(np.maximum(y, 1))
            seen = y + rng.normal(0, 1, len(y)) * sigma
        patterns.append(seen)
        sigmas.append(sigma)
    patterns, sigmas = np.array(patterns), np.array(sigmas)
    if s["units"] == "rate":
        patterns, sigmas = patterns / 7.3, sigmas / 7.3
    if s["units"] == "percent":
        top = 100 / patterns.max(axis=1, keepdims=True)
        patterns, sigmas = patterns * top, sigmas * top
    bad = {}
    if s["bad"]:
        for i in rng.choice(len(position), 3, replace=False):
            bad[int(i)] = kind = ["dead", "spike", "nan", "dropped"][rng.integers(4)]
            if kind == "dead":
                patterns[i] = 0
            if kind == "spike":
                patterns[i, rng.integers(len(grid))] = 50 * patterns.max()
            if kind == "nan":
                at = rng.integers(len(grid) - 60)
                patterns[i, at:at + 50] = np.nan
            if kind == "dropped":
                patterns[i] *= 0.3
    write(folder, s, grid, position, rows, patterns, sigmas)
    s["bad_frames"] = bad
    s["x_defined"] = defined_x(s, scattering, lp)
    s["present"] = s["site"] != "none"
    inside = lambda edge: position.min() + s["step_um"] < edge < position.max() - s["step_um"]
    s["first_um"] = s["first"] if inside(s["first"]) and s["geometry"] != "no-anode" else None
    s["second_um"] = s["second"] if s["present"] and inside(s["second"]) else None
    with open(os.path.join(folder, "truth.json"), "w") as out:
        json.dump(s, out, indent=1)


def write(folder, s, grid, position, rows, patterns, sigmas):
    phases = ["Li3YCl6", *s["anode"]] + ([s["extra"]] if s["extra"] and s["extra_listed"] else [])
    where = f"{{ start: 0 um, step: {s['step_um']} um }}"
    files = "files: uxrd/*.xye" if s["sigma"] else "files: uxrd/*.xy"
    if s["geometry"] == "nexus":
        files = "file: scan.h5\n    data: /entry/uxrd"
        with h5py.File(os.path.join(folder, "scan.h5"), "w") as f:
            f.attrs["default"] = "entry"
            entry = f.create_group("entry")
            entry.attrs["NX_class"] = "NXentry"
            data = entry.create_group("uxrd")
            data.attrs["NX_class"], data.attrs["signal"], data.attrs["axes"] = "NXdata", "intensity", ["position", "two_theta"]
            data["intensity"] = patterns
            if s["sigma"]:
                data["intensity_errors"] = sigmas
            data["position"], data["two_theta"] = position, grid
            data["position"].attrs["units"], data["two_theta"].attrs["units"] = "um", "deg"
    else:
        for i, y in enumerate(patterns):
            name = f"scan_{i + 1:03d}.{'xye' if s['sigma'] else 'xy'}"
            columns = np.c_[grid, y, sigmas[i]] if s["sigma"] else np.c_[grid, y]
            np.savetxt(os.path.join(folder, "uxrd", name), columns, fmt="%.5f" if s["units"] != "counts" else "%.3f")
        if s["geometry"] in ("irregular", "rows"):
            where = "uxrd/positions.csv"
            with open(os.path.join(folder, where), "w") as out:
                out.write("file,position_um,row\n" if s["geometry"] == "rows" else "file,position_um\n")
                for i, p in enumerate(position):
                    row = f",{rows[i]}" if s["geometry"] == "rows" else ""
                    out.write(f"scan_{i + 1:03d}.{'xye' if s['sigma'] else 'xy'},{p:.3f}{row}\n")
    positions = "" if s["geometry"] == "nexus" else f"\n    positions: {where}"
    with open(os.path.join(folder, "experiment.yaml"), "w") as out:
        out.write(f"""sample: naive {os.path.basename(folder)}
diffraction:
  - name: scan
    {files}
    wavelength: {WAVELENGTH} angstrom{positions}
    integration: {s['integration']}
    beam: 2 um
    phases: [{', '.join(phases)}]
    dopant: {{ element: In, into: Li3YCl6 }}
""")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--scans", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--none", action="store_true", help="only scans without a layer, with drifts of everything else")
    parser.add_argument("--set", type=json.loads, default=None, help="a JSON object of settings to hold")
    args = parser.parse_args()
    for number in range(args.scans):
        simulate(os.path.join(args.out, f"{number:03d}"), np.random.default_rng([args.seed, number]), args.none, args.set)
