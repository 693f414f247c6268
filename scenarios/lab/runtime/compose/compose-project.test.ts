import { expect, test } from 'vitest'
import { portTaken } from './compose-project.ts'
import { projectOf } from './project.ts'

test.each([
  [
    'Error response from daemon: driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:20011 failed: port is already allocated',
    20_011,
  ],
  ['… Error starting userland proxy: listen tcp4 127.0.0.1:25001: bind: address already in use', 25_001],
  ['failed to bind host port 127.0.0.1:8101/tcp: address already in use', 8101],
  ['no space left on device', undefined],
])('a port that is taken is read out of the words of the engine', (said, port) => expect(portTaken(said)).toBe(port))

test('labs of one name in two homes are two projects', () => {
  expect(projectOf('/tmp/one/main')).toMatch(/^prefetch-lab-[0-9a-f]{8}-main$/)
  expect(projectOf('/tmp/one/main')).not.toBe(projectOf('/tmp/two/main'))
})
