import type { ColumnData, ColumnType } from '../../model/table.ts';

import { isCalendarDay, normalisedMoment } from './dates.ts';
import { isPlainNumber } from './number-text.ts';

export interface DetectedType {
  readonly type: ColumnType;
  readonly data: ColumnData;
}

/** A text longer than this is taken for prose. */
const longestShortText = 255;

/** The narrowest type that all filled values have and that loses nothing of them but blanks around. */
export function detectType(values: Iterable<string>): DetectedType {
  const filled = [...values].map((value) => value.trim()).filter((value) => value !== '');
  if (filled.length === 0) return { type: 'text', data: {} };
  if (filled.every(isPlainNumber)) return { type: 'number', data: {} };
  if (filled.every((value) => /^(?:true|false)$/i.test(value))) return { type: 'checkbox', data: {} };
  if (filled.every(isCalendarDay)) return { type: 'date', data: {} };
  if (filled.every((value) => normalisedMoment(value) !== null))
    return { type: 'date', data: { time: true } };
  const isProse = filled.some((value) => value.length > longestShortText || /[\r\n]/.test(value));
  return { type: isProse ? 'long-text' : 'text', data: {} };
}
