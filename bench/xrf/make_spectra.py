#!/usr/bin/env python3
"""A raw map of full spectra in the layout of MAPS (channel, row, column; a chunk a row), written row by row.

    python3 make_spectra.py map.h5 SIDE [--chunk ROWS]

Three layers side by side hold Ca, Fe or Cu, with counts of about 300 a pixel; 2048 channels of 10 eV.
"""
import argparse

import h5py
import numpy as np

CHANNELS = 2048
LINES = {"Ca": (3691, 4013), "Fe": (6400, 7058), "Cu": (8041, 8905)}
LAYERS = [{"Ca": 20, "Fe": 250, "Cu": 5}, {"Ca": 120, "Fe": 60, "Cu": 20}, {"Ca": 250, "Fe": 3, "Cu": 60}]


def spectrum(areas):
    energy = 10.0 * np.arange(CHANNELS)
    mean = np.where((energy > 500) & (energy < 11000), 0.02, 0)
    peaks = [(line, area * share) for element, area in areas.items() for line, share in zip(LINES[element], (0.88, 0.12))]
    for line, area in [*peaks, (10000, 100)]:
        sigma = np.hypot(100, 2.3548 * np.sqrt(3.65 * 0.12 * line)) / 2.3548
        mean = mean + area * 10 / sigma / np.sqrt(2 * np.pi) * np.exp(-0.5 * ((energy - line) / sigma) ** 2)
    return mean


parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("side", type=int)
parser.add_argument("--chunk", type=int, default=1)
args = parser.parse_args()
rng = np.random.default_rng(1)
means = np.array([spectrum(areas) for areas in LAYERS])
columns = means[np.minimum(3 * np.arange(args.side) // args.side, 2)].T
drawn = [rng.poisson(columns).astype(np.int16) for _ in range(8)]
with h5py.File(args.out, "w") as file:
    data = file.create_dataset("MAPS_RAW/data_a", (CHANNELS, args.side, args.side), np.int16, chunks=(CHANNELS, args.chunk, args.side))
    for row in range(args.side):
        data[:, row, :] = drawn[row % 8]
