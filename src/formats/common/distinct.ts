/** Equal names told apart by a number, in a form of the caller's choice; none that another item bears by itself. */
export function distinct(names: readonly string[], numbered: (name: string, n: number) => string): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    for (let n = 2; ; n++) {
      const candidate = numbered(name, n);
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      return candidate;
    }
  });
}
