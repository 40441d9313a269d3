import type { Clock } from '../model/clock.ts';

/**
 * Says whether this process may deliver. PostgreSQL frees the shards of a process whose session has ended, and
 * others end the session of a process that has given no sign of life for a while; a process that was paused, or
 * cut off, hears of that late. So it may act only as long as its last sign of life was confirmed less than
 * half of that time ago: before it may be taken for dead, it has stopped by itself.
 *
 * Both clocks are asked: the monotonic one does not jump, but stands still while a virtual machine is suspended.
 */
export class Fence {
  readonly #clock: Clock;
  readonly #openForMs: number;
  #openUntilMs = Number.NEGATIVE_INFINITY;
  #openUntilWallMs = Number.NEGATIVE_INFINITY;

  /** `processTimeoutMs`: silence after which others take the process for dead. */
  constructor(clock: Clock, processTimeoutMs: number) {
    this.#clock = clock;
    this.#openForMs = processTimeoutMs / 2;
  }

  get isOpen(): boolean {
    return this.#clock.monotonicMs() < this.#openUntilMs && this.#clock.nowMs() < this.#openUntilWallMs;
  }

  /** The two clocks at the moment of asking, to be handed to `confirm`. */
  asked(): readonly [monotonicMs: number, wallMs: number] {
    return [this.#clock.monotonicMs(), this.#clock.nowMs()];
  }

  /** The session was alive at some time after it was asked. */
  confirm([monotonicMs, wallMs]: readonly [monotonicMs: number, wallMs: number]): void {
    this.#openUntilMs = monotonicMs + this.#openForMs;
    this.#openUntilWallMs = wallMs + this.#openForMs;
  }

  shut(): void {
    this.#openUntilMs = Number.NEGATIVE_INFINITY;
  }
}
