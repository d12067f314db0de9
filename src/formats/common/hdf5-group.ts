import type { Dataset, Entity, Group } from 'h5wasm/node';
import { InputError } from '../../errors.js';
import { H5DatasetReader } from './hdf5-dataset.js';
import { type Attributes, H5Reader } from './hdf5-reader.js';

export class H5GroupReader extends H5Reader {
  constructor(
    file: string,
    private readonly group: Group,
    path: string,
  ) {
    super(file, path);
  }

  protected readAttributes(): Attributes {
    return this.group.attrs;
  }

  get nxClass(): string {
    return this.attributeText('NX_class') ?? '';
  }

  names(): string[] {
    return this.group.keys();
  }

  /** A group or dataset below this one, or null where there is none. @throws InputError for a broken link. */
  child(name: string): H5GroupReader | H5DatasetReader | null {
    const path = name.startsWith('/') ? name : `${this.path === '/' ? '' : this.path}/${name}`;
    let entity: Entity | null;
    try {
      entity = this.group.get(name);
    } catch {
      return null;
    }
    if (entity === null) return null;
    const kind = String((entity as { type?: unknown }).type);
    if (kind === 'Group') return new H5GroupReader(this.file, entity as Group, path);
    if (kind === 'Dataset') return new H5DatasetReader(this.file, entity as Dataset, path);
    if (kind === 'ExternalLink') {
      const link = entity as { filename: string };
      throw new InputError(`links to the file '${link.filename}', which is not there`, {
        path: this.file,
        dataset: path,
      });
    }
    return null;
  }

  groupAt(name: string): H5GroupReader | null {
    const found = this.child(name);
    return found instanceof H5GroupReader ? found : null;
  }

  dataset(name: string): H5DatasetReader | null {
    const found = this.child(name);
    return found instanceof H5DatasetReader ? found : null;
  }

  /** All groups and datasets below, depth first; broken links and anything beyond the bounds is left out. */
  *walk(maxDepth = 12, budget = { left: 20_000 }): Generator<H5GroupReader | H5DatasetReader> {
    for (const name of this.names()) {
      if (budget.left-- <= 0) return;
      let found: H5GroupReader | H5DatasetReader | null;
      try {
        found = this.child(name);
      } catch {
        continue;
      }
      if (found === null) continue;
      yield found;
      if (found instanceof H5GroupReader && maxDepth > 1) yield* found.walk(maxDepth - 1, budget);
    }
  }
}
