import type { RetentionStep } from '../port.ts';
import { withinBytes } from '../retention-step.ts';
import type { Connections } from './connections.ts';
import { jsonParameter } from './json-parameter.ts';
import { call, type Statement, statement } from './statement.ts';

interface OldAttempt {
  readonly webhook_number: number;
  readonly seq: number;
  readonly number: number;
  readonly bytes: number;
}

/** The place of a sweep that is at the attempts after the first; null and any other are at the first ones. */
const furtherAttempts = 'further';
const firstAttempts = 'first';

const oldAttempts = statement(`
  SELECT webhook_number, seq, number, octet_length(attempt) AS bytes FROM attempts
  WHERE shard = $1 AND started_at < $2 ORDER BY started_at LIMIT $3`);
const removeAttempts = statement(`
  DELETE FROM attempts USING json_to_recordset($2::json) AS gone (webhook_number bigint, seq bigint, number integer)
  WHERE attempts.shard = $1 AND attempts.webhook_number = gone.webhook_number AND attempts.seq = gone.seq
    AND attempts.number = gone.number`);
const oldFirstAttempts = statement(`
  SELECT webhook_number, seq, 1 AS number, octet_length(first_attempt) AS bytes FROM deliveries
  WHERE shard = $1 AND first_attempt IS NOT NULL AND first_started_at < $2 ORDER BY first_started_at LIMIT $3`);
const removeFirstAttempts = statement(`
  UPDATE deliveries SET first_attempt = NULL, first_started_at = NULL
  FROM json_to_recordset($2::json) AS gone (webhook_number bigint, seq bigint)
  WHERE deliveries.shard = $1 AND deliveries.webhook_number = gone.webhook_number AND deliveries.seq = gone.seq`);

/**
 * Removes attempts by their age: first those after the first, which are rows of their own, then the first
 * ones, which are kept inside their deliveries.
 */
export class Exchanges {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async remove(
    shard: number,
    startedBeforeMs: number,
    from: string | null,
    limit: number,
  ): Promise<RetentionStep> {
    if (from === null || from === furtherAttempts) {
      const removed = await this.#remove(oldAttempts, removeAttempts, shard, startedBeforeMs, limit);
      return { removed, next: removed > 0 ? furtherAttempts : firstAttempts };
    }
    const removed = await this.#remove(oldFirstAttempts, removeFirstAttempts, shard, startedBeforeMs, limit);
    return { removed, next: removed > 0 ? firstAttempts : null };
  }

  async #remove(
    find: Statement,
    remove: Statement,
    shard: number,
    startedBeforeMs: number,
    limit: number,
  ): Promise<number> {
    const found = await this.#connections.read<OldAttempt>(find, [shard, startedBeforeMs, limit]);
    const old = withinBytes(found);
    if (old.length === 0) return 0;
    await this.#connections.write((link) => link.commitAll([call(remove, shard, jsonParameter(old))]));
    return old.length;
  }
}
