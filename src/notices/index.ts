export { Mailer } from './mailer.ts';
export { Notices } from './notices.ts';
