import { EXIT } from '#contracts/parts'
import { tableText } from '../../services/terminal/table.ts'
import { systemFacts } from '../setup/facts.ts'

/** `lab:doctor`: check, found, needed, fix. Exit code 2 when something that is needed is missing; what is recommended is a warning (`!`). */
export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const facts = await systemFacts()
  if (json === true) console.log(JSON.stringify({ schemaVersion: 1, checks: facts }, undefined, 2))
  else {
    const rows = facts.map(({ ok, warning, check, found, needed, fix }) => [ok ? (warning ? '!' : '✓') : '✗', check, found, needed, fix])
    console.log(
      tableText([['', 'check', 'found', 'needed', 'fix'], ...rows], { columns: process.stdout.columns ?? Number.POSITIVE_INFINITY }),
    )
  }
  if (facts.some(fact => !fact.ok)) process.exitCode = EXIT.environment
}
