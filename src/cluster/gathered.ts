/** Asks for what is wanted in one turn of the event loop all at once. What the answer lacks is null. */
export class Gathered<Key, Value> {
  readonly #ask: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;
  #wanted = new Map<Key, Promise<Value | null>>();
  #asking: Promise<ReadonlyMap<Key, Value>> | null = null;

  constructor(ask: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>) {
    this.#ask = ask;
  }

  get(key: Key): Promise<Value | null> {
    const known = this.#wanted.get(key);
    if (known) return known;
    this.#asking ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const keys = [...this.#wanted.keys()];
      this.#wanted = new Map();
      this.#asking = null;
      return this.#ask(keys);
    });
    const value = this.#asking.then((values) => values.get(key) ?? null);
    this.#wanted.set(key, value);
    return value;
  }
}
