import type { DeliveryListener } from '../delivery/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Delivery } from '../model/delivery.ts';
import { randomCharacters } from '../model/ids.ts';
import type { Webhook } from '../model/webhook.ts';
import type { Signals } from '../store/postgres/shard-store.ts';
import { LetterBox, sendLetter } from './letters.ts';

export interface LiveDeliveriesOptions {
  readonly signals: Signals;
  readonly clock: Clock;
  readonly webhook: (number: number) => Webhook | null;
  readonly onError: (error: unknown) => void;
}

interface Interest {
  readonly from: string;
  readonly workspaces: readonly number[];
}

interface News {
  readonly from: string;
  readonly deliveries: readonly Delivery[];
}

const interestChannel = 'rowhook_watched';
const newsChannel = 'rowhook_deliveries';
/** How often a process says what it watches, and how long that counts. */
const renewMs = 10_000;
const countsForMs = 30_000;
/** Deliveries are gathered for so long and told together. */
const gatherMs = 250;
/** Deliveries of one workspace that are told at once; older ones are left out. */
const toldTogether = 50;
/** Numbers that fit into one notification. */
const workspacesAtOnce = 400;

/**
 * Lets each process follow deliveries that another one makes, for consoles that are open. A process says which
 * workspaces it watches, and the others tell it of these only, a few times a second and not of all when there
 * are many. All of it may get lost: whoever must know reads the log.
 */
export class LiveDeliveries {
  readonly #options: LiveDeliveriesOptions;
  readonly #ownName = randomCharacters(16);
  readonly #listeners = new Map<number, Set<DeliveryListener>>();
  /** Workspaces that other processes watch, and until when, monotonic. */
  readonly #watched = new Map<number, number>();
  readonly #gathered = new Map<number, Delivery[]>();
  #stopListening: Array<() => void> = [];
  #cancelTold: (() => void) | null = null;
  #cancelRenewal: (() => void) | null = null;
  #stopped = false;

  constructor(options: LiveDeliveriesOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { signals } = this.#options;
    const box = new LetterBox();
    this.#stopListening = [
      await signals.listen(interestChannel, (payload) =>
        this.#heardInterest(JSON.parse(payload) as Interest),
      ),
      await signals.listen(newsChannel, (payload) => {
        const letter = box.take(payload);
        if (letter !== null) this.#heardNews(JSON.parse(letter) as News);
      }),
    ];
    this.#renew();
  }

  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stopListening) stop();
    this.#cancelTold?.();
    this.#cancelRenewal?.();
  }

  /** Calls back with the attempts made for a workspace, wherever; answers how to stop. */
  watch(workspaceNumber: number, listener: DeliveryListener): () => void {
    const known = this.#listeners.get(workspaceNumber);
    const listeners = known ?? new Set();
    listeners.add(listener);
    this.#listeners.set(workspaceNumber, listeners);
    if (!known) this.#sayInterest([workspaceNumber]);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(workspaceNumber) === listeners)
        this.#listeners.delete(workspaceNumber);
    };
  }

  /** An engine of this process has made an attempt. */
  readonly made: DeliveryListener = (webhook, delivery) => {
    const { workspaceNumber } = webhook;
    for (const listener of this.#listeners.get(workspaceNumber) ?? []) listener(webhook, delivery);
    const watchedUntilMs = this.#watched.get(workspaceNumber);
    if (watchedUntilMs === undefined) return;
    if (watchedUntilMs < this.#options.clock.monotonicMs()) this.#watched.delete(workspaceNumber);
    else this.#gather(workspaceNumber, delivery);
  };

  #gather(workspaceNumber: number, delivery: Delivery): void {
    const gathered = this.#gathered.get(workspaceNumber) ?? [];
    gathered.push(delivery);
    if (gathered.length > toldTogether) gathered.shift();
    this.#gathered.set(workspaceNumber, gathered);
    this.#cancelTold ??= this.#options.clock.after(gatherMs, () => {
      this.#cancelTold = null;
      const deliveries = [...this.#gathered.values()].flat();
      this.#gathered.clear();
      const news: News = { from: this.#ownName, deliveries };
      sendLetter(this.#options.signals, newsChannel, JSON.stringify(news)).catch(this.#options.onError);
    });
  }

  #heardNews({ from, deliveries }: News): void {
    if (from === this.#ownName) return;
    for (const delivery of deliveries) {
      const listeners = this.#listeners.get(delivery.workspaceNumber);
      const webhook = listeners && this.#options.webhook(delivery.webhookNumber);
      if (webhook) for (const listener of listeners) listener(webhook, delivery);
    }
  }

  #heardInterest({ from, workspaces }: Interest): void {
    if (from === this.#ownName) return;
    const untilMs = this.#options.clock.monotonicMs() + countsForMs;
    for (const number of workspaces) this.#watched.set(number, untilMs);
  }

  #renew(): void {
    if (this.#stopped) return;
    this.#sayInterest([...this.#listeners.keys()]);
    this.#cancelRenewal = this.#options.clock.after(renewMs, () => this.#renew());
  }

  /** In pieces that fit into a notification. */
  #sayInterest(workspaces: readonly number[]): void {
    const { signals, onError } = this.#options;
    for (let start = 0; start < workspaces.length; start += workspacesAtOnce) {
      const interest: Interest = {
        from: this.#ownName,
        workspaces: workspaces.slice(start, start + workspacesAtOnce),
      };
      signals.send(interestChannel, JSON.stringify(interest)).catch(onError);
    }
  }
}
