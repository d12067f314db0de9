#!/usr/bin/env python3
"""PyMca's fast linear fit of a raw block of spectra (float32, pixel by channel), for comparison.

    python3 pymca_fit.py request.json

The request names the file, its shape, the detector, the fitted channels and the element groups; the answer (areas of
each group summed over pixels, and the seconds that the fit took) is printed as JSON.
"""
import json
import sys
import time

import numpy as np
from PyMca5.PyMcaIO import ConfigDict  # noqa: F401  (fails early where PyMca is absent)
from PyMca5.PyMcaPhysics.xrf import ClassMcaTheory, FastXRFLinearFit

request = json.load(open(sys.argv[1]))
shape = request["shape"]
data = np.fromfile(request["file"], dtype=np.float32).reshape(shape)

theory = ClassMcaTheory.McaTheory()
config = theory.getConfiguration()
config["fit"].update(
    linearfitflag=1, stripflag=1 if request["snip"] else 0, stripalgorithm=1, snipwidth=request.get("snipwidth", 30), stripfilterwidth=1,
    stripanchorsflag=0, continuum=0, escapeflag=1 if request["escape"] else 0, sumflag=0, scatterflag=1 if request["scatter"] else 0,
    hypermetflag=1, energy=[request["incident_keV"]], energyflag=[1], energyweight=[1.0], energyscatter=[1 if request["scatter"] else 0],
    fitweight=1, fitfunction=0, use_limit=1, xmin=request["first"], xmax=request["last"], linpolorder=1, exppolorder=1,
    deltaarea=0.01, maxiter=10,
)
config["detector"].update(
    zero=request["zero_keV"], gain=request["gain_keV"], noise=request["noise_keV"], fano=request["fano"], sum=0.0,
    fixedzero=1, fixedgain=1, fixednoise=1, fixedfano=1, fixedsum=1, detele="Si",
)
config["peaks"] = {element: shells for element, shells in request["peaks"].items()}
for name in list(config["attenuators"]):
    config["attenuators"][name][0] = 0
theory.setConfiguration(config)
theory.configure(config)

fit = FastXRFLinearFit.FastXRFLinearFit(mcafit=theory)
x = np.arange(shape[-1]).astype(np.float32)
repeats, processor = [], []
for _ in range(request.get("repeat", 1)):
    start, used = time.perf_counter(), time.process_time()
    out = fit.fitMultipleSpectra(x=x, y=data, weight=1, refit=True, concentrations=False, configuration=config, save=False)
    repeats.append(time.perf_counter() - start)
    processor.append(time.process_time() - used)
names = out.labels("parameters")
areas = {}
for name, image in zip(names, out["parameters"]):
    areas["-".join(name) if isinstance(name, tuple) else str(name)] = float(np.nansum(image))
print(json.dumps({"areas": areas, "seconds": min(repeats), "processor": min(processor), "spectra": int(np.prod(shape[:-1]))}))
