import { Type } from 'typebox';
import { type Config, describeSettings } from '../../config/index.ts';
import { Problem } from '../../model/problem.ts';
import { closedObject, nullableText, pageOf, texts } from '../schemas.ts';
import type { RouteModule } from '../server.ts';

const settingSchema = Type.Object(
  {
    name: Type.String({ description: 'Name in the documentation.' }),
    variable: Type.String({ description: 'The environment variable.' }),
    flag: Type.String({ description: 'The flag of `rowhook serve`.' }),
    description: Type.String({ description: 'What it decides.' }),
    unit: nullableText('How a value is written; null: as text.'),
    value: nullableText('What holds now; `***` for what is secret and set, null for nothing.'),
    fallback: Type.String({ description: 'The default, in words.' }),
  },
  { title: 'Setting' },
);

/** How the server was started, and whether it can send mails; for operators. */
export const settingRoutes: RouteModule = (api, services, config) => {
  api.get(
    '/v1/settings',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Server'],
        operationId: 'listSettings',
        summary: 'List the settings of the server',
        description: 'They are made with environment variables and flags, and change with a restart.',
        response: { 200: pageOf(settingSchema) },
      },
    },
    async () => ({ data: describeSettings().map((about) => showSetting(about, config)), nextCursor: null }),
  );

  api.post(
    '/v1/settings/smtp-test',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['Server'],
        operationId: 'testSmtp',
        summary: 'Send a mail to see whether mails arrive',
        description:
          'Through ROWHOOK_SMTP_URL, to the recipients of notices unless others are named. Answered once the mail server ' +
          'has taken the mail, or has not.',
        body: closedObject({
          to: Type.Optional(
            Type.Array(
              Type.String({
                maxLength: 254,
                pattern: '^[^\\s@<>,;"]+@[^\\s@<>,;"]+$',
                'x-allowed': 'a mail address',
              }),
              { minItems: 1, maxItems: 10, description: 'Who gets it.' },
            ),
          ),
        }),
        response: {
          200: Type.Object(
            {
              sent: Type.Boolean({
                description: 'Whether the mail server took it, for one recipient at least.',
              }),
              to: texts({ description: 'Who should get it.' }),
              rejected: texts({ description: 'Recipients that the mail server refused.' }),
              error: nullableText('Why it was not sent.'),
            },
            { title: 'SmtpTest' },
          ),
        },
      },
    },
    async (request) => {
      const { smtpUrl, noticeRecipients } = config;
      const recipients = request.body.to ?? noticeRecipients;
      if (smtpUrl === null) throw new Problem('conflict', 'There is no mail server: set ROWHOOK_SMTP_URL.');
      if (recipients.length === 0)
        throw new Problem('conflict', 'There is nobody to send it to: name somebody in `to`.');
      return services.sendTestMail(smtpUrl, recipients);
    },
  );
};

type About = ReturnType<typeof describeSettings>[number];

function showSetting({ name, variable, flag, description, unit, fallback, secret }: About, config: Config) {
  return { name, variable, flag, description, unit, fallback, value: showValue(config[name], secret) };
}

function showValue(value: Config[keyof Config], secret: boolean): string | null {
  if (value === null || (Array.isArray(value) && value.length === 0)) return null;
  if (secret) return '***';
  return Array.isArray(value) ? value.map(showItem).join(', ') : showItem(value);
}

/** Most are words and numbers; networks and the like are small objects that print themselves. */
function showItem(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
