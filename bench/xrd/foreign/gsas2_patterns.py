"""Powder patterns by GSAS-II for refine-foreign.ts: structure factors, corrections and profiles are all its own.

One exception: with `axial`, lines are smeared by rays traced from a sample of finite height to a slit of the same height,
as the quadrature of GSAS-II puts lines up to .008 degrees too low.

A request on stdin: a grid of angles and patterns, each with its instrument, sample and phases (a CIF with the true
structure, share of the weight, size, strain, texture). Out go, on the last line, counts with Poisson noise: the
strongest line of the pattern has `top` counts over a background of polynomial terms, in parts of `top`.
"""

import contextlib
import io
import json
import os
import sys
import tempfile

import numpy as np

os.environ.setdefault('MPLBACKEND', 'Agg')
NO_BROADENING_UM = 1e6
# GSAS-II leaves out lines whose tops lie beyond the range
MARGIN_DEG = 3


def instrument_file(pattern):
    """Instrument parameters in the words of GSAS-II; two wavelengths are a doublet."""
    first, *second = pattern['wavelengths']
    lines = ['#GSAS-II instrument parameter file', 'Type:PXC', 'Bank:1.0']
    if second:
        lines += [f'Lam1:{first}', f'Lam2:{second[0]}', 'I(L2)/I(L1):0.5']
    else:
        lines += [f'Lam:{first}']
    values = {'Zero': 0, 'U': 0, 'V': 0, 'W': 10, 'X': 0, 'Y': 0, 'Z': 0, 'SH/L': 1e-5, **pattern['instrument']}
    lines += [f'Polariz.:{pattern["polarisation"]}', 'Azimuth:0.0', 'Source:CuKa']
    return '\n'.join(lines + [f'{name}:{value}' for name, value in values.items()]) + '\n'


def set_phase(phase, histogram, wanted):
    """Amount, broadening and texture of a phase in the histogram."""
    pair = phase.data['Histograms'][histogram.name]
    pair['Scale'][0] = wanted['weight'] / phase.data['General']['Mass']
    pair['Size'][1][0] = wanted.get('size_um', NO_BROADENING_UM)
    pair['Mustrain'][1][0] = wanted.get('microstrain', 0.0)
    pair['Size'][2][2] = pair['Mustrain'][2][2] = 1.0
    if 'texture' in wanted:
        pair['Pref.Ori.'][1] = wanted['texture']['r']
        pair['Pref.Ori.'][3] = wanted['texture']['axis']


def expected(g2, number, pattern, grid):
    low, high, step = grid
    with open(f'{number}.instprm', 'w') as out:
        out.write(instrument_file(pattern))
    project = g2.G2Project(newgpx=f'{number}.gpx')
    histogram = project.add_simulated_powder_histogram('p', f'{number}.instprm', low - MARGIN_DEG, high + MARGIN_DEG, step, scale=1e6)
    for k, wanted in enumerate(pattern['phases']):
        with open(f'{number}-{k}.cif', 'w') as out:
            out.write(wanted['cif'])
        phase = project.add_phase(f'{number}-{k}.cif', phasename=f'p{k}', histograms=[histogram], fmthint='CIF')
        set_phase(phase, histogram, wanted)
    sample = histogram.data['Sample Parameters']
    if 'shift_um' in pattern:
        sample.update({'Type': 'Bragg-Brentano', 'Gonio. radius': float(pattern['radius_mm'])})
        sample['Shift'] = [float(pattern['shift_um']), False]
    histogram.data['Background'][0][1:] = [False, 1, 0.0]
    histogram.data['Background'][0][0] = 'chebyschev-1'
    project.data['Controls']['data']['max cyc'] = 0
    project.do_refinements([{}])
    angles, curve = histogram.data['data'][1][0], histogram.data['data'][1][3]
    return angles, traced(angles, histogram, pattern) if pattern.get('axial') else curve


def pseudo_voigt(x, gauss, lorentz):
    """Unit area; full widths of both parts (Thompson, Cox & Hastings 1987)."""
    g, l = gauss, lorentz
    width = (g**5 + 2.69269 * g**4 * l + 2.42843 * g**3 * l**2 + 4.47163 * g**2 * l**3 + 0.07842 * g * l**4 + l**5) ** 0.2
    q = l / width
    eta = 1.36603 * q - 0.47719 * q**2 + 0.11116 * q**3
    d = x / width
    return eta * 2 / (np.pi * width * (1 + 4 * d**2)) + (1 - eta) * 2 / width * np.sqrt(np.log(2) / np.pi) * np.exp(
        -4 * np.log(2) * d**2
    )


def rays(two_theta_deg, height, count=400):
    """Detector angles and weights of rays at even azimuths of a cone; heights of sample and slit are `height` / 2 of L."""
    t = np.radians(two_theta_deg)
    last = np.arcsin(min(1, height / np.sqrt(1 + height**2) / np.sin(t)))
    s2 = (np.sin(t) * np.sin((np.arange(count) + 0.5) / count * last)) ** 2
    up = np.sqrt(s2 / (1 - s2))
    weights = np.maximum(0, 1 - up / height)
    return np.degrees(np.arccos(np.cos(t) / np.sqrt(1 - s2))), weights / weights.sum()


def traced(angles, histogram, pattern):
    """The lines of GSAS-II, smeared by traced rays."""
    curve = np.zeros_like(angles)
    first, *second = pattern['wavelengths']
    fine = np.arange(-10, 10, 0.001)
    for reflections in histogram.reflections().values():
        for row in reflections['RefList']:
            place, sigma2, gamma, strength = row[5], row[6], row[7], row[9] * row[11]
            doublet = [(place, 1.0)] + [
                (place + np.degrees(2 * (lam - first) / first * np.tan(np.radians(place / 2))), 0.5) for lam in second
            ]
            for center, part in doublet:
                at, weights = rays(center, pattern['axial'])
                shape = pseudo_voigt(fine, 2.3548200450309493 * sigma2**0.5 / 100, gamma / 100)
                spread = np.bincount(np.round((at - center + 10) / 0.001).astype(int), weights, len(fine))
                line = np.convolve(spread, shape)[len(fine) // 2 : len(fine) // 2 + len(fine)]
                curve += part * strength * np.interp(angles - center, fine, line, 0, 0)
    return curve


def intruders(pattern, angles):
    """Gaussian lines of something else, in parts of the strongest line."""
    return sum(
        line['height'] * np.exp(-4 * np.log(2) * ((angles - line['at_deg']) / line['fwhm_deg']) ** 2)
        for line in pattern.get('intruders', [])
    )


def main():
    request = json.load(sys.stdin)
    random = np.random.default_rng(request['seed'])
    sets = []
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        import GSASII.GSASIIscriptable as g2

        g2.SetPrintLevel('error')
        for number, pattern in enumerate(request['patterns']):
            angles, lines = expected(g2, number, pattern, request['grid'])
            inside = (angles > request['grid'][0] - 1e-6) & (angles < request['grid'][1] + 1e-6)
            angles, lines = angles[inside], lines[inside]
            u = (angles - angles[0]) / (angles[-1] - angles[0])
            top = pattern['top']
            ground = sum(c * u**n for n, c in enumerate(pattern['background']))
            mean = top * (lines / lines.max() + ground + intruders(pattern, angles))
            counts = random.poisson(mean) if request.get('noise', True) else mean
            sets.append({'angles': np.round(angles, 6).tolist(), 'counts': counts.tolist()})
        os.chdir('/')
    json.dump(sets, sys.stdout)


main()
