// What can happen on the line between a client and a provider's door. `…before`: the door never sees the request.
// All others: the door has seen it and did its work, and only the answer suffers.

export const LINE_FAULTS = {
  lost_before: 'closed without an answer before the door saw the request',
  reset_before: 'reset before the door saw the request',
  lost_after: 'closed without an answer after the door did its work',
  reset_after: 'reset after the door did its work',
  held: 'stays open, and no answer ever comes',
  delayed: 'the answer comes 3 s late',
  half: 'the answer is cut half-way through its body',
  garbage: '200 with a page of HTML',
  empty: '200 with nothing',
  server_error: '502 with a page of HTML',
  client_error: '400 with plain text',
  redirect: '307 to the same address',
  doubled: 'the request arrives twice',
  answer_doubled: 'the answer comes twice',
} as const

/** How late a delayed answer is. */
export const LINE_DELAY_MS = 3_000

export type LineFaultName = keyof typeof LINE_FAULTS

export const LINE_FAULT_NAMES = Object.keys(LINE_FAULTS) as readonly LineFaultName[] // the keys of a constant are its type

export function isLineFault(name: string): name is LineFaultName {
  return Object.hasOwn(LINE_FAULTS, name)
}

/** Whether the door never sees the request. */
export function isBeforeTheDoor(fault: LineFaultName): fault is 'lost_before' | 'reset_before' {
  return fault === 'lost_before' || fault === 'reset_before'
}
