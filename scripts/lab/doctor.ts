import Table from 'cli-table3'
import { EXIT } from '#contracts/parts'
import { NO_LINES } from '../../reports/table.ts'
import { systemFacts } from '../setup/facts.ts'

/** `lab:doctor`: check, found, needed, fix. Exit code 2 when something that is needed is missing; what is recommended is a warning (`!`). */
export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const facts = await systemFacts()
  if (json === true) console.log(JSON.stringify({ schemaVersion: 1, checks: facts }, undefined, 2))
  else {
    const style = { 'padding-left': 0, 'padding-right': 2, head: [], border: [] }
    const table = new Table({ head: ['', 'check', 'found', 'needed', 'fix'], chars: NO_LINES, style })
    for (const { ok, warning, check, found, needed, fix } of facts)
      table.push([ok ? (warning ? '!' : '✓') : '✗', check, found, needed, fix])
    console.log(table.toString())
  }
  if (facts.some(fact => !fact.ok)) process.exitCode = EXIT.environment
}
