import { createRequire } from 'node:module';
import type { ResvgRenderOptions } from '@resvg/resvg-js';

const require = createRequire(import.meta.url);
const FONTS = ['400Regular/Arimo_400Regular.ttf', '700Bold/Arimo_700Bold.ttf'].map((file) =>
  require.resolve(`@expo-google-fonts/arimo/${file}`),
);

/** 300 dots to the inch at the printed size. */
const DOTS_PER_PX = 300 / 96;

/** Only the bundled font, so that the same drawing gives the same picture on every machine. */
const options = (zoom: number): ResvgRenderOptions => ({
  font: { fontFiles: FONTS, loadSystemFonts: false, defaultFontFamily: 'Arimo', sansSerifFamily: 'Arimo' },
  fitTo: { mode: 'zoom', value: zoom },
  logLevel: 'off',
});

/** A drawing as PNG at 300 dpi. One at a time: a page of pixels takes far more memory than the file it becomes. */
export async function toPng(svg: string, zoom = DOTS_PER_PX): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js');
  return new Resvg(svg, options(zoom)).render().asPng();
}

/** The drawing reduced to paths and images, text turned into outlines: what the PDF writer understands. */
export async function toOutlines(svg: string): Promise<string> {
  const { Resvg } = await import('@resvg/resvg-js');
  return new Resvg(svg, options(1)).toString();
}
