export { Mailer } from './mailer.ts';
export { Notices } from './notices.ts';
export { sendTestMail, type TestMail } from './test-mail.ts';
