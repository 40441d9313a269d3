import type { TokenId, WorkspaceId } from './ids.ts';

/** A tenant: owns bases, events, webhooks; the scope of a token. */
export interface Workspace {
  readonly id: WorkspaceId;
  /** Small number that stands for the workspace inside the store. */
  readonly number: number;
  readonly name: string;
  readonly createdAtMs: number;
}

/** An operator acts in every workspace, a workspace's token in its own. The token itself is kept only as a hash. */
export interface ApiToken {
  readonly id: TokenId;
  readonly name: string;
  readonly scope:
    | { readonly kind: 'operator' }
    | { readonly kind: 'workspace'; readonly workspaceNumber: number };
  readonly createdAtMs: number;
}
