import type { PortalLinkId } from './ids.ts';

/** A secret link that an operator hands to a customer: it opens the portal of one workspace. */
export interface PortalLink {
  readonly id: PortalLinkId;
  readonly workspaceNumber: number;
  /** For whom it is; shown in the audit log with what they do. */
  readonly name: string;
  /** The event types on offer: exact names, groups such as `invoice.*`; null: every one. */
  readonly eventTypes: readonly string[] | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** The link opens no more from then on, and the sessions it opened end. */
  readonly expiresAtMs: number;
  readonly lastOpenedAtMs: number | null;
}

/** A portal link as it is handed to the store. */
export type NewPortalLink = Omit<PortalLink, 'createdAtMs' | 'lastOpenedAtMs'>;
