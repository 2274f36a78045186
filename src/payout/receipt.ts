// What a receipt can be, and how well the payment is known that it is of.

/** A receipt is of a payment, or of its return; the second one supersedes the first. */
export const RECEIPT_KINDS = ['paid', 'returned'] as const
export type ReceiptKind = (typeof RECEIPT_KINDS)[number]

/** The best that held when the receipt was issued. */
export const RECEIPT_GRADES = [
  'provider_says_paid', // its provider said so, in an answer of its own
  'callback_confirmed_by_inquiry', // it called us and, when we asked, said the same again
  'matched_to_statement', // a line of its closed statement is this payment; no receipt has it yet
  'decided_by_people', // nobody said so: two people decided it, on evidence
] as const
export type ReceiptGrade = (typeof RECEIPT_GRADES)[number]
