/** How workspaces are divided among shards. The number of shards is fixed when the database is set up. */
export class Shards {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  ofWorkspace(workspaceNumber: number): number {
    return workspaceNumber % this.count;
  }

  /** The shard is part of a webhook's number: nothing has to be looked up, not even once the webhook is gone. */
  ofWebhook(webhookNumber: number): number {
    return webhookNumber % this.count;
  }

  /** The number of the `ordinal`th webhook, if it is of this workspace. */
  webhookNumber(ordinal: number, workspaceNumber: number): number {
    return ordinal * this.count + this.ofWorkspace(workspaceNumber);
  }
}
