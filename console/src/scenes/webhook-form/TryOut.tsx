import { Alert, Button, Card, Code, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Eye, Send } from 'lucide-react';
import { previewWebhook, testWebhook } from '../../api/queries/tryouts.ts';
import type { TestExchange, WebhookPreview } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { BodyView } from '../../shared/BodyView.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { RequestAndResponse } from '../deliveries/Exchange.tsx';
import { Waterfall } from '../deliveries/Waterfall.tsx';
import { placeErrors } from './field-places.ts';
import type { WebhookFormState } from './form-state.ts';
import { newSettings } from './values.ts';

interface TryOutProps {
  readonly form: WebhookFormState;
  /** Told which fields are refused, so that they are seen. */
  readonly onErrors: (errors: Record<string, unknown>) => void;
}

/** Errors name the webhook inside the body: `/webhook/url` is the field `url`. */
function formErrors(error: unknown): Record<string, string> {
  const errors = Object.entries(fieldErrors(error));
  return Object.fromEntries(errors.map(([path, detail]) => [path.replace(/^webhook\./, ''), detail]));
}

/** Shows what the webhook would do, and lets it do it once, before it is saved. */
export function TryOut({ form, onErrors }: TryOutProps) {
  const { webhookForm, common } = useMessages();
  const text = webhookForm.tryOut;
  const refuse = (error: unknown): void => {
    const { placed } = placeErrors(formErrors(error));
    form.setErrors(placed);
    onErrors(placed);
  };
  const preview = useMutation({ mutationFn: previewWebhook, onError: refuse });
  const send = useMutation({ mutationFn: testWebhook, onError: refuse });
  const run = (which: typeof preview | typeof send): void => {
    const { hasErrors, errors } = form.validate();
    if (hasErrors) onErrors(errors);
    else (which as typeof preview).mutate(newSettings(form.getValues()));
  };
  const error = preview.error ?? send.error;
  const close = (): void => {
    preview.reset();
    send.reset();
  };
  return (
    <Card>
      <Title order={2} mb="sm">
        {text.title}
      </Title>
      <Stack gap="sm">
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<Eye size={15} aria-hidden />}
            loading={preview.isPending}
            onClick={() => run(preview)}
          >
            {text.preview}
          </Button>
          <Button
            variant="default"
            leftSection={<Send size={15} aria-hidden />}
            loading={send.isPending}
            onClick={() => run(send)}
          >
            {text.test}
          </Button>
        </Group>
        {error !== null && placeErrors(formErrors(error)).unplaced && <ErrorNotice error={error} />}
      </Stack>
      <Modal
        opened={preview.isSuccess || send.isSuccess}
        onClose={close}
        size="75rem"
        title={preview.isSuccess ? text.preview : text.test}
        closeButtonProps={{ 'aria-label': common.close }}
      >
        {preview.data && <Preview preview={preview.data} />}
        {send.data && <TestResult exchange={send.data} />}
      </Modal>
    </Card>
  );
}

function Preview({ preview }: { preview: WebhookPreview }) {
  const { tryOut: text } = useMessages().webhookForm;
  const format = useFormat();
  return (
    <Stack gap="sm">
      <Text size="sm">{text.fired(format.number(preview.fired), format.number(preview.looked))}</Text>
      {preview.failed > 0 && (
        <Alert color="orange" p="sm">
          <Text size="sm">{text.filterFails(format.number(preview.failed))}</Text>
          <Text size="sm">{preview.firstFailure}</Text>
        </Alert>
      )}
      {preview.bodyFailure !== null && <Alert color="red">{preview.bodyFailure}</Alert>}
      {preview.body !== null && (
        <>
          <Text size="sm">
            {preview.event === null ? text.fromExample : text.fromEvent} <Code>{preview.contentType}</Code>
          </Text>
          <BodyView body={preview.body} label={text.body} />
        </>
      )}
    </Stack>
  );
}

function TestResult({ exchange }: { exchange: TestExchange }) {
  const { tryOut: text } = useMessages().webhookForm;
  return (
    <Stack gap="sm">
      <Alert color={exchange.succeeded ? 'green' : 'red'} role="status">
        <Text size="sm">{exchange.succeeded ? text.succeeded : text.failed}</Text>
        {exchange.errorMessage !== null && (
          <Text size="sm">
            <Code>{exchange.errorCode}</Code> {exchange.errorMessage}
          </Text>
        )}
      </Alert>
      <Waterfall timing={exchange.timing} />
      <RequestAndResponse request={exchange.request} response={exchange.response} />
    </Stack>
  );
}
