import { readdirSync, readFileSync } from 'node:fs';

/** What the system knows of a process. */
export interface ProcessFigures {
  /** Processor time so far, of all its threads. */
  readonly cpuMicros: number;
  readonly residentMiB: number;
  /** The most that ever was resident. */
  readonly peakResidentMiB: number;
}

/** Linux counts processor time for its readers in hundredths of a second. */
const microsPerTick = 10_000;
/** User and system time are members 14 and 15 of the file, counted after the name in parentheses. */
const userTimeMember = 11;
const systemTimeMember = 12;

/** The parent is member 4. */
const parentMember = 1;

/** Processor time of a process and of those that it has started, such as the sessions of a database server. */
export function cpuMicrosOfTree(processId: number): number {
  let micros = 0;
  for (const name of readdirSync('/proc')) {
    const members = membersOf(name);
    if (members === null) continue;
    if (Number(name) === processId || Number(members[parentMember]) === processId)
      micros += cpuMicros(members);
  }
  return micros;
}

/** What `/proc` says of a process after its name; null: it is none, or gone. */
function membersOf(processId: string): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function cpuMicros(members: readonly string[]): number {
  return (Number(members[userTimeMember]) + Number(members[systemTimeMember])) * microsPerTick;
}

/** Reads `/proc`, which only Linux has. */
export function processFigures(processId: number): ProcessFigures {
  const members = membersOf(String(processId));
  if (members === null) throw new Error(`The process ${processId} is gone.`);
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return {
    cpuMicros: cpuMicros(members),
    residentMiB: kibibytesOf(status, 'VmRSS') / 1024,
    peakResidentMiB: kibibytesOf(status, 'VmHWM') / 1024,
  };
}

function kibibytesOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}
