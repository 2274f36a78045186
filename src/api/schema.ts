export * from './schema-answer.ts'
export * from './schema-people.ts'
export * from './schema-request.ts'
export * from './schema-sandbox.ts'
