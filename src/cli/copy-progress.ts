import type { WriteStream } from 'node:tty';

/** How often the line on a terminal is renewed, and how often a line is written elsewhere. */
const terminalPauseMs = 250;
const logPauseMs = 5_000;

/** Says on standard error how far the copying of a large file is. */
export class CopyProgressLine {
  readonly #output: WriteStream;
  #nextAtMs: number;
  #shown = false;

  constructor(output: WriteStream) {
    this.#output = output;
    this.#nextAtMs = performance.now() + this.#pauseMs;
  }

  readonly update = (progress: { readonly copiedBytes: number; readonly totalBytes: number }): void => {
    const nowMs = performance.now();
    if (nowMs < this.#nextAtMs) return;
    this.#nextAtMs = nowMs + this.#pauseMs;
    const line = copyProgressLine(progress);
    this.#output.write(this.#output.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
    this.#shown = true;
  };

  /** Says no more. */
  end(): void {
    if (this.#output.isTTY && this.#shown) this.#output.write('\r\u001b[2K');
  }

  get #pauseMs(): number {
    return this.#output.isTTY ? terminalPauseMs : logPauseMs;
  }
}

/** `34 %  3.4 of 10.0 MB`. */
export function copyProgressLine({
  copiedBytes,
  totalBytes,
}: {
  readonly copiedBytes: number;
  readonly totalBytes: number;
}): string {
  const percent = totalBytes === 0 ? 100 : Math.floor((copiedBytes * 100) / totalBytes);
  return `${percent} %  ${(copiedBytes / 1e6).toFixed(1)} of ${(totalBytes / 1e6).toFixed(1)} MB`;
}
