import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useSearchParams } from 'react-router'
import { listActs } from '../../api/house.ts'
import { useEndless } from '../../components/endless.ts'
import form from '../../components/form.module.css'
import { payoutAddress, To } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { More } from '../../components/more.tsx'
import { Empty } from '../../components/notes.tsx'
import { Page, Section } from '../../components/page.tsx'
import { Table } from '../../components/table.tsx'
import { When } from '../../components/when.tsx'

const NAMES = ['who', 'what', 'subject'] as const
const LABELS = { who: 'Who', what: 'What', subject: 'About' } as const

/** What people did, by which credential. It is written in the same commit as what it tells of. */
export function Audit() {
  const [parameters, setParameters] = useSearchParams()
  const asked = {
    who: parameters.get('who'),
    what: parameters.get('what'),
    subject: parameters.get('subject'),
  }
  const acts = useEndless(['acts', asked], before => listActs(asked, before))
  const [texts, setTexts] = useState({
    who: asked.who ?? '',
    what: asked.what ?? '',
    subject: asked.subject ?? '',
  })
  const find = (event: FormEvent) => {
    event.preventDefault()
    setParameters(before => {
      const after = new URLSearchParams(before)
      for (const name of NAMES) {
        const text = texts[name].trim()
        if (text === '') after.delete(name)
        else after.set(name, text)
      }
      return after
    })
  }
  return (
    <Page
      title="Audit log"
      about="Acts of people and of the host. Nothing of it can be changed or taken away."
    >
      <form className={form.row} onSubmit={find}>
        {NAMES.map(name => (
          <TextInput
            key={name}
            label={LABELS[name]}
            value={texts[name]}
            maxLength={200}
            onChange={event => setTexts({ ...texts, [name]: event.currentTarget.value })}
          />
        ))}
        <Button type="submit" variant="default">
          Find
        </Button>
      </form>
      <Section title="Newest first" flush>
        <Loaded query={acts.query} lines={8}>
          {rows =>
            rows.length === 0 ? (
              <Empty title="Nobody did anything like this." />
            ) : (
              <>
                <Table
                  caption="Acts"
                  rows={rows}
                  rowKey={one => one.number}
                  columns={[
                    { title: 'When', cell: one => <When at={one.at} /> },
                    { title: 'Who', cell: one => <span className="mono">{one.who}</span> },
                    { title: 'What', cell: one => one.what.replaceAll('_', ' ') },
                    {
                      title: 'About',
                      cell: one =>
                        one.merchant !== null && one.subject.startsWith('po_') ? (
                          <To to={payoutAddress(one.merchant, one.subject)}>{one.subject}</To>
                        ) : (
                          <span className="mono">{one.subject}</span>
                        ),
                    },
                    { title: 'Merchant', wide: true, cell: one => one.merchant ?? '–' },
                    { title: 'By', wide: true, cell: one => <span className="mono">{one.credential}</span> },
                  ]}
                />
                <More hasMore={acts.hasMore} isReading={acts.isReading} readMore={acts.readMore} />
              </>
            )
          }
        </Loaded>
      </Section>
    </Page>
  )
}
