import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { ROOT, run } from '../lab/command.ts'
import { testHome } from '../lab/test-home.ts'

/** `demo -- --real`, six minutes of the hour: measures both arms, leaves nothing. */

test('both arms are measured; label and figures last, then the fix or, where the machine was too slow, that nothing follows', async () => {
  const home = await testHome('demo-real')
  onTestFinished(() => home.remove())
  const words = [process.execPath, join(ROOT, 'scripts', 'demo.ts'), '--real', '--minutes', '6', '--seconds', '6', '--no-install']
  const { exitCode, stdout, stderr } = await run([], { PREFETCH_LAB_HOME: home.labs }, words).ended
  expect(stderr).toMatch(/a lab for prefetch 250 starts .*6:00 {2}prefetch 250 .*a lab for prefetch 1 starts .*6:00 {2}prefetch 1 /s)
  const lines = stdout.trimEnd().split('\n')
  const unknown = exitCode === EXIT.unknown
  if (unknown) {
    expect(lines.at(-2)).toMatch(/^No conclusion: .*\d/)
    expect(lines.at(-1)).toMatch(/^This machine was too slow for the hour: npm run demo -- --real --seconds \d+ --minutes 6 --no-install$/)
    expect(stdout).not.toContain('the fix')
  } else {
    expect(exitCode, stderr).toBe(EXIT.ok)
    expect(lines.at(-1)).toMatch(/^the fix, one line +await channel\.prefetch\(1\)$/)
  }
  const last = unknown ? lines.slice(0, -2) : lines.slice(0, -1)
  // The sentence about the model stands there only if something follows from what was measured.
  const label = last.length - (unknown ? 8 : 9)
  expect(last[label]).toBe('measured on simulated GPUs (time scale 60, seed 1):')
  expect(last[label + 1]).toMatch(/^\d+ questions, load 80 %, \d+\.\d ms between two answers, \d+\.\d ms within the hour$/)
  expect(last[label + 2]).toMatch(/^Means: rtx-4090 [\d.]+ s an answer, rx-7650-gre [\d.]+ s/)
  const model = /^(model and machine agree within \d+ % on the p95 waits|p95 waits are \d+ % from the model's: a gap is .* of GPU time)$/
  expect(last.filter(line => model.test(line))).toHaveLength(unknown ? 0 : 1)
  expect(last.at(-2)).toMatch(/^p95 wait +[\d.]+ (s|min) +[\d.]+ (s|min) +predicted [\d.]+ (s|min) and [\d.]+ (s|min)$/)
  expect(last.at(-1)).toMatch(/^stranded capacity +\d+ % +\d+ % +predicted \d+ % and \d+ %$/)
  // Whatever else a busy machine measures: what the dashboard shows is none of those who wait.
  expect(lines.find(line => /6:00 {2}prefetch 250/.test(line))).toMatch(
    / 0 messages ready, +[1-9]\d+ people waiting\. \w+ (waited|has been waiting) /,
  )
  await home.nothingLeft()
})
