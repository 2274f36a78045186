import { expect, test } from 'vitest'
import { databaseUrls } from './database-urls.ts'

test('an address of one server stays as it is', () => {
  for (const url of [
    'postgres://u:p@db:5432/q',
    'postgresql://db/q?sslmode=require',
    'postgres:///q?host=/run/postgresql',
    'postgres://[::1]:5432/q',
  ])
    expect(databaseUrls(url)).toEqual([url])
})

test('each server of a list gets the user, the password, the name and the options of all', () => {
  expect(databaseUrls('postgres://u:p%40,x@a:5432,[::1]:5433,c/q?sslmode=require')).toEqual([
    'postgres://u:p%40,x@a:5432/q?sslmode=require',
    'postgres://u:p%40,x@[::1]:5433/q?sslmode=require',
    'postgres://u:p%40,x@c/q?sslmode=require',
  ])
})

test.each([
  'mysql://u@a,b/q',
  'host=a,b',
  'postgres://',
  'postgres://u@a,,b/q',
  'postgres://u@a,b:port/q',
  `postgres://u@${Array(9).fill('a').join(',')}/q`,
])('%s is no address', text => {
  expect(databaseUrls(text)).toBeNull()
})
