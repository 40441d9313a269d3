export {
  type ClientCertificateFacts,
  faultOfAuthorities,
  faultOfClientCertificate,
  readClientCertificate,
  type TlsFault,
} from './client-certificate.ts';
export type {
  EgressFailure,
  EgressRequest,
  EgressResponse,
  EgressResult,
  EgressSender,
  EgressSettings,
  EgressTiming,
  UrlVerdict,
} from './contract.ts';
export { Egress } from './egress.ts';
export { type EgressErrorCode, type EgressErrorDescription, egressErrors } from './errors.ts';
export { MailSender } from './mail-sender.ts';
export { Outbox } from './outbox.ts';
export { type SignatureHeaders, sign, signSeaTable } from './signature.ts';
