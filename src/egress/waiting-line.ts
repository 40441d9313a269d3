import type { Exchange } from './exchange.ts';

/** First come, first served; leaving from the middle costs no more than from the front. */
export class WaitingLine {
  #first: Exchange | null = null;
  #last: Exchange | null = null;

  get isEmpty(): boolean {
    return this.#first === null;
  }

  push(exchange: Exchange): void {
    exchange.previous = this.#last;
    if (this.#last === null) this.#first = exchange;
    else this.#last.next = exchange;
    this.#last = exchange;
  }

  /** Puts an exchange in front of all others. */
  unshift(exchange: Exchange): void {
    exchange.next = this.#first;
    if (this.#first === null) this.#last = exchange;
    else this.#first.previous = exchange;
    this.#first = exchange;
  }

  shift(): Exchange | null {
    const first = this.#first;
    if (first !== null) this.remove(first);
    return first;
  }

  /** The exchange must be in this line. */
  remove(exchange: Exchange): void {
    if (exchange.previous === null) this.#first = exchange.next;
    else exchange.previous.next = exchange.next;
    if (exchange.next === null) this.#last = exchange.previous;
    else exchange.next.previous = exchange.previous;
    exchange.previous = null;
    exchange.next = null;
  }
}
