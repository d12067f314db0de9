#!/usr/bin/env python3
"""The same fractions with errors by vectorised numpy, for comparison of speed.

    python3 stack_numpy.py stack.f32 references.json
"""
import json
import sys
import time

import numpy as np

request = json.load(open(sys.argv[2]))
data = np.fromfile(sys.argv[1], dtype=np.float32).reshape(request["energies"], -1)
design = np.array(request["design"]).T  # energies x coefficients
times, processor = [], []
for _ in range(request.get("repeat", 3)):
    start, used = time.perf_counter(), time.process_time()
    gram = np.linalg.inv(design.T @ design)
    c = (gram @ design.T) @ data.astype(np.float64)
    residual = data - design @ c
    variance = (residual ** 2).sum(axis=0) / (design.shape[0] - design.shape[1])
    level = data.mean(axis=0)
    slope, intercept = np.polyfit(level, variance, 1)
    variance = np.maximum(intercept + slope * level, 1e-30)
    total = c[:2].sum(axis=0)
    f = c[:2] / total
    m = gram[:2, :2]
    var = np.stack([m[j, j] - 2 * f[j] * m[j].sum() + f[j] ** 2 * m.sum() for j in (0, 1)])
    sigma = np.sqrt(var * variance) / total
    times.append(time.perf_counter() - start)
    processor.append(time.process_time() - used)
print(json.dumps({"seconds": min(times), "processor": min(processor), "mean": float(f[0].mean()), "sigma": float(sigma[0].mean())}))
