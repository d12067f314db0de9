"""Structures and powder lines for the independent simulators, summed atom by atom with XrayDB's tables."""
import functools

import numpy as np
import xraydb

WAVELENGTH = 1.2398
ENERGY = 12398.42 / WAVELENGTH

P3M1 = [
    lambda x, y, z: (x, y, z), lambda x, y, z: (-y, x - y, z), lambda x, y, z: (y - x, -x, z),
    lambda x, y, z: (y, x, -z), lambda x, y, z: (x - y, -y, -z), lambda x, y, z: (-x, y - x, -z),
]
C2M = [lambda x, y, z: (x, y, z), lambda x, y, z: (-x, y, -z), lambda x, y, z: (x + .5, y + .5, z), lambda x, y, z: (.5 - x, .5 + y, -z)]


def orbit(site, operations=P3M1):
    seen = []
    for op in operations:
        for sign in (1, -1):
            p = np.mod(np.array(op(*site)) * sign, 1.0)
            if not any(np.allclose(np.mod(p - q + 0.5, 1.0), 0.5, atol=1e-4) for q in seen):
                seen.append(p)
    return np.array(seen)


# [Li 6h, Li 6g, Y2, Y3] on the coordinates of Asano 2018.
VARIANTS = {
    "default": (0.87538, 0.62462, 0.56592, 0.43408), "ordered": (0.75, 0.75, 1.0, 0.0), "swapped": (1.0, 0.5, 0.0, 1.0),
    "asano": (0.87538, 0.62462, 0.56592, 0.43408), "obelix": (0.87538, 0.62462, 0.56592, 0.43408),
}
CELLS = {"asano": (11.2217, 6.05517)}
COORDINATES = dict(h=(0.332, 0, 0.5), g=(0.326, 0, 0), y2=(1 / 3, 2 / 3, 0.487), y3=(1 / 3, 2 / 3, 0),
                   cl=((0.1133, -0.1133, 0.7827), (0.2136, -0.2136, 0.2561), (0.4367, -0.4367, 0.7461)))
OBELIX = dict(h=(0, 0.32562724, 0.5), g=(0, 0.32611712, 0), y2=(1 / 3, 2 / 3, 0.4869661), y3=(1 / 3, 2 / 3, 0.98118561),
              cl=((0.10836711, 0.21673423, 0.77651019), (0.12545527, 0.56272764, 0.75056223), (0.21024526, 0.42049052, 0.27835218)))


def lyc_atoms(x, site, variant="default", lithium_out=3.0, exchange=True):
    """Ions, places and occupancies. `lithium_out` Li leave for each In; migrating Y changes places with Li or leaves a hole."""
    li_h, li_g, y2, y3 = VARIANTS[variant]
    at = OBELIX if variant == "obelix" else COORDINATES
    in_h, in_g, in_y, y_h, y_frac, li_y = 0.0, 0.0, 0.0, 0.0, 1.0, 0.0
    if site in ("6h", "6g", "both"):
        share = {"6h": 1.0, "6g": 0.0, "both": 0.5}[site]
        in_h, in_g = x / 2 * share, x / 2 * (1 - share)
        out = lithium_out * x / 2
        h, g = min(out * share, li_h - 0.01), min(out * (1 - share), li_g - 0.01)
        rest = out - h - g
        more = min(rest, li_h - h if share < 1 else 0)
        li_h, li_g = li_h - h - more, max(0, li_g - g - (rest - more))
    elif site == "y":
        y_frac, in_y = 1 - x, x
    elif site == "y-migration":
        y_h, y_frac = x / 2, 1 - x  # three yttrium a cell, six places on 6h
        li_h -= x / 2
        li_y = x if exchange else 0.0
    atoms = [("Li1+", at["h"], li_h), ("Li1+", at["g"], li_g), ("In3+", at["h"], in_h), ("In3+", at["g"], in_g), ("Y3+", at["h"], y_h)]
    for pos, occ in (((0, 0, 0), 1.0), (at["y2"], y2), (at["y3"], y3)):
        atoms += [("Y3+", pos, occ * y_frac), ("In3+", pos, occ * in_y), ("Li1+", pos, occ * li_y)]
    atoms += [("Cl1-", pos, 1.0) for pos in at["cl"]]
    return [(ion, orbit(pos), occ) for ion, pos, occ in atoms if occ > 0]


