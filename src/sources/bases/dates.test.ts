import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isCalendarDay, normalisedMoment } from './dates.ts';

describe('a day of the calendar', () => {
  for (const day of ['2024-02-29', '0001-01-01', '9999-12-31', '2000-02-29']) {
    it(`${day} is one`, () => assert.equal(isCalendarDay(day), true));
  }
  for (const day of [
    '2023-02-29',
    '1900-02-29',
    '2023-04-31',
    '2023-13-01',
    '2023-00-10',
    '2023-01-00',
    '0000-01-01',
  ]) {
    it(`${day} is not in the calendar`, () => assert.equal(isCalendarDay(day), false));
  }
  for (const day of ['', '2023-1-1', '2023-01-01T00:00:00Z', '01.02.2023', ' 2023-01-01', '2023-01-01\n']) {
    it(`${JSON.stringify(day)} is not written as YYYY-MM-DD`, () => assert.equal(isCalendarDay(day), false));
  }
});

describe('a moment', () => {
  const moments: Readonly<Record<string, string>> = {
    '2026-05-31': '2026-05-31T00:00:00.000Z',
    '2026-05-31 13:30': '2026-05-31T13:30:00.000Z',
    '2026-05-31T13:30': '2026-05-31T13:30:00.000Z',
    '2026-05-31T13:30:05Z': '2026-05-31T13:30:05.000Z',
    '2026-05-31t13:30:05z': '2026-05-31T13:30:05.000Z',
    '2026-05-31T13:30:05.1Z': '2026-05-31T13:30:05.100Z',
    '2026-05-31T13:30:05.123456789Z': '2026-05-31T13:30:05.123Z',
    '2026-05-31T13:30+02:00': '2026-05-31T11:30:00.000Z',
    '2026-05-31T23:30:00-05:30': '2026-06-01T05:00:00.000Z',
    '2024-02-29T23:59:59+00:00': '2024-02-29T23:59:59.000Z',
  };
  for (const [text, normalised] of Object.entries(moments)) {
    it(`${text} is ${normalised}`, () => assert.equal(normalisedMoment(text), normalised));
  }
  const none = [
    '2026-05-31T24:00Z',
    '2026-05-31T13:60Z',
    '2026-05-31T13:30:60Z',
    '2026-02-30T13:30Z',
    '2026-05-31T13:30+15:00',
    '2026-05-31T13:30+02:60',
    '2026-05-31T13',
    '31 May 2026',
    '1780000000000',
    '0001-01-01T00:00+01:00',
    '9999-12-31T23:59-01:00',
  ];
  for (const text of none) it(`${text} is none`, () => assert.equal(normalisedMoment(text), null));

  it('is the same moment for every offset, and stays as it is once normalised', () => {
    const dates = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, offsetMinutes) => {
        const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
        const sign = offsetMinutes < 0 ? '-' : '+';
        const hours = String(Math.floor(Math.abs(offsetMinutes) / 60)).padStart(2, '0');
        const minutes = String(Math.abs(offsetMinutes) % 60).padStart(2, '0');
        assert.equal(normalisedMoment(`${local}${sign}${hours}:${minutes}`), date.toISOString());
        assert.equal(normalisedMoment(date.toISOString()), date.toISOString());
      }),
    );
  });
});
