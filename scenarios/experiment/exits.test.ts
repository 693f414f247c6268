import { expect, test } from 'vitest'
import { Exits } from './exits.ts'
import { FakeLab } from './fake-lab.ts'

/** Which ends count as unexpected exits. */

test('a part that is gone is named with its log; all of them are, if there are several', async () => {
  const lab = new FakeLab()
  await using exits = new Exits(lab)
  await exits.look()
  expect(exits.signal.aborted).toBe(false)
  lab.dead.push('im-b', 'worker-fast')
  await exits.look()
  expect(exits.signal.reason).toMatchObject({
    code: 'PART_EXITED',
    message: 'im-b, worker-fast exited unexpectedly\nlog of im-b',
  })
})

test('a part that is gone during a verb is not an exit, however look and verb overlap', async () => {
  const lab = new FakeLab()
  await using exits = new Exits(lab)
  lab.dead.push('im-b')
  const starts = Promise.withResolvers<void>()
  const before = exits.look()
  const starting = exits.during(() => starts.promise)
  await Promise.all([before, exits.look()])
  expect(exits.signal.aborted).toBe(false)
  starts.resolve()
  await starting
  await exits.look()
  expect(exits.signal.aborted).toBe(true)
})
