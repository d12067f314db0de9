"""Powder patterns of known truth for refine-coverage.ts, from cryspy's structure factors and a profile of their own.

A request on stdin: crystals as RCIF templates ({a}, {b}, {c} are the drawn cell lengths), the mass of the atoms in each
cell, and how many patterns to draw. The line profile is the pseudo-Voigt of Thompson, Cox & Hastings (1987), the area of
a line w / (M V) m |F|^2 / (sin^2 theta cos theta) for a weight fraction w, the noise Poisson's. cryspy's tables of form factors
and dispersion go out with the patterns.
"""

import json
import sys

import numpy
from cryspy_lines import lines_of

request = json.load(sys.stdin)
random = numpy.random.default_rng(request['seed'])
low, high, step = request['grid']
grid = numpy.arange(low, high, step)


def phase_lines(crystal):
    lines, atoms = lines_of(crystal, request['wavelength'], low - 3, high + 3)
    tables = {
        'labels': list(atoms['atom_label']),
        's': atoms['table_sthovl'].tolist(),
        'f0': atoms['table_atom_scattering_amplitude'].tolist(),
        'dispersion': [
            [float(part(numpy.interp(request['wavelength'], atoms['table_wavelength'], row))) for part in (numpy.real, numpy.imag)]
            for row in atoms['table_atom_dispersion']
        ],
    }
    return lines['ttheta_hkl'], lines['multiplicity_hkl'] * lines['iint_plus'], tables


def profile(center_deg, gauss_deg, lorentz_deg):
    g, l = gauss_deg, lorentz_deg
    width = (g**5 + 2.69269 * g**4 * l + 2.42843 * g**3 * l**2 + 4.47163 * g**2 * l**3 + 0.07842 * g * l**4 + l**5) ** 0.2
    q = l / width
    eta = 1.36603 * q - 0.47719 * q**2 + 0.11116 * q**3
    d = (grid - center_deg) / width
    lorentz = 2 / (numpy.pi * width * (1 + 4 * d**2))
    gauss = 2 / width * numpy.sqrt(numpy.log(2) / numpy.pi) * numpy.exp(-4 * numpy.log(2) * d**2)
    return eta * lorentz + (1 - eta) * gauss


def unit_curve(phase, lengths, zero, added_b, w, x):
    two_theta, strength, tables = phase_lines(phase['crystal'].format(**lengths))
    theta = two_theta / 2
    s = numpy.sin(theta) / request['wavelength']
    a, b, c = lengths['a'], lengths['b'], lengths['c']
    volume = a * b * c * phase['shape']
    area = strength * numpy.exp(-2 * added_b * s**2) / (numpy.sin(theta) ** 2 * numpy.cos(theta))
    curve = numpy.zeros_like(grid)
    for center, gain, t in zip(numpy.degrees(two_theta), area, theta):
        curve += gain * profile(center + zero, 2.3548200450309493 * w**0.5 / 100, x / numpy.cos(t) / 100)
    return curve, phase['mass'] * volume, tables


patterns = []
tables = []
for _ in range(request['count']):
    zero = random.uniform(-0.05, 0.05)
    w, x = random.uniform(10, 30), random.uniform(3, 8)
    top = 10 ** random.uniform(*numpy.log10(request['top']))
    weights = random.dirichlet([3] * len(request['phases']))
    if request['minor']:
        minor = 10 ** random.uniform(*numpy.log10(request['minor']))
        weights = numpy.array([1 - minor, minor])
    total, truths, tables = 0, [], []
    for phase, weight in zip(request['phases'], weights):
        free = {k: phase['lengths'][k] * (1 + random.uniform(-0.003, 0.003)) for k in phase['free']}
        lengths = {k: free.get(k, free['a']) for k in 'abc'}
        added_b = random.uniform(-0.3, 0.7)
        curve, mass_volume, table = unit_curve(phase, lengths, zero, added_b, w, x)
        total = total + weight / mass_volume * curve
        truths.append({'scale': weight / mass_volume, 'weight': weight, 'B': added_b, **free})
        tables.append(table)
    factor = top / total.max()
    for truth in truths:
        truth['scale'] *= factor
    ground = top * 10 ** random.uniform(-2, -0.5)
    expected = factor * total + ground * (1 + 0.3 * numpy.exp(-(grid - low) / 15))
    patterns.append(
        {'zero': zero, 'W': w, 'X': x, 'top': top, 'phases': truths, 'counts': random.poisson(expected).tolist()}
    )
json.dump({'tables': tables, 'grid': grid.tolist(), 'patterns': patterns}, sys.stdout)
