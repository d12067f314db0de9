import { join, relative } from 'node:path';
import type { LineScanResult, MapResult, Problem, Result, SpectrumResult } from '../result.js';
import { interval, plusMinus, textTable } from './table.js';

/** The short answer of a run, for a terminal. */
export function resultTable(result: Result, folder: string): string {
  const report = relative(process.cwd(), join(folder, 'report.html')) || join(folder, 'report.html');
  return [
    `${result.sample}: ${result.status === 'ok' ? 'all done' : 'done, with failures'}`,
    ...result.lineScans.map(lineScanPart),
    result.spectra.length > 0 ? spectraPart(result.spectra) : '',
    ...result.maps.map(mapPart),
    problemsPart(result.problems),
    `Report: ${report}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function lineScanPart(scan: LineScanResult): string {
  const { aei } = scan;
  const present =
    aei.present === null
      ? 'cannot tell'
      : aei.present
        ? `present (delta BIC ${aei.delta_bic?.toFixed(1) ?? '–'})`
        : 'none found';
  const best = scan.hypotheses.find(({ weight }) => weight !== null);
  const rows = [
    ['AEI', present, ''],
    ['x', plusMinus(aei.x), interval(aei.x?.interval95)],
    ['thickness', plusMinus(aei.thickness_um, 'um'), interval(aei.thickness_um?.interval95)],
    ...scan.boundaries.map((edge) => [
      edge.name,
      plusMinus({ value: edge.position_um, sigma: edge.sigma_um }, 'um'),
      interval(edge.interval95_um),
    ]),
    ...(best ? [['hypothesis', `${best.name} (weight ${best.weight?.toFixed(2)})`, '']] : []),
  ];
  const used = scan.patterns.filter(({ status }) => status === 'ok' || status === 'repaired').length;
  return `Line scan ${scan.name}: ${used} of ${scan.patterns.length} patterns used\n${textTable(['', 'value', '95 % interval'], rows)}`;
}

function spectraPart(spectra: SpectrumResult[]): string {
  const rows = spectra.map((spectrum) => [
    spectrum.label,
    spectrum.edge,
    spectrum.role,
    plusMinus(spectrum.e0_eV),
    plusMinus(spectrum.calibration_shift_eV),
    plusMinus(spectrum.edge_shift_eV),
    spectrum.peaks.map((peak) => `${peak.name} ${plusMinus(peak.center_eV)}`).join(', '),
  ]);
  return textTable(
    ['spectrum', 'edge', 'role', 'E0 / eV', 'calibration / eV', 'edge shift / eV', 'peaks / eV'],
    rows,
  );
}

function mapPart(map: MapResult): string {
  const rows: string[][] = [];
  for (const region of map.regions ?? []) rows.push([region.name, `${region.area_um2.toFixed(0)} um²`]);
  const thickness = map.aei_thickness_um;
  if (thickness)
    rows.push(['AEI thickness', plusMinus({ value: thickness.mean, sigma: thickness.sigma }, 'um')]);
  for (const component of map.components ?? [])
    rows.push([
      component.name,
      `${plusMinus({ value: component.mean, sigma: component.sigma })}, limit ${component.limit95.toPrecision(2)}`,
    ]);
  for (const element of map.elements ?? [])
    rows.push([`${element.element} ${element.line}`, `${plusMinus(element.counts)} counts`]);
  return `Map ${map.name}\n${textTable(['', 'value'], rows)}`;
}

function problemsPart(problems: Problem[]): string {
  if (problems.length === 0) return '';
  return [
    'Problems',
    ...problems.map((p) => `  ${p.severity}: ${p.input ? `${p.input}: ` : ''}${p.message}`),
  ].join('\n');
}