FCC = np.array([[0, 0, 0], [0, .5, .5], [.5, 0, .5], [.5, .5, 0]])
DIAMOND = np.vstack([FCC, FCC + 0.25])


def trichloride(metal):
    return [(metal, orbit((0, 0.166, 0), C2M), 1.0), ("Cl1-", orbit((0.211, 0, 0.247), C2M), 1.0), ("Cl1-", orbit((0.229, 0.179, 0.76), C2M), 1.0)]


# a, b, c, beta, gamma; atoms
PHASES = {
    "In": ((3.2523, 3.2523, 4.9461, 90, 90), [("In", np.array([[0, 0, 0], [.5, .5, .5]]), 1.0)]),
    "LiIn": ((6.786, 6.786, 6.786, 90, 90), [("In", DIAMOND, 1.0), ("Li", DIAMOND + 0.5, 1.0)]),
    "LiCl": ((5.1295, 5.1295, 5.1295, 90, 90), [("Li1+", FCC, 1.0), ("Cl1-", FCC + [.5, 0, 0], 1.0)]),
    "YCl3": ((6.92, 11.94, 6.44, 111.0, 90), trichloride("Y3+")),
    "InCl3": ((6.41, 11.1, 6.31, 109.8, 90), trichloride("In3+")),
}


def lyc_cell(variant="default", shrink=1.0):
    a, c = CELLS.get(variant, (11.209337, 6.046941))
    return (a * shrink, a * shrink, c * shrink, 90, 120)


class Scattering:
    """Form factors: ionic with dispersion, or as structure viewers have them (neutral, none), and Debye-Waller factors."""

    def __init__(self, ionic=True, dispersion=True, b=None):
        self.ionic, self.dispersion, self.b = ionic, dispersion, b or {}

    def factor(self, ion, s):
        element = ion.rstrip("+-0123456789")
        f = f0(ion, s) if self.ionic else xraydb.f0(element, s)
        if self.dispersion:
            f = f + dispersion(element)
        return f * np.exp(-self.b.get(element, 0.0) * s * s)


def f0(ion, s):
    """XrayDB lists no Y3+: it lies between the ions of its neighbours that have as many electrons."""
    return (xraydb.f0("Sr2+", s) + xraydb.f0("Zr4+", s)) / 2 if ion == "Y3+" else xraydb.f0(ion, s)


@functools.lru_cache(None)
def dispersion(element):
    return complex(float(xraydb.f1_chantler(element, ENERGY)), float(xraydb.f2_chantler(element, ENERGY)))


def reflections(cell, atoms, limit, scattering):
    """Rows of 2theta (degrees) and summed |F|^2 of all lines below `limit`, and the volume of the cell."""
    a, b, c, beta, gamma = cell
    cb, cg = np.cos(np.radians(beta)), np.cos(np.radians(gamma))
    metric = np.array([[a * a, a * b * cg, a * c * cb], [a * b * cg, b * b, 0], [a * c * cb, 0, c * c]])
    inverse = np.linalg.inv(metric)
    top = 2 * np.sin(np.radians(limit / 2)) / WAVELENGTH
    reach = [int(edge * top) + 1 for edge in (a, b, c)]
    hkl = np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in reach], indexing="ij"), -1).reshape(-1, 3)
    q = np.einsum("ij,jk,ik->i", hkl, inverse, hkl)
    keep = (q > 1e-9) & (q < top * top)
    hkl, q = hkl[keep], q[keep]
    s = np.sqrt(q) / 2
    F = np.zeros(len(q), complex)
    for ion, places, occupancy in atoms:
        F += occupancy * scattering.factor(ion, s) * np.exp(2j * np.pi * hkl @ places.T).sum(1)
    key, where = np.unique(np.round(q, 7), return_inverse=True)
    total = np.bincount(where.ravel(), np.abs(F) ** 2)
    lines = np.c_[np.degrees(2 * np.arcsin(np.sqrt(key) / 2 * WAVELENGTH)), total]
    return lines, np.sqrt(np.linalg.det(metric))
