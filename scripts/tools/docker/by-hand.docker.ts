import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compose } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { ROOT } from '../../../scenarios/lab/runtime/compose/images.ts'

/** `docker compose` by hand, as README and gpu-sim's page have it. Fixed ports: alone. */

const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
const inTree = (line: string[]) => line.map(word => word.replace(/^compose\//, `${join(ROOT, 'compose')}/`))
const words = /`docker compose (--env-file [^`]*? )up --wait`/.exec(readme)?.[1]?.trim().split(' ') ?? []

test('the simulated GPU alone, by the line of its page: the card that was asked for answers', async () => {
  const page = await readFile(join(ROOT, 'services/gpu-sim/README.md'), 'utf8')
  const [, card = '', options = '', what = ''] = /^GPU_PROFILE=(\S+) docker compose (--env-file .*?) (up --wait .*)$/m.exec(page) ?? []
  const project = ['--project-name', 'prefetch-lab-gpu-alone', ...inTree(options.split(' '))]
  const env = { GPU_PROFILE: card }
  try {
    await compose([...project, ...what.split(' '), '--quiet-pull'], { env })
    expect((await compose([...project, 'ps', '--all', '--format', '{{.Service}} {{.Health}}'])).trim()).toBe('gpu-fast healthy')
    expect(await (await fetch('http://127.0.0.1:11601/profile')).json()).toMatchObject({ profile: { name: card } })
    const body = JSON.stringify({ model: 'qwen2.5:7b', stream: false, messages: [{ role: 'user', content: '[[answer-tokens: 3]]' }] })
    const answer = await fetch('http://127.0.0.1:11501/api/chat', { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ done: true, eval_count: 3 })
  } finally {
    await compose([...project, 'down', '--volumes', '--timeout', '1'])
  }
})

test('up --wait, and everything is healthy', async () => {
  expect(words).toHaveLength(4)
  const project = ['--project-name', 'prefetch-lab-by-hand', ...inTree(words)]
  try {
    await compose([...project, 'up', '--wait', '--quiet-pull'])
    const text = await compose([...project, 'ps', '--format', '{{.Service}} {{.Health}}'])
    const healthy = text.split('\n').filter(line => line.endsWith(' healthy'))
    expect(healthy, text).toHaveLength(8)
  } finally {
    await compose([...project, 'down', '--volumes', '--timeout', '1'])
  }
})
