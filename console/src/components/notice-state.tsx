import type { Notice } from '../api/types.gen.ts'
import { Tag, type Tone } from './tag.tsx'

export function NoticeState({ state }: { state: Notice['state'] }) {
  return <Tag tone={TONES[state]}>{state}</Tag>
}

const TONES: Readonly<Record<Notice['state'], Tone>> = { due: 'busy', acknowledged: 'good', parked: 'care' }
