/** What one client may cost before it is known who it is. Times in milliseconds. */
export interface ServerLimits {
  /** Request line and headers together. */
  readonly headerBytes: number
  readonly headers: number
  readonly urlBytes: number
  /** Until the headers are whole, and until the whole request is. */
  readonly headersMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
  /** Without a byte in either direction: longer than any answer of ours takes. */
  readonly silenceMs: number
  readonly connections: number
  readonly connectionsPerAddress: number
}

export const SERVER_LIMITS: ServerLimits = {
  headerBytes: 16 * 1024,
  headers: 100,
  urlBytes: 4 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 5_000,
  silenceMs: 60_000,
  connections: 10_000,
  connectionsPerAddress: 1_000,
}
