#!/usr/bin/env python3
"""Element maps of layers of any direction and form with known truth, from code that shares nothing with Interphase.

    python3 simulate_layers.py OUT --kind straight --maps 100 --seed 1
"""
import argparse
import json
import os

import h5py
import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

KINDS = ("straight", "tilted", "arc", "corner", "thin", "interrupted", "gradient", "overhang", "none", "faulty", "fine", "forest", "hills")
NAMES = ("anode", "aei", "electrolyte", "cathode")
LEVELS = {
    "anode": dict(Y=0.02, In=1.0, Cl=0.03),
    "aei": dict(Y=1.0, In=0.35, Cl=1.0),
    "electrolyte": dict(Y=1.0, In=0.04, Cl=1.0),
    "cathode": dict(Y=0.03, In=0.03, Cl=0.08),
}


def wave(rng, form, s, rms, length):
    """A line of the given rms: smoothed noise, a sine, or a random walk pulled back to its mean."""
    if form == "flat" or rms == 0:
        return np.zeros(len(s))
    step = s[1] - s[0]
    if form == "sine":
        return rms * np.sqrt(2) * np.sin(2 * np.pi * s / (4 * length) + rng.uniform(0, 2 * np.pi))
    noise = rng.normal(size=len(s))
    if form == "smooth":
        line = gaussian_filter1d(noise, length / step / 2, mode="wrap")
    else:
        line = np.zeros(len(s))
        keep = np.exp(-step / length)
        for i in range(1, len(s)):
            line[i] = keep * line[i - 1] + noise[i]
        line = gaussian_filter1d(line, max(1.0, length / 4) / step)
    return rms * (line - line.mean()) / line.std()


def crossing(points, normals, line):
    """Distance from each point along its normal to a line of points (nearest crossing; nan where there is none)."""
    out = np.full(len(points), np.nan)
    for i, (p, n) in enumerate(zip(points, normals)):
        rel = line - p
        along = rel @ n
        aside = rel @ np.array([-n[1], n[0]])
        cross = np.nonzero(np.sign(aside[:-1]) != np.sign(aside[1:]))[0]
        if len(cross) == 0:
            continue
        w = aside[cross] / (aside[cross] - aside[cross + 1])
        hits = along[cross] + w * (along[cross + 1] - along[cross])
        out[i] = hits[np.argmin(np.abs(hits))]
    return out


