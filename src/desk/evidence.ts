// Files that a decision rests on. They come from people and are shown to people, so what they are is read from their
// first bytes and not from what they are called.
import { isUtf8 } from 'node:buffer'
import { sha256Hex } from '../lib/digest.ts'
import {
  type CoveredDays,
  EVIDENCE_BYTES_MAX,
  EVIDENCE_MAX,
  type EvidenceFacts,
  type EvidenceType,
} from '../payout/decision.ts'
import type { NewEvidence } from '../store/people-store.ts'
import { type Refused, refused } from './refused.ts'

/** Null, or what is wrong with them. */
export function evidenceRefusal(files: readonly NewEvidence[]): Refused | null {
  if (files.length > EVIDENCE_MAX)
    return refused('evidence_refused', `At most ${EVIDENCE_MAX} files are kept.`)
  for (const { bytes, mediaType, kind, covers } of files) {
    if (bytes.length === 0) return refused('evidence_refused', 'A file is empty.')
    if (bytes.length > EVIDENCE_BYTES_MAX) return refused('evidence_refused', 'A file is larger than 5 MiB.')
    if (!isOfType(bytes, mediaType)) return refused('evidence_refused', `A file is not ${mediaType}.`)
    if ((kind === 'statement') !== (covers !== null))
      return refused('evidence_refused', 'A statement, and nothing else, says which days it covers.')
    if (covers !== null && !areDays(covers))
      return refused('evidence_refused', 'The days that a statement covers are written 2026-11-21, in order.')
  }
  return null
}

/** What the bytes are, where they are of a kind that is kept. */
export function evidenceTypeOf(bytes: Uint8Array): EvidenceType | null {
  for (const [type, first] of FIRST_BYTES) if (startsWith(bytes, first)) return type
  return isUtf8(bytes) && !bytes.includes(0) ? 'text/plain' : null
}

/** What is shown and hashed of a file. */
export function evidenceFacts({ kind, name, mediaType, bytes, covers }: NewEvidence): EvidenceFacts {
  return { kind, name, mediaType, size: bytes.length, sha256: sha256Hex(bytes), covers }
}

const FIRST_BYTES: readonly (readonly [EvidenceType, readonly number[]])[] = [
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
]

function isOfType(bytes: Uint8Array, type: EvidenceType): boolean {
  return evidenceTypeOf(bytes) === type
}

function startsWith(bytes: Uint8Array, first: readonly number[]): boolean {
  return first.every((byte, place) => bytes[place] === byte)
}

function areDays({ from, through }: CoveredDays): boolean {
  return isDay(from) && isDay(through) && from <= through
}

/** A day that there is: 2026-02-30 is none. */
function isDay(text: string): boolean {
  if (!/^20[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text)
}
