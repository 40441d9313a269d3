import { SegmentedControl } from '@mantine/core';
import { type Language, languages, useTranslation } from '../../i18n/index.tsx';

/** Switches the language of all texts at once. */
export function LanguageMenu() {
  const { language, messages, change } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={messages.common.language}
      value={language}
      onChange={(value) => void change(value as Language)}
      data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
    />
  );
}
