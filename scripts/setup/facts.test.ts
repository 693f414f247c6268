import { expect, test } from 'vitest'
import { systemFacts } from './facts.ts'

test('every row that is not as needed says what to do, the others nothing', async () => {
  const facts = await systemFacts()
  expect(facts.map(fact => fact.check)).toEqual(
    expect.arrayContaining(['system', 'Node', 'npm', 'RabbitMQ', 'Postgres', 'memory', 'Docker']),
  )
  for (const fact of facts) expect(fact.fix === '', fact.check).toBe(fact.ok)
})
