// Persons: who comes with a key, and who is let in. Keys are kept as hashes and seeds sealed; both are shown once, to
// whoever adds the person.
import { equalConstantTime, sha256, sha256Hex } from '../lib/digest.ts'
import { authenticatorUri, CODE_SEED_BYTES } from '../lib/one-time-code.ts'
import type { Grant, PeopleStore, PersonAdded } from '../store/people-store.ts'
import type { HostActor, PersonActor } from './actor.ts'
import { ID_ALPHABET, newProposal, type ProposalParts } from './proposals.ts'

export interface PersonGiven {
  readonly name: string
  readonly grants: readonly Grant[]
  /** Whether the installation is live; its keys work on no other. */
  readonly live: boolean
}

export interface PersonMade {
  readonly personId: string
  readonly said: PersonAdded
  /** What another person with the role admin has to confirm; null for the first two. */
  readonly proposalId: string | null
  /** Both shown this once. */
  readonly key: string
  readonly authenticatorUri: string
}

/**
 * Who it is, by the whole key `qp_live_<id>_<secret>`, or null. An unknown id does the same work, so time does not tell
 * which ids there are. A key that was stopped works no more from that commit on.
 */
export async function authenticatePerson(
  people: Pick<PeopleStore, 'findPersonByKey'>,
  key: string,
  live: boolean,
): Promise<PersonActor | null> {
  const keyId = PERSON_KEY.exec(key)?.[1]
  const found = keyId === undefined ? null : await people.findPersonByKey(keyId)
  const stored = found === null ? NO_HASH : Buffer.from(found.hash).toString('hex')
  const proven = equalConstantTime(sha256Hex(key), stored)
  if (found === null || !proven || !found.active || found.live !== live) return null
  return { kind: 'person', person: found.person, credential: found.keyId }
}

/** The host lets in the first two of an empty installation; every later person it can only propose. */
export async function addPerson(
  { people, random }: Pick<ProposalParts, 'people' | 'random'>,
  host: HostActor,
  { name, grants, live }: PersonGiven,
): Promise<PersonMade> {
  const personId = `pe_${random.text(ID_ALPHABET, 12)}`
  const keyId = `qp_${live ? 'live' : 'test'}_${random.text(ID_ALPHABET, 12)}`
  const key = `${keyId}_${random.text(SECRET_ALPHABET, SECRET_LENGTH)}`
  const factor = random.bytes(CODE_SEED_BYTES)
  const content = { name, grants, key: keyId }
  const about = {
    merchantId: null,
    subject: personId,
    payoutNumber: null,
    attemptNo: null,
    content,
    evidence: [],
  }
  const proposal = newProposal('person', about, host, random)
  const keys = [{ keyId, live, hash: sha256(key) }]
  const said = await people.addPerson({ personId, name, factor, grants, keys, proposal })
  return {
    personId,
    said,
    proposalId: said === 'proposed' ? proposal.proposalId : null,
    key,
    authenticatorUri: authenticatorUri({ name, seed: factor }),
  }
}

const PERSON_KEY = /^(qp_(?:test|live)_[A-Za-z0-9]{1,32})_[A-Za-z0-9]{1,128}$/
const SECRET_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62 characters 43 times are 256 bits. */
const SECRET_LENGTH = 43

/** Of no key: nothing that anybody can write hashes to it. */
const NO_HASH = '0'.repeat(64)
