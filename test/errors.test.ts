import { describe, expect, it } from 'vitest';
import { InputError, systemFault } from '../src/errors.js';

const fault = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: raw text`), { code, path });

describe('faults of the machine', () => {
  it('are told in plain words with a cure', () => {
    const told = systemFault(fault('ENOSPC'), '/data/out');
    expect(told).toBeInstanceOf(InputError);
    expect(told?.message).toMatch(/^\/data\/out: the disk is full \(make room/);
    expect(systemFault(fault('EACCES', '/data/x'))?.message).toMatch(/^\/data\/x: permission denied \(/);
  });

  it('are found in the text of HDF5, which carries no code', () => {
    const hdf5 = new Error(
      "HDF5-DIAG: Error detected\n errno = 51, error message = 'No space left on device'",
    );
    expect(systemFault(hdf5, 'result.nxs')?.message).toMatch(/^result\.nxs: the disk is full/);
  });

  it('leave everything else alone', () => {
    expect(systemFault(new TypeError('x is not a function'))).toBeNull();
    expect(systemFault('text')).toBeNull();
  });
});
