import 'uplot/dist/uPlot.min.css';
import { Group, Text, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { useFormat, useTranslation } from '../../i18n/index.tsx';
import type { Minutes } from './minutes.ts';

const barWidth = 0.75;
const maxBarPixels = 40;
const palette = {
  light: { text: '#495057', grid: '#e9ecef', succeeded: '#37b24d', other: '#f03e3e' },
  dark: { text: '#c9c9c9', grid: '#3b3b3b', succeeded: '#40c057', other: '#ff6b6b' },
} as const;

/** Bars of deliveries per minute; the part that has not succeeded stands on top. */
export function MinuteChart({ minutes, height }: { minutes: Minutes; height: number }) {
  const { messages, language } = useTranslation();
  const { chart: text } = messages.home;
  const format = useFormat();
  const scheme = useComputedColorScheme('light');
  const { ref: frame, width } = useElementSize();
  const target = useRef<HTMLDivElement>(null);
  const colors = palette[scheme];

  useEffect(() => {
    if (!target.current || width === 0) return;
    const bars = UPlot.paths.bars?.({ size: [barWidth, maxBarPixels] });
    const axis = { stroke: colors.text, grid: { stroke: colors.grid, width: 1 }, ticks: { show: false } };
    const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
    const series = (label: string, color: string): UPlot.Series => ({
      label,
      fill: color,
      stroke: color,
      width: 0,
      points: { show: false },
      ...(bars ? { paths: bars } : {}),
    });
    const plot = new UPlot(
      {
        width,
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { range: (_plot, min, max) => [min - 30, max + 30] },
          y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            values: (_plot, seconds) => seconds.map((at) => clock.format(at * 1_000)),
          },
          { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000] },
        ],
        series: [{}, series(text.other, colors.other), series(text.succeeded, colors.succeeded)],
      },
      [[...minutes.startsSeconds], [...minutes.all], [...minutes.succeeded]],
      target.current,
    );
    return () => plot.destroy();
  }, [minutes, width, height, colors, language, text]);

  const failed = minutes.total - minutes.totalSucceeded;
  return (
    <div ref={frame}>
      <div
        ref={target}
        role="img"
        aria-label={text.summary(format.number(minutes.total), format.number(failed))}
      />
      <Group gap="md" justify="flex-end">
        <Legend color={colors.succeeded} label={text.succeeded} />
        <Legend color={colors.other} label={text.other} />
      </Group>
    </div>
  );
}

function Legend({ color, label }: { color: string; label: string }) {
  return (
    <Group gap={6}>
      <span aria-hidden style={{ width: 10, height: 10, borderRadius: 2, background: color }} />
      <Text size="xs">{label}</Text>
    </Group>
  );
}
