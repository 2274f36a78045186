// What Postgres would refuse, the model refuses by the same name of the same rule. Whoever is refused has changed nothing.

/** A rule of the database that a call broke. Always a mistake of the application: nobody handles it. */
export class ModelRefusal extends Error {
  override readonly name = 'ModelRefusal'
  /** The constraint's name in the schema; `not_null <column>` where Postgres names only the column. */
  readonly constraint: string

  constructor(constraint: string) {
    super(`the model's rule ${constraint} refuses this`)
    this.constraint = constraint
  }
}

/** @throws ModelRefusal unless the rule holds */
export function rule(holds: boolean, constraint: string): asserts holds {
  if (!holds) throw new ModelRefusal(constraint)
}
