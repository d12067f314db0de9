import { InputError } from '../../errors.js';
import { alignSeries } from '../../xas/scans/align-scans.js';
import { plusMinus, textTable } from '../table.js';
import type { AlignFlags } from './flags.js';
import { fitOrFault, loadSpectra, needOneEdge } from './load.js';
import { print, tell, writeSpectrum } from './output.js';

export async function alignFiles(files: string[], flags: AlignFlags): Promise<void> {
  const loaded = await loadSpectra(files, flags);
  needOneEdge(loaded, 2, 'align');
  const spectra = loaded.map(({ spectrum }) => spectrum);
  const fixed = flags.to === undefined ? 0 : spectra.findIndex(({ label }) => label === flags.to);
  if (fixed < 0)
    throw new InputError(
      `--to: no spectrum is called '${flags.to}'`,
      null,
      `there are ${spectra.map(({ label }) => label).join(', ')}`,
    );
  const found = fitOrFault(() => alignSeries(spectra, fixed), loaded[fixed]!.file);
  if (flags.out)
    for (const [k, spectrum] of spectra.entries()) {
      const shift = found.shifts_eV[k];
      if (!shift) continue;
      const comments = [`energies moved by ${shift.value} eV onto ${spectra[fixed]!.label}`];
      const energy_eV = spectrum.energy_eV.map((e) => e + shift.value);
      await writeSpectrum(flags.out, { ...spectrum, energy_eV }, { comments });
    }
  const rows = spectra.map(({ label }, k) => ({
    label,
    shift_eV: found.shifts_eV[k] ?? null,
    reduced_chi2: found.reducedChi2[k]!,
  }));
  for (const { label, shift_eV } of rows)
    if (!shift_eV) tell(`${label}: has another shape than ${spectra[fixed]!.label}, so it was not moved`);
  print(flags, { onto: spectra[fixed]!.label, by: found.by, spectra: rows }, () =>
    textTable(
      ['spectrum', `added to its energies (by ${found.by}) / eV`, 'reduced chi2'],
      rows.map((row) => [
        row.label,
        row.label === spectra[fixed]!.label ? 'fixed' : plusMinus(row.shift_eV),
        Number.isFinite(row.reduced_chi2) ? row.reduced_chi2.toFixed(2) : '–',
      ]),
    ),
  );
}
