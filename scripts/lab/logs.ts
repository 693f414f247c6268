import { EXIT } from '#contracts/parts'
import { attachLab, LabError } from '#lab'
import { stopSignal } from './stop.ts'

export async function logs(part: string, { name, lines, follow }: { name?: string; lines: string; follow?: boolean }): Promise<void> {
  const count = Number(lines)
  if (!Number.isInteger(count) || count < 0)
    throw new LabError(
      'BAD_SETTING',
      `--lines: expected a whole number, got ${JSON.stringify(lines)}\nLike this: npm run lab:logs -- ${part} -n 50`,
    )
  await using lab = await attachLab(name)
  const text = await lab.logTail(part, count)
  if (text !== '') console.log(text)
  if (follow !== true) return
  process.stdout.on('error', () => process.exit(EXIT.ok)) // `| head` closed it.
  await lab.logFollow(part, more => process.stdout.write(more), stopSignal())
}
