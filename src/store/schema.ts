import type { Generated } from 'kysely';

/**
 * The tables that both engines reach through Kysely: configuration and structure, where a query more or
 * less does not matter. The hot tables (events, deliveries, attempts, retries, rows) have statements of
 * their own in each engine's folder. Booleans are 0 or 1, times milliseconds, `*_json` printed JSON.
 */
export interface Schema {
  workspaces: {
    number: Generated<number>;
    id: string;
    name: string;
    branding_json: string;
    limits_json: string;
    created_at: number;
    deleted_at: number | null;
  };
  tokens: {
    id: string;
    name: string;
    secret_hash: string;
    /** Null for an operator's token. */
    workspace_number: number | null;
    role: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
  people: {
    number: Generated<number>;
    id: string;
    email: string;
    name: string;
    operator: number;
    state: string;
    password_hash: string | null;
    openid_subject: string | null;
    created_at: number;
    created_by: string;
    last_sign_in_at: number | null;
  };
  memberships: {
    person_number: number;
    workspace_number: number;
    role: string;
  };
  password_links: {
    person_number: number;
    secret_hash: string;
    purpose: string;
    created_at: number;
    expires_at: number;
  };
  sessions: {
    id: string;
    secret_hash: string;
    person_number: number | null;
    token_hash: string | null;
    portal_link_id: string | null;
    created_at: number;
    last_used_at: number;
    expires_at: number;
    address: string;
    user_agent: string;
  };
  portal_links: {
    id: string;
    secret_hash: string;
    workspace_number: number;
    name: string;
    event_types_json: string | null;
    created_at: number;
    created_by: string;
    expires_at: number;
    last_opened_at: number | null;
  };
  audit_entries: {
    seq: Generated<number>;
    at: number;
    /** Null: it concerns the whole installation. */
    workspace_number: number | null;
    action: string;
    author_kind: string;
    author_id: string | null;
    author_name: string;
    on_behalf_of: string | null;
    request_id: string | null;
    address: string | null;
    target_kind: string;
    target_id: string;
    target_name: string;
    changes_json: string;
  };
  audit_retention: { removable_before: number };
  bases: {
    id: string;
    workspace_number: number;
    name: string;
    created_at: number;
  };
  base_tables: {
    number: Generated<number>;
    id: string;
    base_id: string;
    workspace_number: number;
    name: string;
    version: number;
    columns_json: string;
    /** Number of the next row; never goes back. */
    next_row_number: number;
    created_at: number;
  };
  table_versions: {
    table_number: number;
    version: number;
    id: string;
    base_id: string;
    workspace_number: number;
    name: string;
    columns_json: string;
    created_at: number;
  };
  event_types: {
    number: Generated<number>;
    workspace_number: number;
    name: string;
    version: number;
    description: string;
    groups_json: string;
    schema_json: string | null;
    example_json: string | null;
    enforcement: string | null;
    deprecated: number;
    deprecation_note: string;
    archived: number;
    created_at: number;
    updated_at: number;
  };
  event_type_versions: {
    event_type_number: number;
    version: number;
    schema_json: string | null;
    example_json: string | null;
    created_at: number;
  };
  publishing_policies: {
    workspace_number: number;
    enforcement: string;
    unknown_types: string;
    revision: number;
  };
  activity: {
    number: Generated<number>;
    workspace_number: number;
    webhook_number: number;
    span: string;
    starts_at: number;
    writer: string;
    attempts: number;
    succeeded: number;
    failed: number;
    exhausted: number;
    latencies: string;
  };
  scheduled_events: {
    number: Generated<number>;
    id: string;
    workspace_number: number;
    due_at: number;
    type: string;
    event_json: string;
    state: string;
    created_at: number;
    finished_at: number | null;
    event_seq: number | null;
    event_accepted_at: number | null;
    cancelled_by: string | null;
  };
  idempotency_keys: {
    workspace_number: number;
    key: string;
    fingerprint: string;
    note: string;
    places_json: string;
    created_at: number;
  };
  webhooks: {
    number: Generated<number>;
    id: string;
    workspace_number: number;
    version: number;
    settings_json: string;
    /** The signing secret and former ones (`SigningSecrets`), as JSON, sealed as one. */
    sealed_secret: string;
    state: string;
    reason: string | null;
    since: number;
    failures_in_row: number;
    failing_since: number | null;
    starts_after_seq: number;
    revision: number;
    interventions: number;
    created_at: number;
    updated_at: number;
  };
  webhook_versions: {
    webhook_number: number;
    version: number;
    settings_json: string;
    created_at: number;
  };
  replays: {
    number: Generated<number>;
    id: string;
    workspace_number: number;
    webhook_number: number;
    scope: string;
    since: number;
    until: number;
    from_seq: number;
    to_seq: number;
    position_seq: number;
    rate_per_second: number;
    state: string;
    reason: string | null;
    succeeded: number;
    failed: number;
    created_by: string;
    created_at: number;
    finished_at: number | null;
  };
  health_changes: {
    id: Generated<number>;
    webhook_number: number;
    at: number;
    state: string;
    reason: string | null;
  };
}
