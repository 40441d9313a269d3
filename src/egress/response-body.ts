import { DRAINED_BODY_BYTES, RECORDED_BODY_BYTES } from './limits.ts';

/**
 * Keeps the beginning of a response body. Most bodies are one small chunk, which is kept as
 * it is; from the second chunk on everything is copied into one buffer, so that a consumer
 * who sends thousands of tiny chunks costs no more memory than one who sends a large one.
 */
export class ResponseBody {
  #recorded: Buffer | null = null;
  #recordedBytes = 0;
  #isCopy = false;
  #receivedBytes = 0;

  /** @returns whether the rest is still worth reading for the sake of the connection */
  add(chunk: Buffer): boolean {
    this.#receivedBytes += chunk.length;
    const room = RECORDED_BODY_BYTES - this.#recordedBytes;
    if (this.#recorded === null) {
      this.#recorded = chunk;
      this.#recordedBytes = Math.min(chunk.length, room);
    } else if (room > 0) {
      if (!this.#isCopy) {
        const copy = Buffer.allocUnsafe(RECORDED_BODY_BYTES);
        this.#recorded.copy(copy, 0, 0, this.#recordedBytes);
        this.#recorded = copy;
        this.#isCopy = true;
      }
      this.#recordedBytes += chunk.copy(this.#recorded, this.#recordedBytes, 0, room);
    }
    return this.#receivedBytes <= DRAINED_BODY_BYTES;
  }

  get truncated(): boolean {
    return this.#receivedBytes > this.#recordedBytes;
  }

  /** What is not UTF-8, and NUL, which PostgreSQL cannot store, become U+FFFD. */
  text(): string {
    if (this.#recorded === null) return '';
    const bytes = this.#recorded.subarray(0, this.#recordedBytes);
    // When cut in the middle of a character, the half of it is left out.
    const text = this.truncated
      ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true })
      : bytes.toString('utf8');
    return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
  }
}
