/** One look for all figures: paper column widths, one type face, colours that the colour-blind can tell apart. */

const PX_PER_MM = 96 / 25.4;

/** Column widths of the common journals, in CSS pixels (96 to the inch). */
export const SINGLE_COLUMN = 85 * PX_PER_MM;
export const DOUBLE_COLUMN = 170 * PX_PER_MM;

/** Arimo is bundled for PNG and PDF; Arial, Helvetica and Liberation Sans have the same widths. */
export const FONT_FAMILY = "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif";
export const FONT_SIZE = 9.5;
export const SMALL = 8.5;

export const INK = '#1a1a1a';
export const GREY = '#6b6b6b';
export const LIGHT = '#d0d0d0';
export const MISSING = '#c4c4c4';

/** Okabe and Ito, 'Color Universal Design' (2008): distinguishable with every kind of colour vision. */
export const BLUE = '#0072B2';
export const VERMILLION = '#D55E00';
export const GREEN = '#009E73';
export const ORANGE = '#E69F00';
export const SKY = '#56B4E9';
export const PURPLE = '#CC79A7';
export const BLACK = '#000000';

const CYCLE = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK];
export const seriesColour = (index: number): string => CYCLE[index % CYCLE.length]!;

/** Phases keep their colour from figure to figure. */
export function phaseColour(name: string, index: number): string {
  const known: Record<string, string> = {
    Li3YCl6: BLUE,
    LYC: BLUE,
    In: ORANGE,
    LiIn: VERMILLION,
    LiCl: PURPLE,
    YCl3: GREEN,
  };
  return known[name] ?? seriesColour(index + 2);
}

/** Boundaries: unlike any phase, and dark enough for text. */
export const BOUNDARY = '#8B1A62';
