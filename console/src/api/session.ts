import { useSyncExternalStore } from 'react';
import type { Me, Role } from './types.ts';

/** The portal, opened with a link: its token stays in this tab. */
export interface PortalSession {
  readonly kind: 'portal';
  readonly token: string;
}

/** Someone who signed in. A cookie that scripts cannot read stands for the session; here is who they are. */
export interface ConsoleSession {
  readonly kind: 'console';
  readonly me: Me;
  /** Where they act: a workspace's id; null: where the server lets them begin. */
  readonly workspace: string | null;
}

export type Session = PortalSession | ConsoleSession;

/** Why nobody is signed in although someone was. */
export type SignedOutBecause = 'by-hand' | 'refused' | null;

export type SessionState =
  | Session
  | { readonly kind: 'signed-out'; readonly because: SignedOutBecause }
  /** Whether someone is signed in is not known: the server did not say. */
  | { readonly kind: 'unknown'; readonly error: unknown };

const portalKey = 'rowhook-portal';
const workspaceKey = 'rowhook-workspace';
const listeners = new Set<() => void>();
let state: SessionState = { kind: 'signed-out', because: null };

function change(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The state of this tab, inside of React. */
export function useSessionState(): SessionState {
  return useSyncExternalStore(subscribe, () => state);
}

/** The session of this tab, outside of React; null: nobody is signed in. */
export function currentSession(): Session | null {
  return state.kind === 'portal' || state.kind === 'console' ? state : null;
}

/** Whoever is signed in; null: a customer in the portal, or nobody. */
export function useMe(): Me | null {
  const session = useSessionState();
  return session.kind === 'console' ? session.me : null;
}

/** What someone may do in the workspace in which they act. */
export function roleOf(session: SessionState): Role {
  if (session.kind === 'portal') return 'editor';
  if (session.kind !== 'console') return 'viewer';
  const { me, workspace } = session;
  if (me.operator) return 'operator';
  const membership = me.memberships.find((each) => each.workspace.id === workspace) ?? me.memberships[0];
  return membership?.role ?? 'viewer';
}

const ranks: readonly Role[] = ['viewer', 'editor', 'admin', 'operator'];

/** Whether whoever is signed in may do what a role may; others are not offered what the server would refuse. */
export function useMay(needed: Role): boolean {
  return ranks.indexOf(roleOf(useSessionState())) >= ranks.indexOf(needed);
}

/** Whether this is a customer's portal, which is the console reduced. */
export function useIsPortal(): boolean {
  return useSessionState().kind === 'portal';
}

/** Someone has signed in; they go on in the workspace where they last were, if it is still theirs. */
export function beginConsole(me: Me): void {
  const last = sessionStorage.getItem(workspaceKey) ?? localStorage.getItem(workspaceKey);
  const isTheirs = me.operator || me.memberships.some(({ workspace }) => workspace.id === last);
  const workspace = isTheirs ? last : (me.memberships[0]?.workspace.id ?? null);
  change({ kind: 'console', me, workspace });
}

/** What is known of whoever is signed in has changed. */
export function updateMe(me: Me): void {
  if (state.kind === 'console') change({ ...state, me });
}

/** A customer has opened the portal in this tab. */
export function beginPortal(token: string): void {
  sessionStorage.setItem(portalKey, token);
  change({ kind: 'portal', token });
}

/** The portal that is open in this tab, from before a reload. */
export function rememberedPortal(): string | null {
  return sessionStorage.getItem(portalKey);
}

/** The session is over. */
export function endSession(because: SignedOutBecause): void {
  sessionStorage.removeItem(portalKey);
  change({ kind: 'signed-out', because });
}

/** The server did not say whether someone is signed in. */
export function sessionUnknown(error: unknown): void {
  change({ kind: 'unknown', error });
}

/** Acts in another workspace from now on. */
export function chooseWorkspace(workspace: string): void {
  if (state.kind !== 'console') return;
  sessionStorage.setItem(workspaceKey, workspace);
  localStorage.setItem(workspaceKey, workspace);
  change({ ...state, workspace });
}

/** The workspace that was chosen is gone: back to where the server lets one begin. */
export function forgetWorkspace(): void {
  sessionStorage.removeItem(workspaceKey);
  localStorage.removeItem(workspaceKey);
  if (state.kind === 'console') change({ ...state, workspace: null });
}
