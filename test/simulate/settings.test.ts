import { describe, expect, it } from 'vitest';
import { cutCell } from '../../src/simulate/cell.js';
import { parseSettings, settingKeys, settingsHelp } from '../../src/simulate/settings.js';

const cellFor = (...texts: string[]) => {
  const { settings, given } = parseSettings(texts);
  return cutCell(settings, given);
};

describe('settings of a simulation', () => {
  it('call a sample that nobody named after its age', () => {
    const name = (...texts: string[]): string => parseSettings(texts).settings.sample;
    expect(name()).toBe('LYC | Li-In after 1000 cycles');
    expect(name('cycles=50')).toBe('LYC | Li-In after 50 cycles');
    expect(name('cycles=0')).toBe('LYC | Li-In before cycling');
    expect(name('cycles=50', 'sample=mine')).toBe('mine');
  });

  it('names the nearest key for an unknown one, and says what a value may be', () => {
    expect(() => parseSettings(['edgess=3'])).toThrow("did you mean 'edges'?");
    expect(() => parseSettings(['map.thicknes=3'])).toThrow("did you mean 'map.thickness'?");
    expect(() => parseSettings(['x'])).toThrow('write --set x=0.2');
    expect(() => parseSettings(['x=much'])).toThrow('it takes a number');
    expect(() => parseSettings(['x=2'])).toThrow('0 to 0.9');
    expect(() => parseSettings(['patterns=2.5'])).toThrow('a whole number');
    expect(() => parseSettings(['site=8h'])).toThrow('6h, 6g, y, y-migration, none');
    expect(() => parseSettings(['noise=maybe'])).toThrow('true or false');
    expect(() => parseSettings(['two-theta=5,40'])).toThrow('3 numbers, such as 11,45,0.02');
    expect(() => parseSettings(['edges=1,2,3'])).toThrow('1 or 2 numbers');
    expect(() => parseSettings(['parts=uxrd,maps'])).toThrow('words from uxrd, xas, xrf, stack');
    expect(() => cellFor('edges=41,26')).toThrow('ascending');
  });

  it('lists every key in the help', () => {
    for (const key of settingKeys()) expect(settingsHelp()).toContain(`  ${key}=`);
  });

  it('makes the AEI grow with cycles, and leaves it out where told', () => {
    expect(cellFor().edges_um).toEqual([26.1, 41]);
    expect(cellFor().mapThickness_um).toBe(48);
    expect(cellFor('cycles=100').mapThickness_um).toBe(5);
    expect(cellFor('cycles=75').mapThickness_um).toBeCloseTo(3.75, 10);
    expect(cellFor('cycles=50').edges_um).toEqual([26.1, 28.6]);
    for (const none of ['cycles=0', 'aei=false', 'site=none', 'x=0', 'edges=30']) {
      expect(cellFor(none).present).toBe(false);
      expect(cellFor(none).edges_um).toHaveLength(1);
      expect(cellFor(none).mapThickness_um).toBe(0);
      expect(cellFor(none).indiumShare).toBe(0);
    }
    expect(cellFor('cycles=50', 'edges=10,30').edges_um).toEqual([10, 30]);
    expect(cellFor('site=y-migration', 'x=0.1').indiumShare).toBe(0);
  });
});
