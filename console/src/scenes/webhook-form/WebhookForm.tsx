import {
  Accordion,
  Alert,
  Anchor,
  Button,
  Card,
  Group,
  Radio,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { inboxUrl } from '../../api/queries/consumer.ts';
import { type Messages, useMessages } from '../../i18n/index.tsx';
import { parseDuration, parseDurationList } from '../../shared/duration-text.ts';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { newInboxName, rememberInbox } from '../consumer/known-inboxes.ts';
import { EventFields } from './EventFields.tsx';
import { FailureFields, FlowFields } from './FlowFields.tsx';
import { groupsOf, placeErrors } from './field-places.ts';
import type { WebhookFormState } from './form-state.ts';
import { offeredPresets } from './offers.ts';
import { RequestFields } from './RequestFields.tsx';
import { TryOut } from './TryOut.tsx';
import { type FormValues, presetKnobs } from './values.ts';

interface WebhookFormProps {
  readonly initial: FormValues;
  readonly action: string;
  /** Where "cancel" leads. */
  readonly back: string;
  readonly onSave: (values: FormValues) => Promise<unknown>;
}

function faultsOf(values: FormValues, text: Messages['webhookForm']['faults']): Record<string, string> {
  const faults: Record<string, string> = {};
  const isDuration = (value: string): boolean => parseDuration(value) !== null;
  if (values.name.trim() === '') faults.name = text.required;
  if (!/^https?:\/\/./i.test(values.url.trim()))
    faults.url = values.url.trim() === '' ? text.required : text.url;
  if (values.eventTypes.length === 0) faults.eventTypes = text.eventTypes;
  if (!isDuration(values.timeoutMs)) faults.timeoutMs = text.duration;
  if (!isDuration(values.batch.maxWaitMs)) faults['batch.maxWaitMs'] = text.duration;
  if (parseDurationList(values.retry.delaysMs) === null) faults['retry.delaysMs'] = text.durations;
  const failing = values.disable.afterFailingMs.trim();
  if (failing !== '' && !isDuration(failing)) faults['disable.afterFailingMs'] = text.duration;
  return faults;
}

/** Everything a person may set about a webhook: presets first, then the knobs in groups. */
export function WebhookForm({ initial, action, back, onSave }: WebhookFormProps) {
  const { webhookForm: text, common } = useMessages();
  const [open, setOpen] = useState<string[]>([]);
  const form: WebhookFormState = useForm<FormValues>({
    initialValues: initial,
    validate: (values) => faultsOf(values, text.faults),
  });
  const openGroups = (errors: Record<string, unknown>): void =>
    setOpen((groups) => [...new Set([...groups, ...groupsOf(Object.keys(errors))])]);
  const save = useMutation({
    mutationFn: onSave,
    onError: (error) => {
      const { placed } = placeErrors(fieldErrors(error));
      form.setErrors(placed);
      openGroups(placed);
    },
  });
  const unplaced = save.error !== null && placeErrors(fieldErrors(save.error)).unplaced;

  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values), openGroups)} noValidate>
      <Stack maw={820}>
        <Card>
          <Stack>
            <TextInput label={text.name} required maxLength={255} {...form.getInputProps('name')} />
            <AddressField form={form} />
            {offeredPresets.length > 1 && <PresetField form={form} />}
          </Stack>
        </Card>
        <Card>
          <Title order={2} mb="sm">
            {text.groups.what}
          </Title>
          <EventFields form={form} />
        </Card>
        <Accordion variant="separated" multiple value={open} onChange={setOpen} order={2}>
          <FieldGroup name="how">
            <RequestFields form={form} />
          </FieldGroup>
          <FieldGroup name="retry">
            <FailureFields form={form} />
          </FieldGroup>
          <FieldGroup name="flow">
            <FlowFields form={form} />
          </FieldGroup>
          <FieldGroup name="note">
            <Textarea
              label={text.memo}
              autosize
              minRows={2}
              maxLength={10_000}
              {...form.getInputProps('memo')}
            />
          </FieldGroup>
        </Accordion>
        <TryOut form={form} onErrors={openGroups} />
        {save.error !== null &&
          (unplaced ? (
            <ErrorNotice error={save.error} />
          ) : (
            <Alert color="red" role="alert">
              {text.fix}
            </Alert>
          ))}
        <Group justify="flex-end">
          <Button component={LinkTo} to={back} variant="default">
            {common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function FieldGroup({
  name,
  children,
}: {
  name: keyof Messages['webhookForm']['groupHints'];
  children: ReactNode;
}) {
  const { webhookForm: text } = useMessages();
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>
        <Text fw={600}>{text.groups[name]}</Text>
        <Text size="xs" c="dimmed">
          {text.groupHints[name]}
        </Text>
      </Accordion.Control>
      <Accordion.Panel>{children}</Accordion.Panel>
    </Accordion.Item>
  );
}

function AddressField({ form }: { form: WebhookFormState }) {
  const { webhookForm: text } = useMessages();
  const pointAtConsumer = (): void => {
    const name = newInboxName();
    rememberInbox(name);
    form.setFieldValue('url', inboxUrl(name));
  };
  return (
    <div>
      <TextInput
        label={text.url}
        description={text.urlHint}
        required
        type="url"
        inputMode="url"
        placeholder="https://example.com/webhooks"
        {...form.getInputProps('url')}
      />
      <Anchor component="button" type="button" size="sm" mt={4} onClick={pointAtConsumer}>
        {text.useConsumer}
      </Anchor>
    </div>
  );
}

function PresetField({ form }: { form: WebhookFormState }) {
  const { webhookForm: text, webhooks } = useMessages();
  const choose = (value: string): void => {
    const preset = offeredPresets.find((offered) => offered === value);
    if (preset) form.setValues({ preset, ...presetKnobs(preset) });
  };
  return (
    <Radio.Group label={text.preset} value={form.values.preset} onChange={choose}>
      <Stack gap="xs" mt="xs">
        {offeredPresets.map((preset) => (
          <Radio
            key={preset}
            value={preset}
            label={webhooks.presets[preset]}
            description={text.presetHints[preset]}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
