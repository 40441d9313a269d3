import type { TokenId, WorkspaceId } from './ids.ts';
import type { Role, WorkspaceRole } from './role.ts';

/** How the portal of a workspace looks to the customer. */
export interface Branding {
  /** Shown in place of the workspace's name; null: that is shown. */
  readonly displayName: string | null;
  /** `#rrggbb`; null: the console's own. */
  readonly color: string | null;
  /** A picture as a `data:` URL; null: none. */
  readonly logo: string | null;
}

export const plainBranding: Branding = { displayName: null, color: null, logo: null };

/** How much a workspace may have; null: as the settings of the server say. */
export interface WorkspaceLimits {
  readonly webhooks: number | null;
}

export const noLimits: WorkspaceLimits = { webhooks: null };

/** A tenant: owns bases, events, webhooks; the scope of a token. */
export interface Workspace {
  readonly id: WorkspaceId;
  /** Small number that stands for the workspace inside the store. */
  readonly number: number;
  readonly name: string;
  readonly branding: Branding;
  readonly limits: WorkspaceLimits;
  readonly createdAtMs: number;
}

/** What can be changed of a workspace. */
export type WorkspaceChanges = Partial<Pick<Workspace, 'name' | 'branding' | 'limits'>>;

/** A program's key to the API. The token itself is kept only as a hash. */
export interface ApiToken {
  readonly id: TokenId;
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdAtMs: number;
  /** Refused from then on; null: never. */
  readonly expiresAtMs: number | null;
  /** Within a minute or two; null: not used yet. */
  readonly lastUsedAtMs: number | null;
}

/** An operator's token acts in every workspace, a workspace's in its own and with one role. */
export type TokenScope =
  | { readonly kind: 'operator' }
  | { readonly kind: 'workspace'; readonly workspaceNumber: number; readonly role: WorkspaceRole };

/** What the bearer of a token may do. */
export function roleOfToken(token: Pick<ApiToken, 'scope'>): Role {
  return token.scope.kind === 'operator' ? 'operator' : token.scope.role;
}

/** A token as it is handed to the store, which adds the rest. */
export type NewApiToken = Omit<ApiToken, 'createdAtMs' | 'lastUsedAtMs'>;
