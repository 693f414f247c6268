import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compose } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { ROOT } from '../../../scenarios/lab/runtime/compose/images.ts'

/** The README's `docker compose` by hand. Its ports are fixed: no other lab may run beside it. */

const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
const words = /`docker compose (--env-file [^`]*? )up --wait`/.exec(readme)?.[1]?.trim().split(' ') ?? []

test('up --wait, and everything is healthy', async () => {
  expect(words).toHaveLength(4)
  const project = ['--project-name', 'prefetch-lab-by-hand', ...words.map(word => word.replace(/^compose\//, `${join(ROOT, 'compose')}/`))]
  try {
    await compose([...project, 'up', '--wait', '--quiet-pull'])
    const text = await compose([...project, 'ps', '--format', '{{.Service}} {{.Health}}'])
    const healthy = text.split('\n').filter(line => line.endsWith(' healthy'))
    expect(healthy, text).toHaveLength(8)
  } finally {
    await compose([...project, 'down', '--volumes', '--timeout', '1'])
  }
})
