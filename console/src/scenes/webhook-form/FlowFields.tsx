import { Checkbox, NumberInput, Radio, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import type { WebhookFormState } from './form-state.ts';

const orders: readonly Webhook['order'][] = ['ordered', 'independent'];

/** What happens when an attempt fails: retries, and when to give up. */
export function FailureFields({ form }: { form: WebhookFormState }) {
  const { webhookForm: text } = useMessages();
  return (
    <Stack gap="sm">
      <TextInput
        label={text.delays}
        description={text.delaysHint}
        {...form.getInputProps('retry.delaysMs')}
      />
      <Checkbox label={text.forever} {...form.getInputProps('retry.forever', { type: 'checkbox' })} />
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        <NumberInput label={text.jitter} min={0} max={100} {...form.getInputProps('retry.jitter')} />
        <NumberInput
          label={text.disableFailures}
          placeholder={text.emptyNever}
          min={1}
          {...form.getInputProps('disable.afterFailures')}
        />
        <TextInput
          label={text.disableFailing}
          placeholder={text.emptyNever}
          {...form.getInputProps('disable.afterFailingMs')}
        />
      </SimpleGrid>
    </Stack>
  );
}

/** Order, batches and limits. */
export function FlowFields({ form }: { form: WebhookFormState }) {
  const { webhookForm: text } = useMessages();
  return (
    <Stack gap="sm">
      <Radio.Group label={text.order} {...form.getInputProps('order')}>
        <Stack gap="xs" mt="xs">
          {orders.map((order) => (
            <Radio
              key={order}
              value={order}
              label={text.orders[order]}
              description={text.orderHints[order]}
            />
          ))}
        </Stack>
      </Radio.Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {form.values.order === 'independent' && (
          <NumberInput label={text.concurrency} min={1} max={100} {...form.getInputProps('concurrency')} />
        )}
        <NumberInput
          label={text.rate}
          placeholder={text.rateHint}
          min={0}
          {...form.getInputProps('ratePerSecond')}
        />
        <NumberInput
          label={text.batchEvents}
          min={1}
          max={1_000}
          {...form.getInputProps('batch.maxEvents')}
        />
        <TextInput
          label={text.batchWait}
          description={text.durationHint}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          {...form.getInputProps('batch.maxWaitMs')}
        />
      </SimpleGrid>
    </Stack>
  );
}
