"""The Larch side of compare-larch.ts: reads a JSON task from stdin, prints results and times as JSON."""
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


def timed(action, seconds=1.5, least=5):
    """Tenth percentile of the time of one call (other work on the machine does not count), after one to warm up."""
    result = action()
    times = []
    begin = time.perf_counter()
    while len(times) < least or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
        if time.perf_counter() - begin > 10 * seconds:
            break
    return result, float(np.quantile(times, 0.1))


def normalized(energy, mu):
    group = Group(energy=energy.copy(), mu=mu.copy())
    pre_edge(group)
    return group


task = json.load(sys.stdin)
out = {"spectra": [], "times": {}}
for spectrum in task["spectra"]:
    energy, mu = np.array(spectrum["energy"]), np.array(spectrum["mu"])
    try:
        g = normalized(energy, mu)
        out["spectra"].append({"name": spectrum["name"], "e0": g.e0, "step": g.edge_step, "norm": g.norm.tolist(), "flat": g.flat.tolist()})
    except Exception as error:  # what Larch cannot do is part of the comparison
        out["spectra"].append({"name": spectrum["name"], "error": f"{type(error).__name__}: {error}"})

timing = task["timing"]
energy, mu = np.array(timing["normalize"]["energy"]), np.array(timing["normalize"]["mu"])
_, out["times"]["normalize"] = timed(lambda: normalized(energy, mu))

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


fit, out["times"]["peaks"] = timed(fit_peaks)
out["peaks"] = {name: fit.params[name].value for name in peaks["start"]}
out["peaks"]["chi2"] = fit.chisqr

lcf = timing["lcf"]


def group_of(item):
    return Group(energy=np.array(item["energy"]), norm=np.array(item["norm"]), filename=item["name"], groupname=item["name"], label=item["name"])


unknown = group_of(lcf["unknown"])
standards = [group_of(item) for item in lcf["standards"]]
three = [standards[k] for k in (0, 1, 4)]
low, high = lcf["range"]
result, out["times"]["lcf"] = timed(lambda: lincombo_fit(unknown, three, minvals=[0] * 3, maxvals=[1] * 3, xmin=low, xmax=high))
out["lcf"] = list(result.weights.values())
_, out["times"]["search"] = timed(
    lambda: lincombo_fitall(unknown, standards, minvals=[0] * 6, maxvals=[1] * 6, xmin=low, xmax=high, max_ncomps=4), seconds=3, least=2
)
print(json.dumps(out))
