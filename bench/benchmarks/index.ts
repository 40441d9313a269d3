import type { Benchmark } from '../benchmark.ts';
import { rows } from '../rows.ts';
import { backlog } from './backlog.ts';
import { backlogSizes } from './backlog-sizes.ts';
import { compare } from './compare.ts';
import { counts } from './counts.ts';
import { csvImport } from './csv-import.ts';
import { deliveries } from './deliveries.ts';
import { egress } from './egress.ts';
import { fanOut } from './fan-out.ts';
import { history } from './history.ts';
import { isolation } from './isolation.ts';
import { latency } from './latency.ts';
import { logPages } from './log-pages.ts';
import { notMatching } from './not-matching.ts';
import { peers } from './peers.ts';
import { replay } from './replay.ts';
import { rowEdits } from './row-edits.ts';

/** Every benchmark, in the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  deliveries,
  peers,
  counts,
  backlog,
  backlogSizes,
  isolation,
  replay,
  latency,
  fanOut,
  notMatching,
  logPages,
  history,
  csvImport,
  rowEdits,
  rows,
  egress,
  compare,
];
