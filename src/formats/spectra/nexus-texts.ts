import { elementSymbol } from '../../reference/elements.js';
import { H5DatasetReader, H5GroupReader } from '../common/hdf5.js';
import { edgeName } from './edge-name.js';

/** Short texts in a group and in the groups of it that name the sample, the element and the edge. */
export function nearbyTexts(group: H5GroupReader): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of group.names()) {
    const found = safely(() => group.child(name));
    if (found instanceof H5DatasetReader && found.isText && found.size <= 1) {
      const text = safely(() => found.text());
      if (text) texts[name] = text;
    } else if (found instanceof H5GroupReader) {
      const key =
        /element|^edge$/iu.exec(name)?.[0].toLowerCase() ?? (found.nxClass === 'NXsample' ? 'name' : null);
      const text = key && safely(() => (found.dataset('symbol') ?? found.dataset('name'))?.text() ?? null);
      if (key && text) texts[key] = text;
    }
  }
  for (const name of ['element', 'edge', 'title']) {
    const text = group.attributeText(name);
    if (text !== null) texts[name] ??= text;
  }
  return texts;
}

function safely<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The element and edge that such texts state. */
export const statedEdge = (
  texts: Record<string, string>,
): { element: string | null; edge: string | null } => ({
  element: elementSymbol(texts.element ?? texts.absorbed_element ?? texts.symbol ?? ''),
  edge: edgeName(texts.edge ?? ''),
});
