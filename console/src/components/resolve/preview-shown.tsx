import type { Preview } from '../../api/types.gen.ts'
import { Movements } from '../movements.tsx'
import { Notice } from '../notes.tsx'
import { State } from '../state.tsx'
import classes from './resolve.module.css'

/** What would be booked, and what it costs to be wrong. */
export function PreviewShown({ preview }: { preview: Preview }) {
  return (
    <div className={classes.preview}>
      <p>
        {preview.state === null ? (
          'The payout stays as it is.'
        ) : (
          <>
            The payout becomes <State state={preview.state} /> when another person confirms it. Until then
            nothing moves.
          </>
        )}
      </p>
      <Movements caption="What would be booked" movements={preview.postings} />
      <Notice tone="care">{preview.if_wrong}</Notice>
    </div>
  )
}
