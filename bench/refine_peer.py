#!/usr/bin/env python3
"""PbSO4 refined by easydiffraction (cryspy) with the parameters that bench/refine.ts uses; prints one line of JSON.

    pip install easydiffraction
    python3 bench/refine_peer.py ../shared/data/xrd/ed-16.dat
"""
import contextlib
import io
import json
import sys
import time

import numpy as np

with contextlib.redirect_stdout(io.StringIO()):
    import easydiffraction as ed

SITES = (("Pb", "Pb", .1882, .25, .1670, 1.37), ("S", "S", .0653, .25, .6839, .38), ("O1", "O", .9082, .25, .5945, 1.97),
         ("O2", "O", .1935, .25, .5428, 1.44), ("O3", "O", .0811, .0272, .8086, 1.28))


def prepare(path):
    structure = ed.StructureFactory.from_scratch(name="pbso4")
    structure.space_group.name_h_m = "P n m a"
    structure.space_group.it_coordinate_system_code = "abc"
    for axis, length in zip("abc", (8.480, 5.398, 6.960)):
        setattr(structure.cell, f"length_{axis}", length)
    for label, kind, x, y, z, b in SITES:
        structure.atom_sites.create(label=label, type_symbol=kind, fract_x=x, fract_y=y, fract_z=z, b_iso=b,
                                    wyckoff_letter="d" if label == "O3" else "c")
    experiment = ed.ExperimentFactory.from_data_path(name="lab", data_path=path, sample_form="powder",
                                                     beam_mode="constant wavelength", radiation_probe="xray")
    experiment.instrument.setup_wavelength = 1.540567
    experiment.instrument.calib_twotheta_offset = -0.05
    peak = experiment.peak
    peak.broad_gauss_u, peak.broad_gauss_v, peak.broad_gauss_w = 0.3, -0.11, 0.021
    peak.broad_lorentz_x, peak.broad_lorentz_y = 0.0, 0.058
    experiment.background_type = "chebyshev"
    for order, value in enumerate((200.0, 0.0, 0.0, 0.0, 0.0, 0.0)):
        experiment.background.create(id=str(order), order=order, coef=value)
    experiment.linked_phases.create(id="pbso4", scale=0.001)
    free = [experiment.instrument.calib_twotheta_offset, peak.broad_gauss_u, peak.broad_gauss_v, peak.broad_gauss_w,
            peak.broad_lorentz_y, experiment.linked_phases["pbso4"].scale,
            structure.cell.length_a, structure.cell.length_b, structure.cell.length_c]
    free += [term.coef for term in experiment.background]
    return structure, experiment, free


def main():
    with contextlib.redirect_stdout(io.StringIO()):
        structure, experiment, free = prepare(sys.argv[1])
        project = ed.Project()
        project.structures.add(structure)
        project.experiments.add(experiment)
        started = time.perf_counter()
        # First what is linear, then everything: the peer needs the hand that our program does without.
        for stage in (free[5:6] + free[9:], free):
            for parameter in free:
                parameter.free = False
            for parameter in stage:
                parameter.free = True
            project.analysis.fit()
        seconds = time.perf_counter() - started
        data = experiment.data
        observed = np.asarray(data.intensity_meas)
        calculated = np.asarray(data.intensity_calc)
        sigma = np.asarray(data.intensity_meas_su)
    weight = 1 / sigma ** 2
    rwp = 100 * np.sqrt((weight * (observed - calculated) ** 2).sum() / (weight * observed ** 2).sum())
    cell = [getattr(structure.cell, f"length_{axis}").value for axis in "abc"]
    print(json.dumps(dict(program="easydiffraction " + ed.__version__ if hasattr(ed, "__version__") else "easydiffraction",
                          rwp_percent=float(rwp), cell=cell, seconds=seconds, parameters=len(free))))


if __name__ == "__main__":
    main()
