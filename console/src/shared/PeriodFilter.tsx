import { TextInput } from '@mantine/core';
import { useMessages } from '../i18n/index.tsx';

interface PeriodFilterProps {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly onChange: (change: { since?: string | undefined } | { until?: string | undefined }) => void;
}

/** A moment as the browser's own field for day and time wants it: local, without a zone. */
function localMoment(iso: string | undefined): string {
  if (iso === undefined) return '';
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function instantOf(local: string): string | undefined {
  return local === '' ? undefined : new Date(local).toISOString();
}

/** From when, until when. */
export function PeriodFilter({ since, until, onChange }: PeriodFilterProps) {
  const { common } = useMessages();
  return (
    <>
      <TextInput
        type="datetime-local"
        size="xs"
        label={common.since}
        value={localMoment(since)}
        onChange={(event) => onChange({ since: instantOf(event.currentTarget.value) })}
      />
      <TextInput
        type="datetime-local"
        size="xs"
        label={common.until}
        value={localMoment(until)}
        onChange={(event) => onChange({ until: instantOf(event.currentTarget.value) })}
      />
    </>
  );
}
