import { Button } from '@mantine/core'
import classes from './more.module.css'

/** Under a long list. */
export function More({
  hasMore,
  isReading,
  readMore,
}: {
  hasMore: boolean
  isReading: boolean
  readMore: () => void
}) {
  if (!hasMore) return null
  return (
    <div className={classes.more}>
      <Button variant="default" size="xs" loading={isReading} onClick={readMore}>
        Show more
      </Button>
    </div>
  )
}
