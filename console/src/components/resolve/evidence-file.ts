import type { EvidenceGiven } from '../../api/types.gen.ts'

export type EvidenceKind = EvidenceGiven['kind']

/** A file that was chosen, and what it is said to be. */
export interface ChosenFile {
  readonly file: File
  readonly kind: EvidenceKind
  /** Of a statement: the whole days that it holds. */
  readonly from: string
  readonly through: string
}

export const EVIDENCE_FILES_MAX = 5
export const EVIDENCE_BYTES_MAX = 5 * 1024 * 1024
const MEDIA_TYPES = ['application/pdf', 'image/png', 'image/jpeg', 'text/plain'] as const
export const EVIDENCE_ACCEPTED = MEDIA_TYPES.join(',')

/** Why a file cannot be evidence, or null. */
export function fileProblem(file: File): string | null {
  if (mediaTypeOf(file) === null) return `${file.name}: a PDF, a PNG or JPEG picture, or a plain text`
  return file.size > EVIDENCE_BYTES_MAX ? `${file.name} is larger than 5 MiB` : null
}

export async function evidenceOf({ file, kind, from, through }: ChosenFile): Promise<EvidenceGiven> {
  return {
    ...{ kind, name: file.name },
    media_type: mediaTypeOf(file) ?? 'text/plain',
    data: await base64Of(file),
    ...(kind === 'statement' ? { covers: { from, through } } : {}),
  }
}

function mediaTypeOf(file: File): EvidenceGiven['media_type'] | null {
  return MEDIA_TYPES.find(type => type === file.type) ?? null
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onerror = () => reject(new Error(`${file.name} cannot be read`))
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.readAsDataURL(file)
  })
}
