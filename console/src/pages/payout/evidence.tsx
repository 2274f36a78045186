import { useQuery } from '@tanstack/react-query'
import { listProofImages, type Named, readReceipt, receiptAddress } from '../../api/payouts.ts'
import { ApiProblem } from '../../api/problem.ts'
import type { Payout } from '../../api/types.gen.ts'
import { Empty } from '../../components/notes.tsx'
import { Section } from '../../components/page.tsx'
import classes from './payout.module.css'
import { Picture } from './picture.tsx'

const PROOF_EVERY_MS = 5_000

/** Our signed receipt and the provider's own pictures, once there are any. */
export function Evidence({ named, payout }: { named: Named; payout: Payout }) {
  const { merchant, id } = named
  const wasPaid = payout.paid_at !== null
  const receipt = useQuery({
    queryKey: ['payout', merchant, id, 'receipt', payout.state],
    // It is made a moment after the payment; until then there is none, which is no failure.
    queryFn: () => readReceipt(named).catch(noneYet),
    enabled: wasPaid,
    refetchInterval: asked => (asked.state.data == null ? PROOF_EVERY_MS : false),
  })
  const images = useQuery({
    queryKey: ['payout', merchant, id, 'proof_images'],
    queryFn: () => listProofImages(named),
    enabled: wasPaid,
    refetchInterval: PROOF_EVERY_MS,
  })
  const pictures = images.data?.data.filter(({ source }) => source === 'provider') ?? []
  return (
    <Section title="Receipt and proof">
      {wasPaid ? null : (
        <Empty title="There is nothing to prove.">A payout that is paid gets a receipt.</Empty>
      )}
      {wasPaid && receipt.data == null && pictures.length === 0 ? (
        <Empty title="The receipt is being made." />
      ) : null}
      <div className={classes.pictures}>
        {receipt.data == null ? null : (
          <Picture
            address={receiptAddress(named, 'png')}
            name="Receipt"
            caption={
              <>
                <span>Our receipt, signed ({receipt.data.facts.grade.replaceAll('_', ' ')})</span>
                <a href={receiptAddress(named, 'pdf')} download={`${id}.pdf`}>
                  PDF
                </a>
                <a href={receiptAddress(named, 'json')} download={`${id}.json`}>
                  File to verify
                </a>
                <a href="/verify" target="_blank" rel="noreferrer">
                  Verify
                </a>
              </>
            }
          />
        )}
        {pictures.map((image, place) => (
          <Picture
            key={image.sha256}
            address={image.data_uri}
            name={`Proof image ${place + 1} of the provider`}
            caption={<span>The provider’s own picture, {Math.ceil(image.size / 1024)} KiB</span>}
          />
        ))}
      </div>
    </Section>
  )
}

function noneYet(error: unknown): null {
  if (error instanceof ApiProblem && (error.status === 404 || error.status === 409)) return null
  throw error
}
