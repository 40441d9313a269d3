import { isUtf8 } from 'node:buffer';
import { CsvError, type CsvErrorCode, parse } from 'csv-parse';
import { FileFault } from './import-fault.ts';
import { importLimits } from './limits.ts';

/** One record of a CSV file. */
export interface CsvRecord {
  /** Line on which it starts; the file's first line is 1. */
  readonly line: number;
  readonly values: readonly string[];
}

/** Bytes parsed at once: what one piece yields is all that is in memory besides the record under way. */
const pieceBytes = 64 * 1024;

/**
 * Reads CSV (RFC 4180; line ends LF, CRLF or CR; a byte order mark and empty lines are passed over) and
 * yields its records in groups as they arrive. It asks for more only when asked for more.
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  delimiter: string,
): AsyncGenerator<readonly CsvRecord[]> {
  const lines = new LineCounter();
  let records: CsvRecord[] = [];
  // The records are taken as they are parsed, not from the parser's output: it throws that away on an error.
  const parser = parse({
    bom: true,
    delimiter,
    info: false,
    max_record_size: importLimits.recordBytes,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    on_record: (values: string[], { empty_lines: emptyLines }) => {
      records.push({ line: lines.record(values, emptyLines), values });
      return null;
    },
  });
  parser.on('error', () => undefined);
  parser.resume();
  const lineUnderWay = () => lines.next(parser.info.empty_lines);
  const take = (): readonly CsvRecord[] => {
    const taken = records;
    records = [];
    return taken;
  };
  try {
    for await (const piece of utf8Pieces(source, lineUnderWay)) {
      const error = await new Promise<Error | null | undefined>((done) => parser.write(piece, done));
      if (records.length > 0) yield take();
      if (error) throw csvFault(error, lineUnderWay());
    }
    const error = await new Promise<Error | null | undefined>((done) => {
      parser.once('error', done);
      parser.end(() => done(null));
    });
    if (records.length > 0) yield take();
    if (error) throw csvFault(error, lineUnderWay());
  } finally {
    parser.destroy();
  }
}

/**
 * Counts lines by the records: the parser's own count takes CRLF inside of quotes for two lines.
 */
class LineCounter {
  #next = 1;
  #emptyLines = 0;

  /** The line on which a record starts that was just read, `emptyLines` being those passed so far. */
  record(values: readonly string[], emptyLines: number): number {
    const line = this.next(emptyLines);
    this.#emptyLines = emptyLines;
    this.#next = line + 1;
    for (const value of values) {
      if (value.includes('\n') || value.includes('\r')) this.#next += value.match(/\r\n|\n|\r/g)?.length ?? 0;
    }
    return line;
  }

  /** The line on which the next record starts. */
  next(emptyLines: number): number {
    return this.#next + emptyLines - this.#emptyLines;
  }
}

/** Cuts the bytes into pieces that end between characters, and refuses what is not UTF-8. */
export async function* utf8Pieces(
  source: AsyncIterable<Uint8Array>,
  lineUnderWay: () => number,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; start += pieceBytes) {
      const bytes = Buffer.concat([rest, chunk.subarray(start, start + pieceBytes)]);
      const piece = bytes.subarray(0, wholeCharacters(bytes));
      rest = bytes.subarray(piece.length);
      if (isUtf8(piece)) {
        yield piece;
      } else {
        // What comes before the bad byte is parsed, so that its line is known.
        yield piece.subarray(0, validBytes(piece));
        throw notUtf8(bytes, lineUnderWay());
      }
    }
  }
  if (rest.length > 0) throw notUtf8(rest, lineUnderWay());
}

/** How many bytes at the start are UTF-8. */
function validBytes(bytes: Uint8Array): number {
  let valid = 0;
  let above = bytes.length;
  while (valid < above) {
    const middle = Math.ceil((valid + above) / 2);
    const start = bytes.subarray(0, middle);
    if (isUtf8(start.subarray(0, wholeCharacters(start)))) valid = middle;
    else above = middle - 1;
  }
  return wholeCharacters(bytes.subarray(0, valid));
}

/** How many of the bytes are left when an unfinished character at the end is taken off. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function notUtf8(bytes: Uint8Array, line: number): FileFault {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const seems = isUtf16 ? 'it seems to be UTF-16' : 'here is a byte that cannot be';
  return new FileFault({ line, column: null, detail: `the file is not encoded as UTF-8: ${seems}` });
}

const csvFaults: Partial<Record<CsvErrorCode, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  INVALID_OPENING_QUOTE:
    'there is a quote inside of a value that is not quoted; put the whole value in quotes, and double the quotes inside',
  CSV_INVALID_CLOSING_QUOTE:
    'after a closing quote only a delimiter or the end of the line may follow; double the quotes inside of values',
  CSV_MAX_RECORD_SIZE: `the record has more than ${importLimits.recordBytes} bytes; is a quote not closed?`,
};

function csvFault(error: Error, line: number): FileFault {
  const detail = error instanceof CsvError ? csvFaults[error.code] : undefined;
  return new FileFault({ line, column: null, detail: detail ?? error.message });
}
