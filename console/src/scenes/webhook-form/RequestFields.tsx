import {
  ActionIcon,
  Button,
  Group,
  Input,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { Webhook } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import type { WebhookFormState } from './form-state.ts';
import { offeredFormats, offeredSignatures } from './offers.ts';
import { headerLine } from './values.ts';

const successRules: readonly Webhook['success'][] = ['2xx', '200'];

/** The request: format, signature, what counts as success, headers. */
export function RequestFields({ form }: { form: WebhookFormState }) {
  const { webhookForm: text } = useMessages();
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={text.format}
          allowDeselect={false}
          data={offeredFormats.map((value) => ({ value, label: text.formats[value] }))}
          {...form.getInputProps('format')}
        />
        <Select
          label={text.signature}
          allowDeselect={false}
          data={offeredSignatures.map((value) => ({ value, label: text.signatures[value] }))}
          {...form.getInputProps('signature')}
        />
        <Select
          label={text.success}
          allowDeselect={false}
          data={successRules.map((value) => ({ value, label: text.successRules[value] }))}
          {...form.getInputProps('success')}
        />
        <TextInput label={text.timeout} placeholder="15 s" {...form.getInputProps('timeoutMs')} />
        <TextInput
          label={text.connectTimeout}
          placeholder="10 s"
          {...form.getInputProps('connectTimeoutMs')}
        />
      </SimpleGrid>
      {form.values.format === 'template' && (
        <>
          <TextInput label={text.templateType} {...form.getInputProps('template.contentType')} />
          <Textarea
            label={text.templateSource}
            description={text.templateHint}
            autosize
            minRows={4}
            maxRows={20}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            {...form.getInputProps('template.source')}
          />
        </>
      )}
      <HeaderFields form={form} />
    </Stack>
  );
}

function HeaderFields({ form }: { form: WebhookFormState }) {
  const { webhookForm: text, common } = useMessages();
  return (
    <Input.Wrapper
      label={text.headers}
      labelElement="div"
      description={text.headersHint}
      error={form.errors.headers}
    >
      <Stack gap="xs" mt="xs">
        {form.values.headers.map(({ key }, index) => (
          <Group key={key} gap="xs" wrap="nowrap" align="flex-start">
            <TextInput
              flex={1}
              aria-label={text.headerName}
              placeholder="Authorization"
              spellCheck={false}
              {...form.getInputProps(`headers.${index}.name`)}
            />
            <TextInput
              flex={2}
              aria-label={text.headerValue}
              placeholder="Bearer …"
              spellCheck={false}
              {...form.getInputProps(`headers.${index}.value`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={common.remove}
              onClick={() => form.removeListItem('headers', index)}
            >
              <X size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="xs"
          variant="default"
          w="fit-content"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => form.insertListItem('headers', headerLine())}
        >
          {text.addHeader}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
