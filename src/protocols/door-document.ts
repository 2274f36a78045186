// A door for readers: its OpenAPI file and its part of the Postman collection are made of this.

/** What a reader is told of a door. Plain data; the texts are ours, the facts are the contract's. */
export interface DoorDocument {
  /** How its requests sign themselves inside Postman; null: the collection holds signed examples and says so. */
  readonly postman: PostmanSigning | null
  readonly title: string
  readonly description: string
  readonly operations: readonly DoorOperation[]
}

export interface DoorOperation {
  /** The same call of the request builder, by which examples are signed; null where it has none. */
  readonly call: string | null
  readonly method: 'GET' | 'POST'
  /** As in the route: `:name` parts stand for themselves. */
  readonly path: string
  readonly summary: string
  readonly description: string
  readonly contentType: string
  readonly fields: readonly DoorField[]
  readonly answers: readonly DoorExample[]
}

export interface DoorField {
  readonly name: string
  readonly in: 'body' | 'header' | 'path'
  readonly type: 'string' | 'integer' | 'number' | 'object'
  readonly required: boolean
  readonly description: string
  readonly example: string
}

export interface DoorExample {
  readonly status: number
  readonly contentType: string
  readonly description: string
  /** The body as it goes over the line. */
  readonly body: string
}

/** JavaScript for Postman's own sandbox, which has `pm` and the package crypto-js. */
export interface PostmanSigning {
  /** Runs in front of every request of the folder; sets the variables that its templates name. */
  readonly script: readonly string[]
  /** Postman's own helper, where it knows the scheme. */
  readonly auth: object | null
  /** Variables beside `<door>_id` and `<door>_secret`, with what a person puts there. */
  readonly variables: readonly { readonly key: string; readonly description: string }[]
}
