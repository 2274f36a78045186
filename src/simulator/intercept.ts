// Takes an answer before it goes out, whoever writes it: a door writes past the framework, straight to the response.
import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'

export interface RawAnswer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Uint8Array
  /** Lets this or another answer go out. */
  send(answer: Pick<RawAnswer, 'status' | 'headers' | 'body'>): void
}

/** `whole` is called once, with the answer as it was written. Nothing goes out unless it is sent then. */
export function interceptAnswer(response: ServerResponse, whole: (answer: RawAnswer) => void): void {
  const { writeHead, end } = response
  let headers: OutgoingHttpHeaders = {}
  const taken = {
    writeHead(status: number, given?: OutgoingHttpHeaders) {
      response.statusCode = status
      headers = given ?? {}
      return response
    },
    end(body?: unknown) {
      Object.assign(response, { writeHead, end })
      whole({
        status: response.statusCode,
        headers,
        body: typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : Buffer.alloc(0),
        send: answer => {
          if (response.destroyed) return
          response.writeHead(answer.status, answer.headers)
          response.end(answer.body)
        },
      })
      return response
    },
  }
  Object.assign(response, taken)
}

/** The bytes of an answer on the line. */
export function rawBytes({ status, headers, body }: Omit<RawAnswer, 'send'>): Buffer {
  const fields = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length')
  const lines = [...fields, ['content-length', body.byteLength]].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`),
    body,
  ])
}
