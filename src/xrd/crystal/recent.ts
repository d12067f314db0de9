/**
 * The last few results by the identity of what they were made from. Nothing changes in place, so identity is enough; a
 * WeakMap would do the same, but each of its entries costs the garbage collector more than most of what is kept here.
 */
export class Recent<Key, Value> {
  private readonly keys: Key[] = [];
  private readonly values: Value[] = [];
  private next = 0;

  constructor(private readonly size: number) {}

  get(key: Key): Value | undefined {
    const at = this.keys.indexOf(key);
    return at < 0 ? undefined : this.values[at];
  }

  /** The value of a key that is the same by content. */
  find(isSame: (key: Key) => boolean): Value | undefined {
    const at = this.keys.findIndex(isSame);
    return at < 0 ? undefined : this.values[at];
  }

  set(key: Key, value: Value): Value {
    const known = this.keys.indexOf(key);
    const at = known < 0 ? this.next : known;
    if (known < 0) this.next = (this.next + 1) % this.size;
    this.keys[at] = key;
    this.values[at] = value;
    return value;
  }
}
