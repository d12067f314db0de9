import * as h5wasm from 'h5wasm/node';

/** A tree of groups, datasets and attributes to write: keys with @ are attributes, objects with `data` are datasets. */
export interface Tree {
  [name: string]: Tree | Written | string | string[] | number;
}
export interface Written {
  data: Float64Array | Float32Array | Int16Array | Uint16Array | Int32Array | string | string[];
  shape?: number[];
  attributes?: Record<string, string | string[]>;
}

/** A group may hold a dataset called 'data'. */
const isWritten = (node: Tree | Written): node is Written =>
  'data' in node &&
  (typeof node.data === 'string' || Array.isArray(node.data) || ArrayBuffer.isView(node.data));

/** Writes an HDF5 file for a test. */
export async function writeHdf5(path: string, tree: Tree): Promise<string> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'w');
  fill(file, tree);
  file.close();
  return path;
}

function fill(group: h5wasm.Group, tree: Tree): void {
  for (const [name, node] of Object.entries(tree)) {
    if (name.startsWith('@')) group.create_attribute(name.slice(1), node as string);
    else if (typeof node === 'object' && !Array.isArray(node)) {
      if (!isWritten(node)) fill(group.create_group(name), node);
      else {
        const { data, shape, attributes } = node;
        const dataset = group.create_dataset({ name, data, ...(shape ? { shape } : {}) });
        for (const [key, value] of Object.entries(attributes ?? {})) dataset.create_attribute(key, value);
      }
    }
  }
}
