"""The Larch side of compare-larch.ts: the first line of stdin is a JSON task, each further one names an operation to time.

Every line is answered by one line of JSON, so that both programs can take turns on a busy machine.
"""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import lmfit
import numpy as np
from larch import Group
from larch.math.lincombo_fitting import lincombo_fit, lincombo_fitall
from larch.xafs import pre_edge


def times_of(action, seconds):
    """The times of single calls in seconds, for about so long."""
    times = []
    begin = time.perf_counter()
    while not times or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return times


def normalized(energy, mu):
    group = Group(energy=energy.copy(), mu=mu.copy())
    pre_edge(group)
    return group


task = json.loads(sys.stdin.readline())
out = {"spectra": []}
for spectrum in task["spectra"]:
    energy, mu = np.array(spectrum["energy"]), np.array(spectrum["mu"])
    try:
        g = normalized(energy, mu)
        out["spectra"].append({"name": spectrum["name"], "e0": g.e0, "step": g.edge_step, "norm": g.norm.tolist(), "flat": g.flat.tolist()})
    except Exception as error:  # what Larch cannot do is part of the comparison
        out["spectra"].append({"name": spectrum["name"], "error": f"{type(error).__name__}: {error}"})

timing = task["timing"]
energy, mu = np.array(timing["normalize"]["energy"]), np.array(timing["normalize"]["mu"])

peaks = timing["peaks"]
x, y = np.array(peaks["energy"]), np.array(peaks["norm"])
weights = 1.0 / peaks["sigma"]


def fit_peaks():
    model = (
        lmfit.models.GaussianModel(prefix="a_")
        + lmfit.models.GaussianModel(prefix="b_")
        + lmfit.models.StepModel(prefix="s_", form="atan")
        + lmfit.models.ConstantModel(prefix="k_")
    )
    params = model.make_params()
    for name, (value, low, high) in peaks["start"].items():
        params[name].set(value=value, min=low, max=high)
    return model.fit(y, params, x=x, weights=weights)


fit = fit_peaks()
out["peaks"] = {name: fit.params[name].value for name in peaks["start"]}
out["peaks"]["chi2"] = fit.chisqr

lcf = timing["lcf"]


def group_of(item):
    return Group(energy=np.array(item["energy"]), norm=np.array(item["norm"]), filename=item["name"], groupname=item["name"], label=item["name"])


unknown = group_of(lcf["unknown"])
standards = [group_of(item) for item in lcf["standards"]]
three = [standards[k] for k in (0, 1, 4)]
low, high = lcf["range"]
bounds = {"xmin": low, "xmax": high}


def fit_lcf():
    return lincombo_fit(unknown, three, minvals=[0] * 3, maxvals=[1] * 3, **bounds)


out["lcf"] = list(fit_lcf().weights.values())
print(json.dumps(out), flush=True)

operations = {
    "normalize": lambda: normalized(energy, mu),
    "peaks": fit_peaks,
    "lcf": fit_lcf,
    "search": lambda: lincombo_fitall(unknown, standards, minvals=[0] * 6, maxvals=[1] * 6, max_ncomps=4, **bounds),
}
for line in sys.stdin:
    name, seconds = line.split()
    print(json.dumps(times_of(operations[name], float(seconds))), flush=True)
