import { changeLab, downLab, LabError } from '#lab'
import { withNews } from './waiting.ts'

export type Verb = 'stop' | 'start' | 'kill' | 'pause' | 'resume' | 'partition' | 'heal'

const DONE: Record<Verb, string> = {
  stop: 'stopped',
  start: 'ready',
  kill: 'killed',
  pause: 'paused',
  resume: 'running',
  partition: 'cut off',
  heal: 'on its networks again',
}

/** `lab:stop`, `lab:start` …: some parts by name, or a group of them. */
export async function change(verb: Verb, parts: string[], { name }: { name?: string }): Promise<void> {
  await changeLab(name, async lab => {
    const names = lab.names(...parts)
    const act = () => lab[verb](...names)
    await (verb === 'start' ? withNews(lab.name, part => names.includes(part), act) : act()).catch((error: unknown) => {
      throw inWordsOf(verb, names, error)
    })
    for (const part of names) console.log(`${part} ${DONE[verb]}`)
  })
}

/** Who heals is not told that something cannot be cut off. */
export function inWordsOf(verb: Verb, parts: readonly string[], error: unknown): unknown {
  if (verb !== 'heal' || !(error instanceof LabError) || error.code !== 'NOT_ON_NATIVE') return error
  const why = `nothing to heal: ${parts.join(', ')} cannot have been cut off, local processes talk to each other directly.`
  return new LabError(
    'NOT_ON_NATIVE',
    `${why}\nIn containers parts can be cut off and healed: npm run lab:up -- --runtime compose\nA part that is paused goes on with: npm run lab:resume ${parts[0] ?? 'PART'}`,
    { cause: error },
  )
}

export async function down({ name }: { name: string }): Promise<void> {
  const was = await downLab(name)
  console.log(was ? `The lab ${name} is down; nothing of it is left.` : `No lab named ${name} was there.`)
}
