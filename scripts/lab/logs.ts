import { EXIT } from '#contracts/parts'
import { attachLab } from '#lab'
import { stopSignal } from './stop.ts'

export async function logs(part: string, { name, lines, follow }: { name?: string; lines: number; follow?: boolean }): Promise<void> {
  await using lab = await attachLab(name)
  const text = await lab.logTail(part, lines)
  if (text !== '') console.log(text)
  if (follow !== true) return
  process.stdout.on('error', () => process.exit(EXIT.ok)) // `| head` closed it.
  await lab.logFollow(part, more => process.stdout.write(more), stopSignal())
}
