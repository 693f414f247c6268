import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const EXAMPLE = join(import.meta.dirname, 'example')

test('the example that the README shows: small, of nowhere, loading nothing', async () => {
  const page = await readFile(join(EXAMPLE, 'report.html'), 'utf8')
  expect(page.length).toBeLessThan(300_000)
  expect(page).not.toMatch(/<script|\sstyle=|https?:\/\/|\/(?:home|root|tmp|work|Users)\//)
  expect(page).toContain('PASS</p>')
  expect((await stat(join(EXAMPLE, 'report.png'))).size).toBeLessThan(250_000)
})
