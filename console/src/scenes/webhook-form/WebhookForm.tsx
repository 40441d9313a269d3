import {
  Accordion,
  Alert,
  Anchor,
  Badge,
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
import { type Messages, useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { newInboxName, rememberInbox } from '../consumer/known-inboxes.ts';
import { EventFields } from './EventFields.tsx';
import { FailureFields, FlowFields } from './FlowFields.tsx';
import { faultsOf } from './faults.ts';
import { groupsOf, placeErrors } from './field-places.ts';
import type { WebhookFormState } from './form-state.ts';
import { LivePreview } from './LivePreview.tsx';
import { offeredPresets } from './offers.ts';
import { exampleTypes } from './preview.ts';
import { RequestFields } from './RequestFields.tsx';
import { TryOut } from './TryOut.tsx';
import { type FormValues, type KnobName, knobsThatDiffer, type Presets, presetKnobs } from './values.ts';
import classes from './WebhookForm.module.css';

interface WebhookFormProps {
  readonly presets: Presets;
  readonly initial: FormValues;
  readonly action: string;
  /** Where "cancel" leads. */
  readonly back: string;
  readonly onSave: (values: FormValues) => Promise<unknown>;
}

/** Everything a person may set about a webhook: presets first, then the knobs in groups. */
export function WebhookForm({ presets, initial, action, back, onSave }: WebhookFormProps) {
  const { webhookForm: text, common } = useMessages();
  const [open, setOpen] = useState<string[]>([]);
  const form: WebhookFormState = useForm<FormValues>({
    initialValues: initial,
    validate: (values) =>
      Object.fromEntries(
        Object.entries(faultsOf(values)).map(([field, fault]) => [field, text.faults[fault]]),
      ),
  });
  // Durations that cannot be read yet have no value to compare.
  const { name, url, eventTypes, ...knobFaults } = faultsOf(form.values);
  const differing = Object.keys(knobFaults).length === 0 ? knobsThatDiffer(presets, form.values) : [];
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
      <div className={classes.layout}>
        <Stack miw={0}>
          <Card>
            <Stack>
              <TextInput label={text.name} required maxLength={255} {...form.getInputProps('name')} />
              <AddressField form={form} />
              <PresetField form={form} presets={presets} differing={differing} />
            </Stack>
          </Card>
          <Card>
            <Title order={2} mb="sm">
              {text.groups.what}
            </Title>
            <EventFields form={form} />
          </Card>
          <Accordion variant="separated" multiple value={open} onChange={setOpen} order={2}>
            <FieldGroup name="how" differing={differing}>
              <RequestFields form={form} />
            </FieldGroup>
            <FieldGroup name="retry" differing={differing}>
              <FailureFields form={form} />
            </FieldGroup>
            <FieldGroup name="flow" differing={differing}>
              <FlowFields form={form} />
            </FieldGroup>
            <FieldGroup name="note" differing={differing}>
              <Textarea
                label={text.memo}
                autosize
                minRows={2}
                maxLength={10_000}
                {...form.getInputProps('memo')}
              />
            </FieldGroup>
          </Accordion>
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
        <Stack className={classes.beside} miw={0} component="aside" aria-label={text.tryOut.beside}>
          <LivePreview form={form} presets={presets} eventTypes={exampleTypes(form.values.eventTypes)} />
          <TryOut form={form} presets={presets} onErrors={openGroups} />
        </Stack>
      </div>
    </form>
  );
}

/** Which knobs each group of the form holds. */
const knobsOfGroup: Readonly<Record<string, readonly KnobName[]>> = {
  how: ['format', 'signature', 'success', 'timeoutMs', 'connectTimeoutMs'],
  retry: ['retry', 'disable'],
  flow: ['order', 'concurrency', 'ratePerSecond', 'batch'],
};

function FieldGroup({
  name,
  differing,
  children,
}: {
  name: keyof Messages['webhookForm']['groupHints'];
  differing: readonly KnobName[];
  children: ReactNode;
}) {
  const { webhookForm: text } = useMessages();
  const format = useFormat();
  const count = differing.filter((knob) => knobsOfGroup[name]?.includes(knob)).length;
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>
        <Group gap="xs">
          <Text fw={600}>{text.groups[name]}</Text>
          {count > 0 && <Badge color="indigo">{text.differs(format.number(count), count === 1)}</Badge>}
        </Group>
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

interface PresetFieldProps {
  readonly form: WebhookFormState;
  readonly presets: Presets;
  readonly differing: readonly KnobName[];
}

function PresetField({ form, presets, differing }: PresetFieldProps) {
  const { webhookForm: text, webhooks } = useMessages();
  const format = useFormat();
  const choose = (value: string): void => {
    const preset = offeredPresets.find((offered) => offered === value);
    if (preset) form.setValues({ preset, ...presetKnobs(presets, preset) });
  };
  const reset = (): void => {
    const { eventTypes, ...knobs } = presetKnobs(presets, form.values.preset);
    form.setValues(knobs);
  };
  return (
    <div>
      <Radio.Group label={text.preset} value={form.values.preset} onChange={choose}>
        <div className={classes.presets}>
          {offeredPresets.map((preset) => (
            <Radio.Card key={preset} value={preset} p="sm" className={classes.preset}>
              <Group wrap="nowrap" align="flex-start" gap="sm">
                <Radio.Indicator size="xs" mt={3} />
                <div>
                  <Text size="sm" fw={600}>
                    {webhooks.presets[preset]}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {text.presetHints[preset]}
                  </Text>
                </div>
              </Group>
            </Radio.Card>
          ))}
        </div>
      </Radio.Group>
      {differing.length > 0 && (
        <Group gap="xs" mt="xs" role="status">
          <Text size="sm">{text.differsIn(format.list(differing.map((knob) => text.knobs[knob])))}</Text>
          <Anchor component="button" type="button" size="sm" onClick={reset}>
            {text.backToPreset}
          </Anchor>
        </Group>
      )}
    </div>
  );
}
