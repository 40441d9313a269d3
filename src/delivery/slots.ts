/** Someone who wants to send: called back when there is a slot to try again with. */
export interface SlotUser {
  readonly workspaceNumber: number;
  /** Its last attempt failed: it may hold only part of the slots, so that the healthy always find one. */
  readonly suspect: boolean;
  slotFreed(): void;
}

/** The part of all slots that webhooks with a failed last attempt may hold together. */
const suspectShare = 0.5;
/** A webhook takes a further slot only while it holds fewer than so many times the slots that are free. */
const heldPerFreeSlot = 4;

/**
 * The requests that the process may have under way at once. When there are more who want to send than
 * slots, turns go round the workspaces, and within a workspace round its webhooks.
 *
 * The more slots are taken, the fewer a webhook may hold. So consumers that never answer, before anybody can
 * know that they never will, leave some free: ten that want as many as they can get, 12 of 512.
 */
export class Slots {
  readonly #limit: number;
  readonly #suspectLimit: number;
  /** Per workspace, those who wait, in order of arrival. Map order is the order of turns. */
  readonly #waiting = new Map<number, Set<SlotUser>>();
  readonly #held = new Map<SlotUser, number>();
  #taken = 0;
  #takenBySuspects = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#suspectLimit = Math.max(1, Math.floor(limit * suspectShare));
  }

  get taken(): number {
    return this.#taken;
  }

  hasRoomFor(user: SlotUser): boolean {
    const free = this.#limit - this.#taken;
    if (user.suspect && this.#takenBySuspects >= this.#suspectLimit) return false;
    return (this.#held.get(user) ?? 0) < free * heldPerFreeSlot;
  }

  /** Puts the user in line: it is called back, once, when it is its turn. */
  wait(user: SlotUser): void {
    const line = this.#waiting.get(user.workspaceNumber);
    if (line) line.add(user);
    else this.#waiting.set(user.workspaceNumber, new Set([user]));
  }

  /** Takes a slot, which must be there (`hasRoomFor`). The answer gives it back. */
  take(user: SlotUser): () => void {
    const { suspect } = user;
    this.#taken += 1;
    this.#held.set(user, (this.#held.get(user) ?? 0) + 1);
    if (suspect) this.#takenBySuspects += 1;
    return () => {
      this.#taken -= 1;
      this.#giveBack(user);
      if (suspect) this.#takenBySuspects -= 1;
      if (this.#waiting.size > 0) this.#callWaiting();
    };
  }

  /** Takes the user out of the line. */
  leave(user: SlotUser): void {
    const line = this.#waiting.get(user.workspaceNumber);
    line?.delete(user);
    if (line?.size === 0) this.#waiting.delete(user.workspaceNumber);
  }

  #giveBack(user: SlotUser): void {
    const held = (this.#held.get(user) ?? 0) - 1;
    if (held > 0) this.#held.set(user, held);
    else this.#held.delete(user);
  }

  #callWaiting(): void {
    for (let next = this.#nextInLine(); next !== null; next = this.#nextInLine()) next.slotFreed();
  }

  /** Takes who comes next out of the line, and moves its workspace to the end of the round. */
  #nextInLine(): SlotUser | null {
    for (const [workspaceNumber, line] of this.#waiting) {
      for (const user of line) {
        if (!this.hasRoomFor(user)) continue;
        line.delete(user);
        this.#waiting.delete(workspaceNumber);
        if (line.size > 0) this.#waiting.set(workspaceNumber, line);
        return user;
      }
    }
    return null;
  }
}
