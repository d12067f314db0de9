"""XANES spectra of known truth that share no code and no shapes with Interphase, as lines of JSON: simulate_spectra.py OUT.jsonl [--spectra N] [--seed S].

Two makings, in turn. `levels`: a density of states, i.e. a step and some levels, each spread by disorder, convolved with the
core hole (Lorentzian) and the monochromator (Gaussian), so exact Voigts and an exactly convolved step; three fresh compounds
for every sample. `measured`: smoothed measured spectra (chlorides of an Athena project; yttrium and indium edges) as the
edge, with Voigt peaks of known area before those of chlorine. Every spectrum has an axis that drifts (standard deviation
0.02 eV at Cl K, one part in 1e5 elsewhere), a scale and a background of its own, noise of a count rate, and one in four a glitch.
"""
import argparse
import gzip
import json
import os
import re

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d
from scipy.special import voigt_profile

DATA = os.path.join(os.path.dirname(__file__), "../../../shared/data/xas")
GAUSS = 2 * np.sqrt(2 * np.log(2))


def voigt(e, centre, gauss, lorentz):
    return voigt_profile(e - centre, gauss / GAUSS, lorentz / 2)


def voigt_width(gauss, lorentz):
    """Full width at half maximum, found on the profile itself."""
    x = np.linspace(0, 4 * (gauss + lorentz), 40001)
    y = voigt_profile(x, gauss / GAUSS, lorentz / 2)
    return 2 * np.interp(-y[0] / 2, -y, x)


def step(e, centre, gauss, lorentz):
    """A unit step convolved with a Voigt: the running integral of it, with the Lorentzian's part before the grid."""
    x = np.arange(-60, 60, 0.01)
    y = voigt_profile(x, gauss / GAUSS, lorentz / 2)
    s = np.cumsum(y) * 0.01
    s += lorentz / 2 / np.pi / 60
    return np.interp(e - centre, x, s, left=0, right=1)


def compound(rng, kind):
    """Levels (energy, area, disorder) and a step; `kind` says which pre-edge peak it has."""
    edge = rng.uniform(2825.7, 2826.7)
    levels = [(edge + rng.uniform(0.2, 1.0), rng.uniform(1.0, 2.6), rng.uniform(0.6, 1.4))]
    if rng.random() < 0.6:
        levels.append((edge + rng.uniform(2.5, 4.0), rng.uniform(0.5, 2.0), rng.uniform(1.5, 3)))
    if rng.random() < 0.5:
        levels.append((edge + rng.uniform(6, 10), rng.uniform(0.3, 1.2), rng.uniform(3, 6)))
    peaks = []
    if kind == "host" and rng.random() < 0.7:
        peaks.append(("a", rng.uniform(2823.0, 2823.5), rng.uniform(0.05, 0.16), rng.uniform(0.7, 1.4)))
    if kind == "b":
        peaks.append(("b", rng.uniform(2824.2, 2824.7), rng.uniform(0.5, 1.1), rng.uniform(0.2, 0.8)))
    wave = (rng.uniform(0.02, 0.08), rng.uniform(2.4, 3.2), rng.uniform(0, 6))
    return {"edge": edge, "spread": rng.uniform(0.5, 1.2), "levels": levels, "peaks": peaks, "wave": wave}


def curve_of(c, mono, hole=0.64):
    def at(e):
        y = step(e, c["edge"], np.hypot(mono, c["spread"]), hole)
        for centre, area, spread in c["levels"] + [p[1:] for p in c["peaks"]]:
            y = y + area * voigt(e, centre, np.hypot(mono, spread), hole)
        amplitude, distance, phase = c["wave"]
        k = np.sqrt(0.2625 * np.clip(e - c["edge"], 0.1, None))
        on = 1 / (1 + np.exp(-(e - c["edge"] - 18) / 3))
        return y + on * amplitude * 3 / (1 + k * k / 4) * np.sin(2 * k * distance + phase)

    return at


