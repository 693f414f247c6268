import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { until } from '#lab'
import { ROOT, run } from '../lab/command.ts'
import { type TestHome, testHome } from '../lab/test-home.ts'

/** `npm run demo -- --real`, six minutes of the hour in as many seconds: it measures both arms and leaves nothing behind, however it ends. */

let home: TestHome
beforeAll(async () => {
  home = await testHome('demo-real')
})
afterAll(() => home.remove())

const demo = () =>
  run(['--real', '--minutes', '6', '--seconds', '6', '--no-install'], { PREFETCH_LAB_HOME: home.labs }, [
    process.execPath,
    join(ROOT, 'scripts', 'demo.ts'),
  ])
test('both arms are measured; label and three figures last', async () => {
  const { exitCode, stdout, stderr } = await demo().ended
  expect(exitCode, stderr).toBe(EXIT.ok)
  expect(stderr).toMatch(/a lab for prefetch 250 starts .*6:00 {2}prefetch 250 .*a lab for prefetch 1 starts .*6:00 {2}prefetch 1 /s)
  const lines = stdout.trimEnd().split('\n')
  expect(lines.at(-6)).toBe('measured on simulated GPUs (time scale 60, seed 1):')
  expect(lines.at(-5)).toMatch(/^\d+ questions, load 80 %, \d+\.\d ms between two answers, \d+\.\d ms within the hour$/)
  expect(lines.at(-3)).toMatch(/^p95 wait +[\d.]+ (s|min) +[\d.]+ (s|min) +predicted [\d.]+ (s|min) and [\d.]+ (s|min)$/)
  expect(lines.at(-2)).toMatch(/^stranded capacity +\d+ % +\d+ % +predicted \d+ % and \d+ %$/)
  expect(lines.at(-1)).toMatch(/^the fix, one line +await channel\.prefetch\(1\)$/)
  // Whatever else a busy machine measures: what the dashboard shows is none of those who wait.
  expect(lines.find(line => /6:00 {2}prefetch 250/.test(line))).toMatch(
    / 0 messages ready, +[1-9]\d+ people waiting\. \w+ (waited|has been waiting) /,
  )
  await home.nothingLeft()
})

test('Ctrl-C in mid-hour: exit 130, nothing is left', async () => {
  const command = demo()
  await until('the hour is measured', command.text, { is: text => /prefetch 250 +\d+ messages ready/.test(text), withinMs: 90_000 })
  process.kill(-(command.child.pid ?? 0), 'SIGINT')
  expect((await command.ended).exitCode, command.text()).toBe(EXIT.interrupted)
  expect(command.text()).toMatch(/INTERRUPTED: the hour was interrupted; its lab is removed/)
  await home.nothingLeft()
})
