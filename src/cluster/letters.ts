import { randomCharacters } from '../model/ids.ts';
import type { Signals } from '../store/postgres/shard-store.ts';

/** Characters of one part: with what is around them, and however JSON prints them, they fit into a notification. */
const partCharacters = 1_500;
/** A letter of more parts is not sent: whoever has so much to say must say it otherwise. */
const mostParts = 200;
/** Letters of which some parts have come; the oldest are given up when there are more. */
const mostIncomplete = 1_000;

interface Part {
  readonly letter: string;
  readonly part: number;
  readonly parts: number;
  readonly text: string;
}

/** Sends a text of any length up to some hundred KiB by notifications. It may get lost like any of them. */
export async function sendLetter(signals: Signals, channel: string, text: string): Promise<void> {
  const letter = randomCharacters(12);
  const parts = Math.max(1, Math.ceil(text.length / partCharacters));
  if (parts > mostParts) throw new Error(`A letter of ${text.length} characters is too long for ${channel}.`);
  const sent: Promise<void>[] = [];
  for (let part = 0; part < parts; part += 1) {
    const piece: Part = {
      letter,
      part,
      parts,
      text: text.slice(part * partCharacters, (part + 1) * partCharacters),
    };
    sent.push(signals.send(channel, JSON.stringify(piece)));
  }
  await Promise.all(sent);
}

/** Puts the parts of letters together as they come in. */
export class LetterBox {
  readonly #incomplete = new Map<string, { texts: string[]; missing: number }>();

  /** The whole letter with its last part; null until then, or when it is none. */
  take(payload: string): string | null {
    const { letter, part, parts, text } = JSON.parse(payload) as Part;
    if (parts === 1) return text;
    const known = this.#incomplete.get(letter) ?? {
      texts: new Array<string>(parts).fill(''),
      missing: parts,
    };
    this.#incomplete.set(letter, known);
    known.texts[part] = text;
    known.missing -= 1;
    if (known.missing > 0) {
      this.#forgetOldest();
      return null;
    }
    this.#incomplete.delete(letter);
    return known.texts.join('');
  }

  #forgetOldest(): void {
    const oldest = this.#incomplete.keys().next();
    if (this.#incomplete.size > mostIncomplete && !oldest.done) this.#incomplete.delete(oldest.value);
  }
}
