/** hc in eV angstrom (exact in the SI of 2019, CODATA 2018). */
export const HC_EV_ANGSTROM = 12398.419843320025;
