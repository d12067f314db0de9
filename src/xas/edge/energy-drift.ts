/**
 * Repeatability of a monochromator's energy between scans, relative: what a spectrum's axis is uncertain by if it was
 * calibrated on another scan. Ten parts in a million are usual for a good double-crystal monochromator.
 */
export const REPEATABILITY = 1e-5;