class Scene:
    """Coordinates in pixels; s along the layer, t across it from the anode outwards."""

    def __init__(self, rng, kind):
        big = kind == "fine"
        low, high = (100, 240) if big else (48, 96)
        self.ny, self.nx = int(rng.integers(low, high)), int(rng.integers(low, high))
        self.centre = np.array([(self.nx - 1) / 2, (self.ny - 1) / 2])
        span = 1.5 * np.hypot(self.ny, self.nx)
        self.s = np.arange(-span, span, 0.1)
        self.arc = kind in ("arc", "corner")
        quarter = rng.integers(4) * 90.0
        angle = quarter + (rng.uniform(20, 70) if kind == "tilted" or (big and rng.random() < 0.5) else rng.normal(0, 3) if rng.random() < 0.5 else 0)
        self.theta = np.deg2rad(angle)
        short = min(self.ny, self.nx)
        across = self.nx if quarter % 180 == 0 else self.ny
        if kind == "tilted":
            across = short
        self.thickness = float(np.exp(rng.uniform(np.log(1.0), np.log(3.0)))) if kind == "thin" else float(np.exp(rng.uniform(np.log(3), np.log(0.25 * across))))
        if kind == "none":
            self.thickness = 0.0
        start = rng.uniform(-0.25, 0.0) * across - self.thickness / 2
        form = rng.choice(["flat", "smooth", "sine", "walk"])
        length = np.exp(rng.uniform(np.log(4), np.log(25)))
        rms = min(rng.uniform(0.2, 2.0), 0.3 * length)
        first = start + wave(rng, form, self.s, rms, length)
        other = wave(rng, form, self.s, rms * rng.uniform(0.2, 1), np.exp(rng.uniform(np.log(4), np.log(25))))
        shared = rng.choice([0.0, 0.5, 1.0])
        gap = np.maximum(self.thickness + shared * (start - first) + other, min(0.4, self.thickness))
        if kind == "thin":
            gap = np.maximum(self.thickness * (1 + 0.25 * (other / (other.std() + 1e-9) if other.std() > 0 else 0)), 0.3)
        if kind == "none":
            gap = np.zeros(len(self.s))
        if kind == "interrupted":
            for _ in range(rng.integers(1, 3)):
                middle, width = rng.uniform(-0.35, 0.35) * short, rng.uniform(0.08, 0.2) * short
                gap *= 1 - np.exp(-(((self.s - middle) / width) ** 4))
        third = np.full(len(self.s), 0.42 * across) + wave(rng, "smooth", self.s, 1.0, 15) if rng.random() < 0.5 else np.full(len(self.s), np.inf)
        self.lines = [first, first + gap, np.maximum(third, first + gap + 4)]
        self.radius = rng.uniform(0.7, 1.5) * short if kind == "arc" else rng.uniform(0.3, 0.5) * short
        self.inward = bool(rng.random() < 0.5)
        self.corner = kind == "corner"
        self.bodies = []
        if kind == "overhang":
            for _ in range(rng.integers(1, 4)):
                s0 = rng.uniform(-0.35, 0.35) * short
                base = np.interp(s0, self.s, self.lines[0])
                top = np.interp(s0, self.s, self.lines[1])
                reach = top - base + rng.uniform(5, 9)
                self.bodies.append((s0, base, rng.uniform(1.0, 1.6), reach, rng.uniform(2.5, 4.0)))

        if kind == "forest":  # side by side: needles and bulbs, with a pixel or more between their stems
            s0 = rng.uniform(-0.35, 0.1) * short
            for _ in range(rng.integers(2, 5)):
                base, top = (np.interp(s0, self.s, line) for line in self.lines[:2])
                neck = rng.uniform(0.8, 2.0)
                bulb = neck * rng.uniform(1.0, 2.5)
                self.bodies.append((s0, base, neck, top - base + rng.uniform(4, 10), bulb))
                s0 += 2 * neck + rng.uniform(1.5, 8)
        if kind == "hills":  # turns of the boundary, wider than high: no bodies
            for _ in range(rng.integers(1, 4)):
                high, wide = rng.uniform(3, 8), rng.uniform(1.2, 3)
                hill = high * np.exp(-0.5 * ((self.s - rng.uniform(-0.35, 0.35) * short) / (high * wide / 2)) ** 2)
                self.lines[0] = self.lines[0] + hill
                self.lines[1] = self.lines[1] + hill * rng.uniform(0, 1)
            self.lines[1] = np.maximum(self.lines[1], self.lines[0] + min(1.0, self.thickness))
            self.lines[2] = np.maximum(self.lines[2], self.lines[1] + 4)

    def told_apart(self):
        """Bodies whose heads hardly overlap (a waist below three quarters of the smaller head's width), each a list of one or more."""
        groups = [[body] for body in self.bodies]
        for i, (s0, base, _, reach, bulb) in enumerate(self.bodies):
            for k, (s1, base1, _, reach1, bulb1) in enumerate(self.bodies[:i]):
                d = np.hypot(s1 - s0, base1 + reach1 - base - reach)
                a = (d * d + bulb**2 - bulb1**2) / (2 * d)
                waist = np.sqrt(max(bulb**2 - a * a, 0)) if d > abs(bulb - bulb1) else np.inf
                if d < bulb + bulb1 and waist > 0.75 * min(bulb, bulb1):
                    one = next(g for g in groups if self.bodies[k] in g)
                    other = next(g for g in groups if self.bodies[i] in g)
                    if one is not other:
                        one += other
                        groups.remove(other)
        return groups

    def places(self, x, y):
        """Foot and head of what can be told apart, in pixels of the map (the fine grid x, y); nothing whose head lies outside."""
        s, t = self.local(x, y)
        out = []
        for group in self.told_apart():
            s0, base, neck, reach, bulb = max(group, key=lambda body: body[3])
            away = [(s - s0) ** 2 + (t - at) ** 2 for at in (base, base + reach)]
            foot, head = (np.unravel_index(np.argmin(d), d.shape) for d in away)
            if away[1][head] < 1:
                out.append(dict(foot=[float(x[foot]), float(y[foot])], head=[float(x[head]), float(y[head])], neck=neck, bulb=bulb, reach=float(reach), of=len(group)))
        return out

    def local(self, x, y):
        dx, dy = x - self.centre[0], y - self.centre[1]
        t = dx * np.cos(self.theta) + dy * np.sin(self.theta)
        s = -dx * np.sin(self.theta) + dy * np.cos(self.theta)
        if not self.arc:
            return s, t
        if self.corner:  # a rounded corner: distance from a quarter with a rounding radius
            r = self.radius
            a, b = t, s
            u, v = (a + b) / np.sqrt(2), (a - b) / np.sqrt(2)
            inside = (u > -r / 2) & (v > -r / 2)
            d = np.where(inside, np.hypot(np.maximum(u + r / 2, 0), np.maximum(v + r / 2, 0)), np.maximum(u, v) + r / 2)
            along = np.where(inside, r * np.arctan2(v + r / 2, np.maximum(u + r / 2, 1e-9)), np.where(u + r / 2 <= 0, r * np.pi / 2 - (u + r / 2), v + r / 2))
            sign = -1 if self.inward else 1
            return along - r * np.pi / 4, sign * (d - r)
        sign = -1 if self.inward else 1
        cx = -sign * self.radius
        d = np.hypot(t - cx, s)
        return self.radius * np.arctan2(s, sign * (t - cx)), sign * (d - self.radius)

    def shares(self, x, y, fine):
        """Share of each layer in cells of the width 1 / fine: the lines run through cells, not between them."""
        s, t = self.local(x, y)
        rise = [np.clip(0.5 + fine * (t - np.interp(s, self.s, line)), 0, 1) for line in self.lines]
        shares = [1 - rise[0], rise[0] - rise[1], rise[1] - rise[2], rise[2]]
        for s0, base, neck, reach, bulb in self.bodies:
            stem = (np.abs(s - s0) < neck) & (t >= base) & (t < base + reach)
            head = (s - s0) ** 2 + (t - base - reach) ** 2 < bulb**2
            for k, share in enumerate(shares):
                share[stem | head] = 1.0 if k == 0 else 0.0
        return shares

    def mean_thickness(self):
        """By level sets on a fine grid: contours of the two lines, then normals of the middle one, inside the map."""
        if self.thickness == 0:
            return None
        from skimage.measure import find_contours

        f = 4
        y, x = np.mgrid[-8 : self.ny + 8 : 1 / f, -8 : self.nx + 8 : 1 / f]
        s, t = self.local(x, y)
        low, high = (t - np.interp(s, self.s, line) for line in self.lines[:2])
        longest = lambda field: max(find_contours(field, 0), key=len)[:, ::-1] / f - 8
        a, b, middle = longest(low), longest(high), longest((low + high) / 2)
        # Contours have more points where they run obliquely: every stretch of the middle line counts by its length.
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(middle, axis=0).T))])
        at = np.arange(0, length[-1], 1.0)
        middle = np.stack([np.interp(at, length, middle[:, k]) for k in (0, 1)], 1)
        tangent = np.gradient(gaussian_filter1d(middle, 1.0, axis=0), axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.linalg.norm(tangent, axis=1)[:, None]
        inside = ((middle > 0) & (middle < [self.nx - 1, self.ny - 1])).all(axis=1)
        da, db = crossing(middle[inside], normal[inside], a), crossing(middle[inside], normal[inside], b)
        local = np.abs(da - db)
        return float(np.nanmean(local)), float(np.nanquantile(local, 0.05)), float(np.nanquantile(local, 0.95))


def simulate(folder, rng, kind):
    scene = Scene(rng, kind)
    pixel = float(rng.choice([1.0, 2.0, 5.0]))
    blur = float(rng.choice([0.0, rng.uniform(0.3, 2.0)])) / 2.3548  # standard deviation in pixels
    rate = float(np.exp(rng.uniform(np.log(3), np.log(5000))))
    if kind == "none" or kind == "thin":
        rate = float(np.exp(rng.uniform(np.log(10), np.log(5000))))
    f = 6 if scene.nx * scene.ny < 12000 else 4
    pad = 6
    yy = (np.arange((scene.ny + 2 * pad) * f) + 0.5) / f - 0.5 - pad
    xx = (np.arange((scene.nx + 2 * pad) * f) + 0.5) / f - 0.5 - pad
    x, y = np.meshgrid(xx, yy)
    shares = scene.shares(x, y, f)
    gradient = np.ones(x.shape)
    if kind == "gradient":
        ax, ay = rng.uniform(-0.3, 0.3, 2)
        gradient = 1 + ax * (x / scene.nx - 0.5) + ay * (y / scene.ny - 0.5)
    scale = dict(Y=rng.uniform(0.3, 1), In=rng.uniform(0.5, 1), Cl=rng.uniform(0.5, 2.5))
    aei_in = rng.uniform(0.2, 0.6)
    aei_y = rng.uniform(0.8, 1.0)
    background = float(rng.choice([0.0, rng.uniform(0.01, 0.1)]))
    images, means = {}, {}
    for e in ("Y", "In", "Cl"):
        level = {n: LEVELS[n][e] for n in NAMES}
        if e == "In":
            level["aei"] = aei_in
        if e == "Y":
            level["aei"] = aei_y
        scene_e = (sum(level[n] * share for n, share in zip(NAMES, shares)) + background) * gradient
        if blur > 0:
            scene_e = gaussian_filter(scene_e, blur * f, mode="nearest")
        mean = scene_e.reshape(scene.ny + 2 * pad, f, scene.nx + 2 * pad, f).mean(axis=(1, 3))[pad:-pad, pad:-pad]
        images[e] = rng.poisson(rate * scale[e] * mean).astype("f4")
    faults = []
    if kind == "faulty":
        what = rng.integers(1, 8)
        if what & 1:
            rows = rng.integers(0, scene.ny, 3)
            for e in images:
                images[e][rows] = np.nan
            faults.append("missing rows")
        if what & 2:
            cy, cx, r = rng.integers(8, scene.ny - 8), rng.integers(8, scene.nx - 8), rng.uniform(2, 4)
            gy, gx = np.mgrid[0 : scene.ny, 0 : scene.nx]
            for e in images:
                images[e][(gy - cy) ** 2 + (gx - cx) ** 2 < r * r] = rng.poisson(0.02 * rate * scale[e])
            faults.append("void")
        if what & 4:
            for _ in range(6):
                e = rng.choice(["Y", "In", "Cl"])
                images[e][rng.integers(scene.ny), rng.integers(scene.nx)] = rng.uniform(5, 300) * (rate + 5)
            faults.append("hot pixels")
    truth = scene.mean_thickness()
    spelled = rng.choice(["plain", "lines", "short"])
    keys = dict(plain=dict(Y="Y", In="In", Cl="Cl"), lines=dict(Y="Y_L", In="In_L", Cl="Cl_K"), short=dict(Y="Y-La", In="In-La", Cl="Cl-Ka"))["plain" if kind != "faulty" else str(spelled)]
    with h5py.File(os.path.join(folder, "xrf.h5"), "w") as out:
        entry = out.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group("xrf")
        data.attrs.update(NX_class="NXdata", signal=keys["Y"], axes=["y", "x"], auxiliary_signals=[keys["In"], keys["Cl"]])
        for e, image in images.items():
            data[keys[e]] = image
            data[keys[e]].attrs["units"] = "counts"
        for name, n in (("y", scene.ny), ("x", scene.nx)):
            data[name] = np.arange(n) * pixel
            data[name].attrs["units"] = "um"
    inside = [share[pad * f : -pad * f, pad * f : -pad * f] for share in shares]
    bodies = scene.places(*(v[pad * f : -pad * f, pad * f : -pad * f] for v in (x, y)))
    area = {n: float(share.mean() * scene.nx * scene.ny * pixel**2) for n, share in zip(NAMES, inside)}
    with open(os.path.join(folder, "truth.json"), "w") as out:
        json.dump(
            dict(kind=kind, present=kind != "none", pixel_um=pixel, thickness_um=truth and truth[0] * pixel, p5=truth and truth[1] * pixel, p95=truth and truth[2] * pixel, rate=rate, blur_px=blur * 2.3548,
                 angle_deg=float(np.rad2deg(scene.theta)), radius_px=scene.radius if scene.arc else None, aei_in=aei_in, area_um2=area, faults=faults, spelled=str(spelled), bodies=bodies, ny=scene.ny, nx=scene.nx),
            out, indent=1)
    with open(os.path.join(folder, "experiment.yaml"), "w") as out:
        out.write(f"sample: {kind} layer\nmaps:\n  - {{ name: xrf, file: xrf.h5, data: /entry/xrf, role: xrf, pixel: {pixel:g} um, elements: [Y, In, Cl] }}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--kind", choices=KINDS + ("all",), default="straight")
    parser.add_argument("--maps", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for kind in KINDS if args.kind == "all" else (args.kind,):
        rng = np.random.default_rng([args.seed, KINDS.index(kind)])
        for number in range(args.maps):
            folder = os.path.join(args.out, f"{kind}-{number:03d}")
            os.makedirs(folder, exist_ok=True)
            simulate(folder, rng, kind)
