"""Peer of simulate-rietveld.ts: a structure as RCIF on stdin; writes cryspy's |F|^2, multiplicities, angles and tables."""

import json
import sys

import cryspy
import numpy
from cryspy.procedure_rhochi.rhochi_by_dictionary import rhochi_calc_chi_sq_by_dictionary

request = json.load(sys.stdin)
points = '\n'.join(f'{t:.2f} 1 1' for t in numpy.arange(request['range'][0], request['range'][1], 0.1))
model = cryspy.str_to_globaln(
    f"""global_

{request['crystal']}

data_powder1d
_setup_wavelength {request['wavelength']}
_setup_field 0.0
_setup_offset_2theta 0.0
_setup_radiation X-rays
_setup_K 0.5
_setup_cthm 1.0
_pd_instr_resolution_u 0.0
_pd_instr_resolution_v 0.0
_pd_instr_resolution_w 0.02
_pd_instr_resolution_x 0.0
_pd_instr_resolution_y 0.0
_diffrn_radiation_polarization 0.0
_diffrn_radiation_efficiency 1.0
_chi2_sum True
_range_2theta_min {request['range'][0]}
_range_2theta_max {request['range'][1]}

loop_
_phase_label
_phase_scale
_phase_igsize
crystal 1.0 0.0

loop_
_pd_background_2theta
_pd_background_intensity
0.0 0.0
170.0 0.0

loop_
_pd_meas_2theta
_pd_meas_intensity
_pd_meas_intensity_sigma
{points}
"""
)
dictionary = model.get_dictionary()
result = {}
rhochi_calc_chi_sq_by_dictionary(
    dictionary, dict_in_out=result, flag_use_precalculated_data=False, flag_calc_analytical_derivatives=False
)
lines = result['pd_powder1d']['dict_in_out_crystal']
crystal = dictionary['crystal_crystal']
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
