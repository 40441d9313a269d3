/** Which methods each path knows, to tell a wrong method from a wrong path. */
export class RouteIndex {
  readonly #methods = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  /** Adds a route; `url` may have parameters such as `:id`. */
  add(method: string | readonly string[], url: string): void {
    let entry = this.#methods.get(url);
    if (!entry) {
      const pattern = url
        .split('/')
        .map((step) => (step.startsWith(':') ? '[^/]+' : step.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
        .join('/');
      entry = { pattern: new RegExp(`^${pattern}$`), methods: new Set() };
      this.#methods.set(url, entry);
    }
    for (const one of typeof method === 'string' ? [method] : method) entry.methods.add(one);
  }

  /** The methods a path knows, sorted; empty when there is no such path. */
  methodsOf(path: string): readonly string[] {
    const found = new Set<string>();
    for (const { pattern, methods } of this.#methods.values()) {
      if (pattern.test(path)) for (const method of methods) found.add(method);
    }
    return [...found].sort();
  }
}
