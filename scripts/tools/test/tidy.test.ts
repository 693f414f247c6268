import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { complaints } from './tidy-rules.ts'
import { unclear } from './tidy-words.ts'

const root = join(import.meta.dirname, '..', '..', '..')

/** A downloaded copy has no git, and no commits to judge. */
const isClone = existsSync(join(root, '.git')) && spawnSync('git', ['--version']).status === 0

function tracked(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(path => path !== '' && existsSync(join(root, path)))
}

test.runIf(isClone)('the tree keeps the rules of the house', () => {
  const files = tracked()
    .filter(path => /\.(ts|mjs)$/.test(path) && !path.includes('tidy'))
    .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  expect(files.length).toBeGreaterThan(10)
  expect(complaints(files)).toEqual([])
})

/** A stored example, and this rule with its tests, keep their words. */
const OWN_WORDS = /^reports\/example\/|tidy/

test.runIf(isClone)('sources, scripts and pages speak with one voice', () => {
  const files = tracked().filter(path => /\.(ts|mjs|sh|md)$/.test(path) && !OWN_WORDS.test(path))
  expect(files.length).toBeGreaterThan(10)
  expect(files.flatMap(path => unclear({ path, text: readFileSync(join(root, path), 'utf8') }).map(found => `${path}: ${found}`))).toEqual(
    [],
  )
})

describe('one voice: each phrase out of use is found', () => {
  test.each([
    'a latency that grows is said so',
    'the asker is told',
    'it says so',
    'the default unless told',
    'Holds runs against each other',
    'how to mend it',
    'leave --engine away',
    'This is no profile',
    'not as it should be',
    'ended by itself',
    'foreign processes',
    'so many on their way',
    'as for the rest',
    'a lab at rest',
    'what came of it',
    'an open loop has the one, a closed loop the other',
    'how many are before him',
    'whoever asks',
    'nobody who waits',
  ])('%s', line => expect(unclear({ path: 'a.md', text: line })).not.toEqual([]))

  test.each([
    'there is no queue',
    'it is no longer ready',
    'a foreign key',
    'const foreign = 1',
    'recommend, amended',
    'the other one',
    'this history',
  ])('not in: %s', line => expect(unclear({ path: 'a.md', text: line })).toEqual([]))
})

test('one voice: comments have 100 columns, pages 120, code its own', () => {
  const [fits, wide] = ['x'.repeat(97), 'x'.repeat(98)]
  const found = (path: string, text: string) => unclear({ path, text }).length
  expect([`// ${fits}`, `const a = ${wide}`, `// ${wide}`, `/** ${wide} */`, ` *  ${wide}`].map(line => found('a.ts', line))).toEqual([
    0, 0, 1, 1, 1,
  ])
  expect([`# ${fits}`, `# ${fits}x`, `say ${wide}`].map(line => found('a.sh', line))).toEqual([0, 0, 0])
  expect(['# '.padEnd(101, 'x'), '世'.repeat(120), 'y'.repeat(121)].map((line, i) => found(i === 0 ? 'a.sh' : 'a.md', line))).toEqual([
    1, 0, 1,
  ])
})

test.runIf(isClone)('nothing under reports/runs is committed', () => {
  expect(tracked().filter(path => path.startsWith('reports/runs/'))).toEqual([])
})

test('the lock file names no registry', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved":/)
})

