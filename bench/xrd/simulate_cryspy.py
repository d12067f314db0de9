"""Peer of simulate-rietveld.ts: a structure as RCIF on stdin; writes cryspy's |F|^2, multiplicities, angles and tables."""

import json
import sys

import numpy
from cryspy_lines import lines_of

request = json.load(sys.stdin)
lines, crystal = lines_of(request['crystal'], request['wavelength'], *request['range'])
json.dump(
    {
        'hkl': lines['index_hkl'].T.tolist(),
        'multiplicity': lines['multiplicity_hkl'].tolist(),
        'F2': lines['iint_plus'].tolist(),
        'twoTheta_deg': numpy.degrees(lines['ttheta_hkl']).tolist(),
        'labels': list(crystal['atom_label']),
        's': crystal['table_sthovl'].tolist(),
        'f0': crystal['table_atom_scattering_amplitude'].tolist(),
        'dispersion': [[float(v.real), float(v.imag)] for v in numpy.atleast_1d(lines['atom_dispersion'])],
    },
    sys.stdout,
)
