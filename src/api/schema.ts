export * from './schema-answer.ts'
export * from './schema-request.ts'
