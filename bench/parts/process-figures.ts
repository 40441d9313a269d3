import { readFileSync } from 'node:fs';

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

/** Reads `/proc`, which only Linux has. */
export function processFigures(processId: number): ProcessFigures {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  const members = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(members[userTimeMember]) + Number(members[systemTimeMember]);
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return {
    cpuMicros: ticks * microsPerTick,
    residentMiB: kibibytesOf(status, 'VmRSS') / 1024,
    peakResidentMiB: kibibytesOf(status, 'VmHWM') / 1024,
  };
}

function kibibytesOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}
