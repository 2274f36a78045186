/** A sentence for a port that cannot be had, or null where the error is another one. */
export function portProblem(error: unknown, port: number): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') return `port ${port} is taken; choose another with --port, or 0 for any free one`
  if (code === 'EACCES') return `port ${port} needs more rights than this user has; choose one above 1023`
  return null
}
