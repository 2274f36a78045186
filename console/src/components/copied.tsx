import { ActionIcon, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import classes from './copied.module.css'

/** A text to be taken along, such as an id. */
export function Copied({ text, name }: { text: string; name: string }) {
  return (
    <span className={classes.copied}>
      <span className="mono">{text}</span>
      <CopyIcon text={text} name={name} />
    </span>
  )
}

/** Several lines to be taken along, such as a request. */
export function CopiedBlock({ text, name }: { text: string; name: string }) {
  return (
    <div className={classes.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section aria-label={name} tabIndex={0} className={classes.scroll}>
        <pre className={classes.pre}>{text}</pre>
      </section>
      <span className={classes.corner}>
        <CopyIcon text={text} name={name} />
      </span>
    </div>
  )
}

function CopyIcon({ text, name }: { text: string; name: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          onClick={copy}
          aria-label={copied ? `Copied ${name}` : `Copy ${name}`}
          className={classes.icon}
        >
          {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        </ActionIcon>
      )}
    </CopyButton>
  )
}
