/** Everything that the audit log tells of. */
export const auditActions = [
  'sign-in.succeeded',
  'sign-in.failed',
  'sign-in.blocked',
  'session.ended',
  'token.created',
  'token.deleted',
  'person.created',
  'person.changed',
  'person.deleted',
  'person.password-set',
  'person.password-link-created',
  'member.added',
  'member.changed',
  'member.removed',
  'workspace.created',
  'workspace.changed',
  'workspace.deleted',
  'portal-link.created',
  'portal-link.opened',
  'portal-link.deleted',
  'base.created',
  'base.renamed',
  'base.deleted',
  'table.created',
  'table.changed',
  'table.deleted',
  'event-type.created',
  'event-type.changed',
  'event-type.deleted',
  'webhook.created',
  'webhook.changed',
  'webhook.enabled',
  'webhook.paused',
  'webhook.invalidated',
  'webhook.deleted',
  'webhook.secret-read',
  'webhook.secret-changed',
  'webhook.queue-cleared',
  'replay.started',
  'replay.changed',
  'settings.changed',
  'audit.exported',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Who did something, and from where. */
export interface AuditAuthor {
  /** `server`: Rowhook itself, when it starts. */
  readonly kind: 'person' | 'token' | 'portal' | 'stranger' | 'server';
  /** Id of the person, the token or the portal link; null for the others. */
  readonly id: string | null;
  readonly name: string;
  /** The person that a program named with `Rowhook-User`. */
  readonly onBehalfOf: string | null;
  readonly requestId: string | null;
  /** IP address of the client. */
  readonly address: string | null;
}

/** A value that was changed, printed as JSON is; what is secret stands as `***`. */
export interface AuditChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What was done, before it is known by whom. */
export interface AuditNote {
  readonly action: AuditAction;
  /** Null: it concerns the whole installation. */
  readonly workspaceNumber: number | null;
  readonly target: {
    /** `webhook`, `token`, … */
    readonly kind: string;
    readonly id: string;
    /** As it was called then. */
    readonly name: string;
  };
  readonly changes: readonly AuditChange[];
}

/** One line of the audit log. */
export interface AuditEntry extends AuditNote {
  /** Place in the log; grows. */
  readonly seq: number;
  readonly atMs: number;
  readonly author: AuditAuthor;
}

/** Which entries of the audit log are wanted. */
export interface AuditFilter {
  /** Null: those that concern the whole installation; left out: all. */
  readonly workspaceNumber?: number | null;
  /** An action, or a group of them such as `webhook.*`. */
  readonly action?: string;
  readonly authorId?: string;
  readonly targetId?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}
