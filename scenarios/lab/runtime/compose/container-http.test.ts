import { expect, test } from 'vitest'
import { readAnswer } from './container-http.ts'

test('answers of the program and words of Docker on one stream are kept apart', () => {
  expect(readAnswer('{"id":3,"status":200,"body":"{}"}')).toEqual({ id: 3, status: 200, body: '{}' })
  expect(readAnswer('{"id":4,"failed":"ECONNREFUSED"}')).toMatchObject({ id: 4, failed: 'ECONNREFUSED' })
  for (const line of [
    'OCI runtime exec failed: exec failed: unable to start container process: error executing setns process: exit status 1: unknown',
    'Error response from daemon: container is not running',
    '{"level":30}',
    'null',
    '',
  ])
    expect(readAnswer(line), line).toBeUndefined()
})
