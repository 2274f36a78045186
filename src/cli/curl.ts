export { curlLine, shellQuoted } from '../protocols/by-hand-curl.ts'
