import { Alert, Button, Card, Code, Modal, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { testWebhook } from '../../api/queries/tryouts.ts';
import type { TestExchange } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { FailureText } from '../../shared/FailureText.tsx';
import { RequestAndResponse } from '../deliveries/Exchange.tsx';
import { Waterfall } from '../deliveries/Waterfall.tsx';
import { placeErrors } from './field-places.ts';
import type { WebhookFormState } from './form-state.ts';
import { formErrors } from './preview.ts';
import { newSettings, type Presets } from './values.ts';

interface TryOutProps {
  readonly form: WebhookFormState;
  readonly presets: Presets;
  /** Told which fields are refused, so that they are seen. */
  readonly onErrors: (errors: Record<string, unknown>) => void;
}

/** Sends one request before the webhook is saved, and shows what came of it. */
export function TryOut({ form, presets, onErrors }: TryOutProps) {
  const { webhookForm, common } = useMessages();
  const text = webhookForm.tryOut;
  const send = useMutation({
    mutationFn: testWebhook,
    onError: (error) => {
      const { placed } = placeErrors(formErrors(error));
      form.setErrors(placed);
      onErrors(placed);
    },
  });
  const run = (): void => {
    const { hasErrors, errors } = form.validate();
    if (hasErrors) onErrors(errors);
    else send.mutate(newSettings(presets, form.getValues()));
  };
  return (
    <Card>
      <Title order={2} mb={4}>
        {text.title}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {text.testHint}
      </Text>
      <Stack gap="sm" align="flex-start">
        <Button
          variant="default"
          leftSection={<Send size={15} aria-hidden />}
          loading={send.isPending}
          onClick={run}
        >
          {text.test}
        </Button>
        {send.error !== null && placeErrors(formErrors(send.error)).unplaced && (
          <ErrorNotice error={send.error} />
        )}
      </Stack>
      <Modal
        opened={send.isSuccess}
        onClose={() => send.reset()}
        size="75rem"
        title={text.test}
        closeButtonProps={{ 'aria-label': common.close }}
      >
        {send.data && <TestResult exchange={send.data} />}
      </Modal>
    </Card>
  );
}

function TestResult({ exchange }: { exchange: TestExchange }) {
  const { tryOut: text } = useMessages().webhookForm;
  return (
    <Stack gap="sm">
      <Alert color={exchange.succeeded ? 'green' : 'red'} role="status">
        <Text size="sm">{exchange.succeeded ? text.succeeded : text.failed}</Text>
        {exchange.errorCode !== null && (
          <Text size="sm">
            <Code>{exchange.errorCode}</Code>{' '}
            <FailureText code={exchange.errorCode} message={exchange.errorMessage} />
          </Text>
        )}
      </Alert>
      <Waterfall timing={exchange.timing} />
      <RequestAndResponse request={exchange.request} response={exchange.response} />
    </Stack>
  );
}
