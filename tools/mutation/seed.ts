// One seed for every property, so that two runs over the same tree judge every mutant alike; and no search for the smallest
// counterexample, which nobody reads here.
import * as fc from 'fast-check'

fc.configureGlobal({ seed: 20_260_101, endOnFailure: true })
