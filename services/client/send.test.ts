import { describe, expect, test } from 'vitest'
import type { RefusalCode } from '#contracts/frames'
import { device, twoNodes } from './fake/device.ts'
import { on } from './fake/node.ts'
import { until } from './fake/until.ts'

describe('a send', () => {
  const refuse = (code: RefusalCode, retryable: boolean, times: number) => {
    let left = times
    return on('send', (frame, peer, node) => {
      peer.send({ type: 'refused', ref: frame.clientMessageId, code, retryable, detail: 'as scripted' })
      left -= 1
      if (left === 0) node.script = () => false
    })
  }

  test('refused for now is tried again with the same id', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a])
    lab.a.script = refuse('RATE_LIMITED', true, 2)
    expect(await ann.client.send('bob', 'x')).toMatchObject({ state: 'stored', attempts: 3 })
    expect(new Set(lab.a.got('send').map(frame => frame.clientMessageId)).size).toBe(1)
  })

  test('refused for good is refused at once', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a])
    lab.a.script = refuse('ID_REUSED', false, 1)
    expect(await ann.client.send('bob', 'x')).toMatchObject({ state: 'refused', code: 'ID_REUSED', attempts: 1 })
  })

  test('refused up to the last attempt: refused, or unknown if it may be stored', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a], { tuning: { sendAttemptsMax: 2 } })
    lab.a.script = refuse('RATE_LIMITED', true, 99)
    expect(await ann.client.send('bob', 'x')).toMatchObject({ state: 'refused', code: 'RATE_LIMITED', attempts: 2 })
    lab.a.script = refuse('NOT_CONFIRMED', true, 99)
    expect(await ann.client.send('bob', 'x')).toMatchObject({ state: 'unknown', code: 'NOT_CONFIRMED', attempts: 2 })
  })

  test('unanswered is repeated, then unknown', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a], { tuning: { sendTimeoutMs: 20, sendDeadlineMs: 200, heartbeatMs: 10 } })
    lab.a.script = on('send', () => {})
    expect(await ann.client.send('bob', 'x')).toMatchObject({ state: 'unknown' })
    expect(lab.a.got('send').length).toBeGreaterThan(1)
  })

  test('unanswered, but seen on the fan-out, is stored', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a], { tuning: { sendAttemptsMax: 1 } })
    lab.a.script = on('send', (frame, peer, node) => node.publish(node.store.save(peer.user, frame).message))
    const sent = ann.client.send('bob', 'x')
    await until('ann shows it', () => ann.shown.length === 1)
    await ann.client[Symbol.asyncDispose]()
    expect(await sent).toMatchObject({ state: 'stored', seq: 1 })
  })

  test('with no node in reach was surely not sent', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a], { tuning: { sendDeadlineMs: 60 } })
    await lab.a[Symbol.asyncDispose]()
    await until('ann knows', () => !ann.client.online)
    expect(await ann.client.send('bob', 'x')).toMatchObject({ state: 'refused', code: 'NOT_SENT', attempts: 0 })
  })

  test('still under way when the client is closed gets an outcome, and so does an answer', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a])
    lab.a.script = on('send', () => {})
    const sent = ann.client.send('bob', 'x')
    const answer = ann.client.answer(crypto.randomUUID())
    await ann.client[Symbol.asyncDispose]()
    expect(await sent).toMatchObject({ state: 'unknown', attempts: 1 })
    expect(await answer).toMatchObject({ state: 'unknown' })
    expect(await ann.client.send('bob', 'too late')).toMatchObject({ state: 'refused', code: 'NOT_SENT' })
  })
})
