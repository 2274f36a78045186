import { Button } from '@mantine/core'
import { Empty } from '../components/notes.tsx'

/** A page that broke, or a part of the console that could not be loaded, as after an upgrade of the server. */
export function Broken() {
  return (
    <main>
      <title>Quittance</title>
      <Empty title="This page could not be shown.">
        <p>Perhaps the server was upgraded since you opened the console. Nothing that you did was lost.</p>
        <Button variant="default" onClick={() => window.location.reload()}>
          Load it again
        </Button>
      </Empty>
    </main>
  )
}
