/** What a format makes of events: the bytes of a request, the same each time for the same events. */
export interface Payload {
  readonly contentType: string;
  readonly body: string;
}
