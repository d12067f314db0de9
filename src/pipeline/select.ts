import type { ItemRef } from './cache.js';
import type { NeedMode } from './stage.js';

/**
 * The items of a product that a run for `key` sees under a mode. null: the run cannot take place, because an item
 * that it needs does not exist (whatever made it fail has been reported there).
 */
export function selectItems(items: readonly ItemRef[], mode: NeedMode, key: string): ItemRef[] | null {
  switch (mode) {
    case 'all':
      return [...items];
    case 'children':
    case 'stream':
      return items.filter((item) => item.key.startsWith(`${key}/`));
    case 'each':
    case 'same':
      return items.filter((item) => item.key === key);
    case 'parent': {
      const ancestors = items.filter(
        (item) => item.key === key || item.key === '' || key.startsWith(`${item.key}/`),
      );
      const closest = ancestors.sort((a, b) => b.key.length - a.key.length)[0];
      return closest ? [closest] : null;
    }
  }
}
