import { Badge, Card, Code, Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Webhook } from '../../api/types.ts';
import type { Format } from '../../i18n/format.ts';
import { type Messages, useFormat, useMessages } from '../../i18n/index.tsx';
import { Facts } from '../../shared/Facts.tsx';
import { Time } from '../../shared/Time.tsx';
import { useTableName } from '../bases/table-name.ts';

type Text = Messages['webhooks']['facts'];

function retryText({ retry }: Webhook, text: Text, format: Format): string {
  if (retry.delaysMs.length === 0) return text.noRetries;
  const delays = retry.delaysMs.map(format.duration).join(', ');
  return retry.forever ? `${delays}, ${text.forever}` : delays;
}

function disableText({ disable }: Webhook, text: Text, format: Format, never: string): string {
  const parts: string[] = [];
  if (disable.afterFailures !== null) parts.push(text.disableFailures(format.number(disable.afterFailures)));
  if (disable.afterFailingMs !== null)
    parts.push(text.disableFailing(format.duration(disable.afterFailingMs)));
  return parts.length === 0 ? never : parts.join('; ');
}

function batchText({ batch }: Webhook, text: Text, format: Format): string {
  if (batch.maxEvents === 1) return text.batchSingle;
  return text.batchMany(format.number(batch.maxEvents), format.duration(batch.maxWaitMs));
}

/** Every setting of a webhook, for reading. */
export function SettingsCard({ webhook }: { webhook: Webhook }) {
  const { webhooks, webhookForm, common } = useMessages();
  const format = useFormat();
  const text = webhooks.facts;
  const scope = useTableName(webhook.base, webhook.table);
  const differing = new Set(webhook.differsFromPreset);
  /** A value, marked where the webhook does not leave it to its preset. */
  const knob = (value: ReactNode, ...names: readonly string[]): ReactNode =>
    names.some((name) => differing.has(name)) ? (
      <Group gap="xs">
        <span>{value}</span>
        <Badge color="indigo">{webhooks.notAsPreset}</Badge>
      </Group>
    ) : (
      value
    );
  const codes = (values: readonly string[]) => (
    <Group gap={4}>
      {values.map((value) => (
        <Code key={value}>{value}</Code>
      ))}
    </Group>
  );
  return (
    <Card>
      <Title order={2} mb="xs">
        {webhooks.sections.settings}
      </Title>
      <Facts
        facts={[
          webhook.memo !== '' && [text.memo, webhook.memo],
          [text.preset, webhooks.presets[webhook.preset]],
          [text.events, codes(webhook.eventTypes)],
          [text.scope, scope ?? text.wholeWorkspace],
          webhook.tags.length > 0 && [text.tags, codes(webhook.tags)],
          webhook.readyColumn !== null && [text.readyColumn, webhook.readyColumn],
          webhook.filterColumns.length > 0 && [text.filterColumns, codes(webhook.filterColumns)],
          webhook.filter !== null && [text.filter, <Code key="filter">{webhook.filter}</Code>],
          [text.format, knob(webhookForm.formats[webhook.format], 'format')],
          [text.signature, knob(webhookForm.signatures[webhook.signature], 'signature')],
          Object.keys(webhook.headers).length > 0 && [text.headers, codes(Object.keys(webhook.headers))],
          [text.success, knob(webhookForm.successRules[webhook.success], 'success')],
          [text.timeout, knob(format.duration(webhook.timeoutMs), 'timeoutMs')],
          [text.connectTimeout, knob(format.duration(webhook.connectTimeoutMs), 'connectTimeoutMs')],
          [text.order, knob(webhookForm.orders[webhook.order], 'order')],
          webhook.order === 'independent' && [
            text.concurrency,
            knob(format.number(webhook.concurrency), 'concurrency'),
          ],
          [
            text.rate,
            knob(
              webhook.ratePerSecond === null ? text.unlimited : format.number(webhook.ratePerSecond),
              'ratePerSecond',
            ),
          ],
          [text.retry, knob(retryText(webhook, text, format), 'retry')],
          [text.disable, knob(disableText(webhook, text, format, common.never), 'disable')],
          [text.batch, knob(batchText(webhook, text, format), 'batch')],
          [text.created, <Time key="created" value={webhook.createdAt} />],
          [text.updated, <Time key="updated" value={webhook.updatedAt} />],
          [common.columns.id, <Code key="id">{webhook.id}</Code>],
        ]}
      />
    </Card>
  );
}
