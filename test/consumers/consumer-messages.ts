/** How a hook of a consumer answers what comes. */
export type Behaviour =
  | { readonly kind: 'answer'; readonly status: number; readonly afterMs?: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'silence' }
  /** One in `every` deliveries is answered with 500 so many `times` before it is accepted. */
  | { readonly kind: 'failSome'; readonly every: number; readonly times: number };

/** What the test tells the process of a consumer. */
export interface HookOrder {
  readonly path: string;
  /** Requests are verified with it; null: they are not signed. */
  readonly secret: string | null;
  readonly behaviour: Behaviour;
}

/** One request as it came. */
export interface Arrival {
  readonly path: string;
  readonly id: string;
  readonly body: string;
  /** What the library `standardwebhooks` says: null when the signature and the timestamp are right. */
  readonly fault: string | null;
  /** Status of the answer; null when there is none. */
  readonly status: number | null;
}

/** What the process of a consumer tells the test. */
export type ConsumerReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'hooked'; readonly path: string }
  | { readonly kind: 'arrived'; readonly arrival: Arrival };
