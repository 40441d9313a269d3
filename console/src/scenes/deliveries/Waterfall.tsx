import { Text } from '@mantine/core';
import type { Attempt } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import classes from './Waterfall.module.css';
import { type Phase, placePhases } from './waterfall.ts';

const colors: Readonly<Record<Phase, string>> = {
  dns: 'var(--mantine-color-teal-5)',
  connect: 'var(--mantine-color-orange-5)',
  tls: 'var(--mantine-color-grape-5)',
  wait: 'var(--mantine-color-indigo-5)',
  read: 'var(--mantine-color-blue-4)',
};

/** Where the time of an attempt went. */
export function Waterfall({ timing }: { timing: Attempt['timing'] }) {
  const { deliveries: text } = useMessages();
  const format = useFormat();
  const phases = placePhases(timing);
  const whole = Math.max(
    timing.totalMs,
    ...phases.map(({ startMs, durationMs }) => startMs + durationMs),
    0.001,
  );
  const share = (ms: number): string => `${Math.min(100, (ms / whole) * 100)}%`;
  return (
    <>
      <dl className={classes.lines}>
        {phases.map(({ phase, startMs, durationMs }) => (
          <div key={phase} className={classes.line}>
            <dt>{text.phases[phase]}</dt>
            <dd className={classes.track} aria-hidden>
              <span
                className={classes.bar}
                style={{ left: share(startMs), width: share(durationMs), background: colors[phase] }}
              />
            </dd>
            <dd className={classes.value}>{format.duration(durationMs)}</dd>
          </div>
        ))}
        <div className={`${classes.line} ${classes.total}`}>
          <dt>{text.phases.total}</dt>
          <dd />
          <dd className={classes.value}>{format.duration(timing.totalMs)}</dd>
        </div>
      </dl>
      {timing.connectMs === null && timing.firstByteMs !== null && (
        <Text size="xs" c="dimmed" mt={4}>
          {text.reused}
        </Text>
      )}
    </>
  );
}
