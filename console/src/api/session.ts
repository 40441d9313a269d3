import { useSyncExternalStore } from 'react';

/** How the console signs its calls. */
export interface Session {
  readonly token: string;
  /** Where an operator acts: a workspace's id; null: where the token leads by itself. */
  readonly workspace: string | null;
}

/** Why the sign-in page is shown although someone was signed in. */
export type SignedOutBecause = 'by-hand' | 'refused' | null;

const storageKey = 'rowhook-session';
const listeners = new Set<() => void>();
let signedOutBecause: SignedOutBecause = null;
let session = load();

function load(): Session | null {
  const stored = sessionStorage.getItem(storageKey) ?? localStorage.getItem(storageKey);
  if (stored === null) return null;
  try {
    const { token, workspace } = JSON.parse(stored) as Partial<Session>;
    return typeof token === 'string' ? { token, workspace: workspace ?? null } : null;
  } catch {
    return null;
  }
}

function change(next: Session | null): void {
  session = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The session of this tab, outside of React. */
export function currentSession(): Session | null {
  return session;
}

/** The session of this tab; null: nobody is signed in. */
export function useSession(): Session | null {
  return useSyncExternalStore(subscribe, currentSession);
}

/** Why nobody is signed in any more. */
export function useSignedOutBecause(): SignedOutBecause {
  return useSyncExternalStore(subscribe, () => signedOutBecause);
}

/** Keeps the token for this tab, or, with `stay`, until someone signs out. */
export function signIn(token: string, stay: boolean): void {
  const next = { token, workspace: null };
  forget();
  (stay ? localStorage : sessionStorage).setItem(storageKey, JSON.stringify(next));
  signedOutBecause = null;
  change(next);
}

/** Forgets the token. */
export function signOut(because: SignedOutBecause): void {
  forget();
  signedOutBecause = because;
  change(null);
}

/** Acts in another workspace from now on; for operators. */
export function chooseWorkspace(workspace: string): void {
  if (!session) return;
  const next = { ...session, workspace };
  const storage = sessionStorage.getItem(storageKey) === null ? localStorage : sessionStorage;
  storage.setItem(storageKey, JSON.stringify(next));
  change(next);
}

/**
 * Takes the token from an address like `/#token=…`, which `npm start` prints, and takes it out of the
 * address bar and the history. It came from the machine's own terminal, so it is kept.
 */
export function signInFromAddress(): void {
  const match = /^#token=([^&]+)/.exec(location.hash);
  if (!match?.[1]) return;
  history.replaceState(null, '', location.pathname + location.search);
  signIn(decodeURIComponent(match[1]), true);
}

function forget(): void {
  sessionStorage.removeItem(storageKey);
  localStorage.removeItem(storageKey);
}
