"""Peer of refine.ts: PbSO4 by GSAS-II, with zero or displacement, with and without axial divergence.

    python refine_gsas2.py DATA CIF
"""

import contextlib
import io
import os
import sys
import tempfile

import numpy as np

INSTRUMENT = """#GSAS-II instrument parameter file
Type:PXC
Bank:1.0
Lam1:1.540593
Lam2:1.544427
I(L2)/I(L1):0.5
Zero:0.0
Polariz.:0.5
U:2.0
V:-2.0
W:5.0
X:0.0
Y:0.0
Z:0.0
SH/L:0.0001
Azimuth:0.0
Source:CuKa
"""


def refine(g2, name, instrument, sample, shl):
    project = g2.G2Project(newgpx=f'{name}.gpx')
    histogram = project.add_powder_histogram('pattern.xye', 'tube.instprm', fmthint='xye')
    phase = project.add_phase(cif, phasename='PbSO4', histograms=[histogram], fmthint='CIF')
    parameters = histogram.data['Instrument Parameters'][0]
    parameters['SH/L'][1] = shl
    histogram.data['Sample Parameters']['Type'] = 'Bragg-Brentano'
    project.set_refinement({'set': {'Background': {'no. coeffs': 6, 'refine': True}, 'Limits': [10, 100]}})
    project.do_refinements([{}])
    project.set_refinement({'set': {'Cell': True}})
    project.do_refinements([{}])
    places = [name for name in instrument if name in ('Zero', 'W')]
    project.set_refinement({'set': {'Instrument Parameters': places}})
    project.do_refinements([{}])
    if sample:
        project.set_refinement({'set': {'Sample Parameters': [*sample, 'Scale']}})
    project.set_refinement({'set': {'Instrument Parameters': instrument}})
    project.data['Controls']['data']['max cyc'] = 8
    project.do_refinements([{}])
    project.do_refinements([{}])
    cell = phase.get_cell()
    lengths = ' '.join(f'{cell[f"length_{axis}"]:.4f}' for axis in 'abc')
    return f'Rwp {histogram.get_wR():.2f} %, cell {lengths}, SH/L {parameters["SH/L"][1]:.4f}'


data, cif = (os.path.abspath(path) for path in sys.argv[1:3])
os.environ.setdefault('MPLBACKEND', 'Agg')
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    np.savetxt('pattern.xye', np.loadtxt(data), fmt='%.5f %.4f %.4f')
    with open('tube.instprm', 'w') as out:
        out.write(INSTRUMENT)
    widths = ['U', 'V', 'W', 'X', 'Y']
    lines = []
    with contextlib.redirect_stdout(io.StringIO()):
        import GSASII.GSASIIscriptable as g2

        g2.SetPrintLevel('error')
        for name, instrument, sample, shl in (
            ('zero', ['Zero', *widths], [], 1e-4),
            ('displacement', widths, ['Shift'], 1e-4),
            ('zero and axial divergence', ['Zero', *widths, 'SH/L'], [], 0.03),
        ):
            lines.append(f'{name}: {refine(g2, name.replace(" ", "-"), instrument, sample, shl)}')
    os.chdir('/')
print('\n'.join(lines))
