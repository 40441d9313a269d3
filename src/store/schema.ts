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
    created_at: number;
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
