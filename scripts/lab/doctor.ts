import { EXIT } from '#contracts/parts'
import { tableText, terminalColumns } from '../../services/terminal/table.ts'
import type { Fact } from '../setup/fact.ts'
import { systemFacts } from '../setup/facts.ts'

/** `lab:doctor`: check, found, needed, fix. Exits 2 if a need is missing; `!` is a warning. */
export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const facts = await systemFacts()
  if (json === true) console.log(JSON.stringify({ schemaVersion: 1, checks: facts }, undefined, 2))
  else {
    const width = terminalColumns(process.stdout)
    const mark = ({ ok, warning }: Fact) => (ok ? (warning ? '!' : '✓') : '✗')
    const rows = facts.map(fact => [mark(fact), fact.check, fact.found, fact.needed])
    console.log(tableText([['', 'check', 'found', 'needed'], ...rows], { columns: width }))
    const fixes = facts.filter(({ ok, warning, fix }) => fix !== '' && (!ok || warning))
    if (fixes.length > 0)
      console.log(`\n${tableText([['', 'to fix it', ''], ...fixes.map(fact => [mark(fact), fact.check, fact.fix])], { columns: width })}`)
  }
  if (facts.some(fact => !fact.ok)) process.exitCode = EXIT.environment
}
