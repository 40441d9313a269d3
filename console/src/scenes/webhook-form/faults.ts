import { parseDuration, parseDurationList } from '../../shared/duration-text.ts';
import type { FormValues } from './values.ts';

/** What can be wrong with a field, found without asking the server. */
export type Fault = 'required' | 'url' | 'eventTypes' | 'duration' | 'durations';

/** What is wrong with what was typed, by field. */
export function faultsOf(values: FormValues): Readonly<Record<string, Fault>> {
  const faults: Record<string, Fault> = {};
  const isDuration = (value: string): boolean => parseDuration(value) !== null;
  if (values.name.trim() === '') faults.name = 'required';
  if (!/^https?:\/\/./i.test(values.url.trim())) faults.url = values.url.trim() === '' ? 'required' : 'url';
  if (values.eventTypes.length === 0) faults.eventTypes = 'eventTypes';
  if (!isDuration(values.timeoutMs)) faults.timeoutMs = 'duration';
  if (!isDuration(values.connectTimeoutMs)) faults.connectTimeoutMs = 'duration';
  if (!isDuration(values.batch.maxWaitMs)) faults['batch.maxWaitMs'] = 'duration';
  if (parseDurationList(values.retry.delaysMs) === null) faults['retry.delaysMs'] = 'durations';
  const failing = values.disable.afterFailingMs.trim();
  if (failing !== '' && !isDuration(failing)) faults['disable.afterFailingMs'] = 'duration';
  return faults;
}
