"""Lines of a crystal by cryspy: angles, multiplicities and |F|^2, with the tables that they rest on."""

import cryspy
import numpy
from cryspy.procedure_rhochi.rhochi_by_dictionary import rhochi_calc_chi_sq_by_dictionary


def lines_of(crystal, wavelength, low, high):
    """`crystal` is RCIF text. Returns cryspy's lines between two angles (deg), and its dictionary of the atoms."""
    points = '\n'.join(f'{t:.1f} 1 1' for t in numpy.arange(low, high, 0.1))
    model = cryspy.str_to_globaln(
        f"""global_

{crystal}

data_powder1d
_setup_wavelength {wavelength}
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
_range_2theta_min {low}
_range_2theta_max {high}

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
    return result['pd_powder1d']['dict_in_out_crystal'], dictionary['crystal_crystal']
