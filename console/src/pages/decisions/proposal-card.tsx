import { confirmDecision, rejectDecision } from '../../api/people.ts'
import type { Proposal } from '../../api/types.gen.ts'
import { type Role, useMay, useSession } from '../../app/session.ts'
import { Act } from '../../components/act.tsx'
import cards from '../../components/cards.module.css'
import { Facts } from '../../components/facts.tsx'
import { payoutAddress, To } from '../../components/link.tsx'
import { Notice } from '../../components/notes.tsx'
import { Tag, type Tone } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'
import classes from './decisions.module.css'
import { effectOf, titleOf } from './effect.tsx'
import { EvidenceButton } from './evidence-button.tsx'

export function ProposalCard({ proposal }: { proposal: Proposal }) {
  const { person } = useSession()
  const may = useMay()
  const { merchant, subject, content, evidence, state } = proposal
  const isOwn = proposal.proposed_by === person.id
  const mayConfirm = !isOwn && may([proposal.confirmed_by_role], merchant)
  const mayReject = may(['operator', 'approver', 'admin'] satisfies Role[], merchant)
  const because = typeof content.because === 'string' ? content.because : null
  return (
    <article className={cards.card} aria-label={`${titleOf(proposal)} ${subject}`}>
      <div className={cards.head}>
        <h2 className={classes.title}>
          {titleOf(proposal)}
          <Tag tone={TONES[state]}>{state}</Tag>
        </h2>
        {state === 'open' ? (
          <div className={classes.buttons}>
            {mayReject ? (
              <Act
                label={isOwn ? 'Withdraw' : 'Reject'}
                title={isOwn ? 'Withdraw your proposal' : 'Reject this proposal'}
                effect="Nothing of it is done. Whoever still wants it proposes it anew."
                doIt={isOwn ? 'Withdraw it' : 'Reject it'}
                asks={['because']}
                run={({ because: why }) => rejectDecision(proposal.id, why)}
                done="It is rejected."
              />
            ) : null}
            {mayConfirm ? (
              <Act
                label="Confirm"
                title={`Confirm: ${titleOf(proposal)}`}
                effect={effectOf(proposal)}
                doIt="Confirm it"
                asks={['code']}
                primary
                run={({ code }) => confirmDecision(proposal.id, code)}
                done="It is confirmed, and done."
              />
            ) : null}
          </div>
        ) : null}
      </div>
      {because === null ? null : <blockquote className={classes.because}>{because}</blockquote>}
      <Facts
        facts={[
          [
            'About',
            merchant !== null && subject.startsWith('po_') ? (
              <To key="about" to={payoutAddress(merchant, subject)}>
                {subject}
              </To>
            ) : (
              subject
            ),
          ],
          ['Merchant', merchant],
          ['Proposed by', isOwn ? 'you' : proposal.proposed_by],
          ['Proposed', <When key="proposed" at={proposal.proposed_at} />],
          proposal.ended_at === null
            ? ['Open until', <When key="expires" at={proposal.expires_at} />]
            : ['Ended', <When key="ended" at={proposal.ended_at} />],
          state === 'open'
            ? ['Confirmed by', `another person, ${proposal.confirmed_by_role}`]
            : ['Ended by', proposal.ended_by],
        ]}
      />
      {evidence.length === 0 ? null : (
        <ul className={classes.files} aria-label="Evidence">
          {evidence.map(file => (
            <li key={file.number}>
              <EvidenceButton proposalId={proposal.id} file={file} />
            </li>
          ))}
        </ul>
      )}
      {state === 'open' && !proposal.current ? (
        <Notice tone="care">
          It moved on since: what was shown then is not there any more. Look again before anything else.
        </Notice>
      ) : null}
      {state === 'open' && isOwn ? <Notice>It is yours: somebody else confirms it.</Notice> : null}
      {proposal.ended_why === null ? null : <p className="dimmed">{proposal.ended_why}</p>}
    </article>
  )
}

const TONES: Readonly<Record<Proposal['state'], Tone>> = {
  open: 'busy',
  confirmed: 'good',
  rejected: 'bad',
  void: 'calm',
  expired: 'calm',
}
