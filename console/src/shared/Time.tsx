import { useSyncExternalStore } from 'react';
import { useFormat, useMessages } from '../i18n/index.tsx';

const tickMs = 5_000;
const listeners = new Set<() => void>();
let ticks = 0;
let timer: ReturnType<typeof setInterval> | null = null;

/** One clock for the whole page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    ticks += 1;
    for (const each of listeners) each();
  }, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The present time; renders again every few seconds. */
export function useNowMs(): number {
  useSyncExternalStore(subscribe, () => ticks);
  return Date.now();
}

/** A time as "3 minutes ago"; the exact one shows on hover. */
export function Time({ value, exact = false }: { value: string | null; exact?: boolean }) {
  const format = useFormat();
  const { common } = useMessages();
  const now = useNowMs();
  if (value === null) return <span>{common.never}</span>;
  return (
    <time dateTime={value} title={format.exactTime(value)}>
      {exact ? format.exactTime(value) : format.relative(value, now)}
    </time>
  );
}