def project_groups(path):
    """Energy and mu of the groups of an Athena project."""
    text = gzip.open(path, "rt").read()
    found = {}
    for block in text.split("$old_group = ")[1:]:
        label = re.search(r"'label','([^']*)'", block)
        shift = re.search(r"'bkg_eshift','?(-?[\d.]+)", block)
        arrays = {m[1]: np.array(re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", m[2]), float) for m in re.finditer(r"@(x|y) = \((.*?)\);", block, re.S)}
        if label and "x" in arrays:
            found[label[1]] = (arrays["x"] + float(shift[1] if shift else 0), arrays["y"])
    return found


def smooth_edge(e, mu, e0, window, post):
    """A measured spectrum as a smooth function of unit step: a Gaussian of the finest detail that the edge can have, then a spline; straight pre- and post-edge."""
    keep = np.concatenate([[True], np.diff(e) > 1e-4])
    e, mu = e[keep], mu[keep]
    grid = np.arange(e[0], e[-1], window / 20)
    y = gaussian_filter1d(np.interp(grid, e, mu), 0.3 * window / (grid[1] - grid[0]), mode="nearest")
    before = grid < e0 - 3 * window - 3
    pre = np.polyfit(grid[before] - e0, y[before], 1)
    after = grid > e0 + post
    behind = np.polyfit(grid[after] - e0, y[after] - np.polyval(pre, grid[after] - e0), 1)
    norm = (y - np.polyval(pre, grid - e0)) / behind[1]
    # Level far from the edge, so that any sane choice of ranges gives the same step.
    norm = np.where(grid > e0, norm - behind[0] / behind[1] * (grid - e0), norm)
    norm = norm * (1 / (1 + np.exp(-(grid - e0 + 3 * window + 2) / 0.5)))
    spline = CubicSpline(grid, norm)
    return lambda x: np.where(x < grid[0], 0.0, np.where(x > grid[-1], 1.0, spline(np.clip(x, grid[0], grid[-1]))))


def grid_of(rng, edge, fine, span):
    parts = [
        np.arange(edge - span[0], edge - 12 * fine * 10, 8 * fine * rng.uniform(0.8, 1.3)),
        np.arange(edge - 12 * fine * 10, edge - 6 * fine * 10, 2 * fine),
        np.arange(edge - 6 * fine * 10, edge + 8 * fine * 10, fine * rng.uniform(0.7, 1.5)),
        np.arange(edge + 8 * fine * 10, edge + 25 * fine * 10, 3 * fine),
        np.arange(edge + 25 * fine * 10, edge + span[1], 8 * fine * rng.uniform(0.7, 1.3)),
    ]
    e = np.concatenate(parts)
    return e[np.concatenate([[True], np.diff(e) > 0.3 * fine])]


def measure(rng, at, e, drift, noise, glitch):
    """mu of one scan: the axis reads e where the beam has e + drift."""
    y = at(e + rng.normal(0, drift))
    scale, offset, slope = rng.uniform(0.3, 3), rng.uniform(0.05, 0.5), rng.normal(0, 3e-4)
    y = y + offset + slope * (e - e[0]) / (e[-1] - e[0]) * 100
    y = y + noise * np.sqrt(np.clip(y, 0.05, None)) * rng.normal(size=len(e))
    if glitch:
        k = rng.integers(len(e) // 6, len(e) - 10)
        y[k] += rng.choice([-1, 1]) * rng.uniform(0.1, 0.4)
    return {"energy": np.round(e, 5).tolist(), "mu": (scale * y).tolist()}


def inflections(at, low, high, fine):
    """All maxima of the derivative with their height and topographic prominence (of the highest), and where mu is half a step."""
    e = np.arange(low, high, fine / 50)
    d = np.gradient(at(e), e)
    top = d.max()
    found = []
    for i in range(2, len(e) - 2):
        if not (d[i] > d[i - 1] and d[i] >= d[i + 1] and d[i] > 0):
            continue
        left, right = d[i], d[i]
        for k in range(i - 1, -1, -1):
            if d[k] > d[i]:
                break
            left = min(left, d[k])
        for k in range(i + 1, len(e)):
            if d[k] > d[i]:
                break
            right = min(right, d[k])
        found.append({"energy": float(e[i]), "height": float(d[i] / top), "prominence": float((d[i] - max(left, right, 0)) / top)})
    return [f for f in found if f["prominence"] > 0.005]


def half_step(at, main, fine):
    """Where the curve passes one half nearest to its main inflection."""
    e = np.arange(main - 100 * fine, main + 100 * fine, fine / 50)
    y = at(e)
    crossings = e[1:][(y[:-1] < 0.5) & (y[1:] >= 0.5)]
    return float(crossings[np.argmin(np.abs(crossings - main))]) if len(crossings) else None


def crests(at, low, high, fine):
    e = np.arange(low, high, fine / 50)
    y = at(e)
    return [float(e[i]) for i in range(1, len(e) - 1) if y[i] > y[i - 1] and y[i] >= y[i + 1]]


def mixed(parts, weights):
    return lambda e: sum(w * p(e) for w, p in zip(weights, parts))


def peaks_of(compounds, weights, mono, hole=0.64):
    """What is known of a peak that one compound alone has."""
    truth = {}
    for c, w in zip(compounds, weights):
        for name, centre, area, spread in c["peaks"]:
            gauss = np.hypot(mono, spread)
            truth[name] = {
                "center": centre,
                "area": w * area,
                "height": w * area * float(voigt(centre, centre, gauss, hole)),
                "fwhm": float(voigt_width(gauss, hole)),
            }
    return truth


def weights_of(rng):
    """Shares of three compounds; one in five without the second and third."""
    if rng.random() < 0.2:
        return [1.0, 0.0, 0.0]
    share = rng.uniform(0.1, 0.9)
    rest = share * rng.uniform(0, 0.4) if rng.random() < 0.5 else 0.0
    return [1 - share, share - rest, rest]


def levels_sample(rng):
    mono = rng.uniform(0.3, 0.5)
    compounds = [compound(rng, kind) for kind in ("host", "b", "other")]
    parts = [curve_of(c, mono) for c in compounds]
    weights = weights_of(rng)
    e = grid_of(rng, 2826, 0.1, (rng.uniform(35, 60), rng.uniform(60, 120)))
    return "Cl", "K", 0.02, parts, weights, e, peaks_of(compounds, weights, mono), (2818, 2834), 0.1


def chlorides():
    groups = project_groups(os.path.join(DATA, "cl-k/Cl_CAMD.prj"))
    wanted = {"KCl": 2824.2, "NaCl": 2824.9, "CoCl2": 2824.5}
    found = []
    for name, e0 in wanted.items():
        label = next(k for k in groups if name.lower() in k.lower())
        found.append(smooth_edge(*groups[label], e0, 0.7, 20))
    return found


def columns(path, numerator, denominator):
    rows = np.array([line.split() for line in open(path) if line.strip() and not line.startswith("#")], float)
    names = {m[2].split()[0]: int(m[1]) - 1 for m in re.finditer(r"# Column\.(\d+): (.*)", open(path).read())}
    return rows[:, 0], np.log(rows[:, names[numerator]] / rows[:, names[denominator]])


def yttrium():
    foil = columns(os.path.join(DATA, "y-k/Y-K-foil.xdi"), "Itrans", "Irefer")
    oxide = columns(os.path.join(DATA, "y-k/Y-K-YttriumOxide.xdi"), "I0", "Itrans")
    return [smooth_edge(*foil, 17040, 4, 120), smooth_edge(*oxide, 17050, 4, 120)]


def measured_sample(rng, chlorine, yttrium_parts):
    if rng.random() < 0.3:
        share = 0.0 if rng.random() < 0.2 else rng.uniform(0.05, 0.95)
        e = grid_of(rng, 17045, 0.6, (rng.uniform(80, 150), rng.uniform(150, 400)))
        return "Y", "K", 0.17, yttrium_parts, [1 - share, share], e, {}, (17020, 17075), 0.6
    # The measured edges lie below 2825 eV: moved up, so that a peak of known area fits below them.
    moved = [lambda x, f=f, by=by: f(x - by) for f, by in zip(chlorine, rng.uniform(1.6, 2.2) + np.array([0, -0.4, 0.3]))]
    mono, gauss, area, centre = rng.uniform(0.3, 0.5), rng.uniform(0.2, 0.8), rng.uniform(0.4, 1.0), rng.uniform(2824.1, 2824.6)
    host, other, third = moved
    parts = [host, lambda x: other(x) + area * voigt(x, centre, np.hypot(mono, gauss), 0.64), third]
    weights = weights_of(rng)
    truth = peaks_of([{"peaks": []}, {"peaks": [("b", centre, area, gauss)]}, {"peaks": []}], weights, mono)
    e = grid_of(rng, 2826, 0.1, (rng.uniform(30, 42), rng.uniform(60, 115)))
    return "Cl", "K", 0.02, parts, weights, e, truth, (2818, 2834), 0.1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--spectra", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", action="store_true", help="noise divided by a hundred: what is left is bias")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    chlorine, metal = chlorides(), yttrium()
    with open(args.out, "w") as out:
        for k in range(args.spectra):
            making = "levels" if k % 2 == 0 else "measured"
            element, edge, drift, parts, weights, e, peaks, (low, high), fine = levels_sample(rng) if k % 2 == 0 else measured_sample(rng, chlorine, metal)
            noise = 10 ** rng.uniform(-3, -2) * (0.01 if args.quiet else 1)
            at = mixed(parts, weights)
            steep = inflections(at, low, high, fine)
            truth = {
                "weights": weights,
                "peaks": {n: p for n, p in peaks.items() if p["area"] > 0},
                "inflections": steep,
                "crests": crests(at, low, high, fine),
                # Which crossing is meant is only plain where there is one.
                "halfStep": None,
            }
            if len([s for s in steep if s["prominence"] > 0.2]) == 1:
                truth["halfStep"] = half_step(at, max(steep, key=lambda s: s["height"])["energy"], fine)
            sample = measure(rng, at, e, drift, noise, rng.random() < 0.25)
            standards = [measure(rng, part, e, drift, 0.3 * noise, False) for part in parts]
            out.write(json.dumps({"making": making, "element": element, "edge": edge, "drift": drift, "noise": noise, "sample": sample, "standards": standards, "truth": truth}) + "\n")


main()
