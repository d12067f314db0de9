"""Peer of simulate.ts: reads structures as JSON on stdin, writes pymatgen's lines, form factors and times as JSON."""

import json
import sys
import time

from pymatgen.analysis.diffraction import xrd
from pymatgen.core import Lattice, Structure

request = json.load(sys.stdin)
calculator = xrd.XRDCalculator(wavelength=request['wavelength'])
calculator.SCALED_INTENSITY_TOL = 1e-6
span = tuple(request['range'])
answers = []
for one in request['structures']:
    structure = Structure(Lattice.from_parameters(*one['cell']), one['species'], one['coords'])
    times = []
    for _ in range(request['repeats']):
        start = time.perf_counter()
        pattern = calculator.get_pattern(structure, scaled=False, two_theta_range=span)
        times.append(1000 * (time.perf_counter() - start))
    answers.append({'name': one['name'], 'x': list(pattern.x), 'y': list(pattern.y), 'times_ms': times})
json.dump({'answers': answers, 'form_factors': xrd.ATOMIC_SCATTERING_PARAMS}, sys.stdout)