describe('each rule catches its breach', () => {
  const breaches: [what: string, path: string, text: string, message: RegExp][] = [
    ['import to the right', 'services/kit/a.ts', "import { x } from '#lab'", /to its right/],
    ['contracts import ours', 'services/contracts/a.ts', "import { x } from '../kit/log.ts'", /contracts\/ imports nothing/],
    ['service imports service', 'services/im-node/a.ts', "import { x } from '../gpu-sim/api.ts'", /services talk through/],
    ['worker reached past its face', 'services/im-node/a.ts', "import { x } from '../ai-worker/infer.ts'", /services talk through/],
    ['lab imports a service', 'scenarios/lab/a.ts', "import { x } from '../../../services/im-node/http.ts'", /never imports them/],
    ['scenario reaches into the lab', 'scenarios/a.scenario.ts', "import { x } from './lab/runtime/native.ts'", /scenarios use #lab/],
    ['check with a clock', 'scenarios/evidence/checks/lost.ts', 'const t = Date.now()', /pure/],
    ['a check that makes words', 'scenarios/evidence/checks/a.ts', "breach('was not shown', {})", /makes words/],
    ['a count of a sentence', 'loadtest/engine/a.ts', "{ judged: 1, of: 'all messages' }", /makes words/],
    ['a sentence of a load test', 'loadtest/engine/a.ts', "const about = 'from here to there'", /makes words/],
    ['a sentence with values', 'loadtest/a.ts', 'const because = `sent far too late`', /makes words/],
    ['a unit read out of a name', 'reports/a.ts', 'if (/Ms$/.test(measure)) return 1', /end of a name/],
    ['a rate told by its name', 'loadtest/a.ts', "const rates = names.filter(name => name.endsWith('PerSecond'))", /end of a name/],
    ['an error known by its text', 'services/client/a.ts', "if (error.message.includes('answered 400')) return", /text of an error/],
    ['a limit read out of a claim', 'reports/a.ts', 'const found = /at most/.exec(check.claim)', /reading a sentence/],
    ['a reason read out of words', 'loadtest/a.ts', "arm.detail.includes('noisy')", /reading a sentence/],
    ['predictor reads files', 'scenarios/predictor/a.ts', "import { readFileSync } from 'node:fs'", /pure/],
    ['docker everywhere', 'scripts/a.ts', "import { GenericContainer } from 'testcontainers'", /know Docker/],
    ['ollama everywhere', 'services/im-node/a.ts', "import { Ollama } from 'ollama'", /know Ollama/],
    ['a package inside k6', 'loadtest/k6/a.ts', "import { z } from 'zod'", /runs inside k6/],
    ['a schema inside k6', 'loadtest/k6/a.ts', "import { ServerFrame } from '#contracts/frames'", /runs inside k6/],
    ["the client's view, which k6 runs too", 'services/client/view.ts', "import { z } from 'zod'", /runs inside k6/],
    ['sleep in a test', 'services/kit/a.test.ts', 'await new Promise(resolve => setTimeout(resolve, 100))', /sleeps/],
    ['env outside an entry', 'services/kit/a.ts', 'const x = process.env.HOME', /process\.env/],
    ['a long file', 'services/kit/a.ts', '\n'.repeat(251), /split it/],
  ]
  test.each(breaches)('%s', (_what, path, text, message) => {
    const found = complaints([{ path, text }])
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(message)
  })

  test('a circle of files, types included', () => {
    const files = [
      { path: 'services/kit/a.ts', text: "import { b } from './b.ts'" },
      { path: 'services/kit/b.ts', text: "import { c } from './c.ts'" },
      { path: 'services/kit/c.ts', text: "import type { B } from './b.ts'" },
    ]
    expect(complaints(files)).toEqual([expect.stringMatching(/^services\/kit\/c\.ts: closes a circle \(.*b\.ts > .*c\.ts > .*b\.ts\)/)])
  })

  test('an error of a load test has words, and so has a comment', () => {
    const text = "// It is a comment.\nthrow new TypeError(\n  'no threshold that we write',\n)"
    expect(complaints([{ path: 'loadtest/a.ts', text }])).toEqual([])
  })

  test('types may come from anywhere, inside k6 too', () => {
    const text =
      "import type { ServerFrame } from '#contracts/frames'\nimport { View } from '../../../services/client/view.ts'\nimport http from 'k6/http'"
    expect(complaints([{ path: 'loadtest/k6/a.ts', text }])).toEqual([])
  })

  test('the single exception: an IM node starts the worker through its face', () => {
    expect(complaints([{ path: 'services/im-node/main.ts', text: "import { startWorker } from '../ai-worker/index.ts'" }])).toEqual([])
  })
})
