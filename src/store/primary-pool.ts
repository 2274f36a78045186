// Connections to whichever of several servers takes writes. The turn stays where the last connection succeeded; where one
// fails, or its server turns out to be a standby, the next is tried, and after a failover all new connections find the
// promoted one. A connection that is open keeps its server: it breaks with it.
import pg from 'pg'

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void

export class PrimaryPool extends pg.Pool {
  readonly #turn: Turn
  readonly #passesOn: (error: unknown) => boolean

  /**
   * @param urls at least one; more than one are servers of the same database
   * @param passesOn whether another server may be the one, after this failure to connect
   */
  constructor(
    urls: readonly string[],
    config: Omit<pg.PoolConfig, 'connectionString'>,
    passesOn: (error: unknown) => boolean,
  ) {
    const turn = { urls, place: 0 }
    super({ ...config, Client: clientOf(turn) })
    this.#turn = turn
    this.#passesOn = passesOn
  }

  override connect(): Promise<pg.PoolClient>
  override connect(done: Connected): void
  override connect(done?: Connected): Promise<pg.PoolClient> | undefined {
    const client = this.#connectToAny()
    if (done === undefined) return client
    client.then(
      connected => done(undefined, connected, release => connected.release(release)),
      (error: Error) => done(error, undefined, () => {}),
    )
    return undefined
  }

  async #connectToAny(): Promise<pg.PoolClient> {
    for (let tries = 1; ; tries += 1) {
      const { place } = this.#turn
      try {
        return await super.connect()
      } catch (error) {
        if (!this.#passesOn(error)) throw error
        // Of many that fail at once, one moves the turn.
        if (this.#turn.place === place) this.#turn.place = (place + 1) % this.#turn.urls.length
        if (tries >= this.#turn.urls.length) throw error
      }
    }
  }
}

interface Turn {
  readonly urls: readonly string[]
  place: number
}

function clientOf(turn: Turn): new (config?: pg.ClientConfig) => pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionString: turn.urls[turn.place] })
    }
  }
}
