// Proofs of death. An attempt that is dead can never be paid, and only then may another attempt follow. The list is closed:
// whoever wants a new way to declare an attempt dead adds it here, with the premise that can be checked again offline.

export const DEATHS = [
  'not_sent',
  'refused',
  'failed_final',
  'never_arrived',
  'not_committed',
  'cancelled',
  'by_statement',
  'by_people',
] as const
export type Death = (typeof DEATHS)[number]

/** The premise of each proof, one sentence: what the stored record has to show. */
export const DEATH_PREMISES: Readonly<Record<Death, string>> = {
  not_sent:
    'No byte of the request was handed to a socket: the call ended before, or the sealed journal of its sender holds no entry of it; and nothing of this step was sent before.',
  refused:
    'The only send was turned away before acceptance, and the contract takes that answer as proof, or an inquiry then found nothing.',
  failed_final:
    'The provider said that the payout ended unpaid, and said nothing else for as long as its contract allows a failure to be taken back.',
  never_arrived:
    'The provider, asked where the bytes were sent, answered "not found" as often, as far apart and as late after the last possible byte as its contract requires.',
  not_committed:
    'The order was created but the send right of the step that pays was withdrawn unused, and the contract says that creating alone never pays.',
  cancelled:
    "The provider confirmed in its protocol's own message that it cancelled the payout by our reference.",
  by_statement:
    'The closed statements of the value date and of the day after lack the reference, and two people agreed.',
  by_people: 'Two different people decided on stored evidence that the payout was not and will not be paid.',
}
