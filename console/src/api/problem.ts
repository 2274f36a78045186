import type { Problem } from './types.gen.ts'

/** Why the API refused, or did not answer. The message is for the person in front. */
export class ApiProblem extends Error {
  readonly code: string
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number
  readonly requestId: string | null
  /** What is wrong with which field, where the API says so. */
  readonly fields: readonly { readonly pointer: string; readonly message: string }[]

  constructor(message: string, code: string, status: number, problem: Partial<Problem> = {}) {
    super(message)
    this.code = code
    this.status = status
    this.requestId = problem.request_id ?? null
    this.fields = problem.errors ?? []
  }
}

/** Reads an RFC 9457 problem; whatever else came instead is told as it is. */
export async function problemOf(answer: Response): Promise<ApiProblem> {
  const problem: Partial<Problem> = await answer.json().catch(() => ({}))
  const message = problem.detail ?? problem.title ?? `The server answered ${answer.status}.`
  return new ApiProblem(message, problem.code ?? 'unreadable', answer.status, problem)
}
