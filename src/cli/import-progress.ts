import type { WriteStream } from 'node:tty';
import type { ImportAnswer } from './answers.ts';

/** How often the line on a terminal is renewed, and how often a line is written elsewhere. */
const terminalPauseMs = 500;
const logPauseMs = 5_000;

/** Says on standard error how far an import is, until it has ended. */
export class ImportProgressLine {
  readonly #output: WriteStream;
  readonly #bytesTotal: number;
  readonly #ask: () => Promise<ImportAnswer>;
  readonly #startedAtMs = performance.now();
  #timer: NodeJS.Timeout;
  #shown = false;
  #ended = false;

  constructor(output: WriteStream, bytesTotal: number, ask: () => Promise<ImportAnswer>) {
    this.#output = output;
    this.#bytesTotal = bytesTotal;
    this.#ask = ask;
    this.#timer = this.#plan();
  }

  /** Says no more, and leaves the line as it is. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    if (this.#output.isTTY && this.#shown) this.#output.write('\n');
  }

  #plan(): NodeJS.Timeout {
    return setTimeout(() => void this.#renew(), this.#output.isTTY ? terminalPauseMs : logPauseMs);
  }

  async #renew(): Promise<void> {
    // The import may not have begun; whatever else is wrong, the upload itself will tell.
    const progress = await this.#ask().catch(() => null);
    if (this.#ended) return;
    if (progress) {
      const line = progressLine(progress, this.#bytesTotal, performance.now() - this.#startedAtMs);
      this.#output.write(this.#output.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
      this.#shown = true;
    }
    this.#timer = this.#plan();
  }
}

/** `12,000 rows  3.4 of 10.0 MB  34 %  2,400 rows/s`. */
export function progressLine(
  { rowsImported, rowsSkipped, bytesRead }: ImportAnswer,
  bytesTotal: number,
  elapsedMs: number,
): string {
  const rate = Math.round((rowsImported * 1_000) / Math.max(1, elapsedMs));
  const percent = bytesTotal === 0 ? 100 : Math.floor((bytesRead * 100) / bytesTotal);
  return [
    `${counted(rowsImported)} rows`,
    ...(rowsSkipped > 0 ? [`${counted(rowsSkipped)} skipped`] : []),
    `${megabytes(bytesRead)} of ${megabytes(bytesTotal)} MB`,
    `${percent} %`,
    `${counted(rate)} rows/s`,
  ].join('  ');
}

const counted = (count: number): string => count.toLocaleString('en-US');
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
