import { expect, test } from 'vitest'
import type { Finding } from '#evidence/finding'
import type { ArmDocument } from '#evidence/run-document'
import { plainInk } from '../ink.ts'
import { ADVICE } from './advice.ts'
import { clauseLines, clausesOf } from './clauses.ts'
import { OWN_WORKER_BREACHES } from './words.ts'

const finding = (name: string, of: string, code?: string): Finding => ({
  name,
  claim: `what ${name} expects`,
  verdict: code === undefined ? 'pass' : 'fail',
  breaches: code === undefined ? [] : [{ code, values: { task: 'task-1', nacks: 6, where: 'in-the-queue' }, witnesses: [] }],
  found: code === undefined ? 0 : 1,
  limits: [],
  judged: { count: 3, of },
})
const arm = (name: string, ...checks: Finding[]) => ({ name, checks }) as unknown as ArmDocument
const answered = (code?: string) => finding('task-answered', 'tasks', code)
const settles = finding('settles-where-delivered', 'settled-tasks')

test('a clause for each arm that loses nothing, one for each other check', () => {
  const clauses = clausesOf({ arms: [arm('steady', answered(), settles), arm('killed', answered('task-unanswered'), settles)] })
  expect(clauses.map(({ clause, verdict }) => [clause, verdict])).toEqual([
    ['loses no task: steady', 'pass'],
    ['loses no task: killed', 'fail'],
    ['settles where it was delivered', 'pass'],
  ])
  expect(clauses[2]?.seen).toBe('6 settled tasks judged')
})

test('a broken clause: its arm, what was expected and seen, and what to change in each client', () => {
  const poison = finding('poison-ends', 'poison-tasks', 'poison-nacked')
  const [clause] = clausesOf({ arms: [arm('good', finding('poison-ends', 'poison-tasks')), arm('poison', poison)] })
  const lines = clauseLines([clause!], 100, plainInk).join('\n')
  expect(lines).toMatch(/fail +ends a hopeless task\n +expected +what poison-ends expects\n +seen +poison: task task-1.* 6 times by nack/)
  for (const client of ['amqplib', 'pika', 'Spring', 'Celery']) expect(lines).toContain(`\n            ${client} `)
})

test('there is advice for every breach, and none says the same of two clients', () => {
  expect(Object.keys(ADVICE).sort()).toEqual(Object.keys(OWN_WORKER_BREACHES).sort())
  for (const advice of Object.values(ADVICE)) expect(new Set(Object.values(advice)).size).toBe(Object.keys(advice).length)
})
