// Every protocol that is spoken here, one line each.
export { avanor } from './avanor/index.ts'
export { payneteasy } from './payneteasy/index.ts'
export { paypro } from './paypro/index.ts'
export { proofapi } from './proofapi/index.ts'
