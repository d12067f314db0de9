import { readFileSync } from 'node:fs';

/** One NIST StRD nonlinear regression problem as its file states it. */
export interface NistProblem {
  starts: [number[], number[]];
  certified: number[];
  deviations: number[];
  residualSum: number;
  y: Float64Array;
  x: number[][];
}

type Curve = (b: Float64Array, x: number[]) => number;
const { exp, cos, sin, atan, PI } = Math;
const gauss2: Curve = (b, [x]) =>
  b[0]! * exp(-b[1]! * x!) +
  b[2]! * exp(-((x! - b[3]!) ** 2) / b[4]! ** 2) +
  b[5]! * exp(-((x! - b[6]!) ** 2) / b[7]! ** 2);
const cubic: Curve = (b, [x]) =>
  (b[0]! + x! * (b[1]! + x! * (b[2]! + x! * b[3]!))) / (1 + x! * (b[4]! + x! * (b[5]! + x! * b[6]!)));
const lanczos: Curve = (b, [x]) =>
  b[0]! * exp(-b[1]! * x!) + b[2]! * exp(-b[3]! * x!) + b[4]! * exp(-b[5]! * x!);
const saturation: Curve = (b, [x]) => b[0]! * (1 - exp(-b[1]! * x!));
const chwirut: Curve = (b, [x]) => exp(-b[0]! * x!) / (b[1]! + b[2]! * x!);

/** The 27 models, written from the files' formulas. */
export const nistModels: Record<string, Curve> = {
  Bennett5: (b, [x]) => b[0]! * (b[1]! + x!) ** (-1 / b[2]!),
  BoxBOD: saturation,
  Chwirut1: chwirut,
  Chwirut2: chwirut,
  DanWood: (b, [x]) => b[0]! * x! ** b[1]!,
  ENSO: (b, [x]) =>
    b[0]! +
    b[1]! * cos((2 * PI * x!) / 12) +
    b[2]! * sin((2 * PI * x!) / 12) +
    b[4]! * cos((2 * PI * x!) / b[3]!) +
    b[5]! * sin((2 * PI * x!) / b[3]!) +
    b[7]! * cos((2 * PI * x!) / b[6]!) +
    b[8]! * sin((2 * PI * x!) / b[6]!),
  Eckerle4: (b, [x]) => (b[0]! / b[1]!) * exp(-0.5 * ((x! - b[2]!) / b[1]!) ** 2),
  Gauss1: gauss2,
  Gauss2: gauss2,
  Gauss3: gauss2,
  Hahn1: cubic,
  Kirby2: (b, [x]) => (b[0]! + x! * (b[1]! + x! * b[2]!)) / (1 + x! * (b[3]! + x! * b[4]!)),
  Lanczos1: lanczos,
  Lanczos2: lanczos,
  Lanczos3: lanczos,
  MGH09: (b, [x]) => (b[0]! * (x! ** 2 + x! * b[1]!)) / (x! ** 2 + x! * b[2]! + b[3]!),
  MGH10: (b, [x]) => b[0]! * exp(b[1]! / (x! + b[2]!)),
  MGH17: (b, [x]) => b[0]! + b[1]! * exp(-x! * b[3]!) + b[2]! * exp(-x! * b[4]!),
  Misra1a: saturation,
  Misra1b: (b, [x]) => b[0]! * (1 - (1 + (b[1]! * x!) / 2) ** -2),
  Misra1c: (b, [x]) => b[0]! * (1 - (1 + 2 * b[1]! * x!) ** -0.5),
  Misra1d: (b, [x]) => (b[0]! * b[1]! * x!) / (1 + b[1]! * x!),
  Nelson: (b, [x1, x2]) => b[0]! - b[1]! * x1! * exp(-b[2]! * x2!),
  Rat42: (b, [x]) => b[0]! / (1 + exp(b[1]! - b[2]! * x!)),
  Rat43: (b, [x]) => b[0]! / (1 + exp(b[1]! - b[2]! * x!)) ** (1 / b[3]!),
  Roszman1: (b, [x]) => b[0]! - b[1]! * x! - atan(b[2]! / (x! - b[3]!)) / PI,
  Thurber: cubic,
};

export function readNist(path: string): NistProblem {
  const lines = readFileSync(path, 'latin1').split(/\r?\n/);
  const rows = lines.flatMap((line) => {
    const match = /^\s*b\d+\s*=\s*(.*)$/.exec(line);
    return match ? [match[1]!.trim().split(/\s+/).map(Number)] : [];
  });
  const residual = lines.find((line) => line.startsWith('Residual Sum of Squares'))!;
  const first = lines.findLastIndex((line) => /^Data:\s+y/.test(line)) + 1;
  const data = lines
    .slice(first)
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const logarithm = path.endsWith('Nelson.dat');
  return {
    starts: [rows.map((row) => row[0]!), rows.map((row) => row[1]!)],
    certified: rows.map((row) => row[2]!),
    deviations: rows.map((row) => row[3]!),
    residualSum: Number(residual.split(':')[1]),
    y: Float64Array.from(data, (row) => (logarithm ? Math.log(row[0]!) : row[0]!)),
    x: data.map((row) => row.slice(1)),
  };
}
