import { didYouMean } from '#contracts/nearest'
import { changeLab, downLab, LabError, labsThere, ofLab, type PartState } from '#lab'
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
    const before = new Map((await lab.status()).map(part => [part.name, part.state]))
    const act = () => lab[verb](...names)
    await (verb === 'start' ? withNews(lab.name, part => names.includes(part), act) : act()).catch((error: unknown) => {
      throw inWordsOf(verb, names, error, lab.name)
    })
    for (const part of names) console.log(`${part} ${nothingToDo(verb, before.get(part), `${part}${ofLab(lab.name)}`) ?? DONE[verb]}`)
  })
}

/** What a verb says of a part that was in its state before, or that it cannot change.
 *  @param typed the part and its lab, as one types them */
export function nothingToDo(verb: Verb, before: PartState | undefined, typed = 'PART'): string | undefined {
  const ended = before === 'stopped' || before === 'exited'
  if (verb === 'stop' || verb === 'kill') return ended ? `had ${before} already` : undefined
  if (verb === 'start') return before === 'ready' ? 'was ready already' : undefined
  if (verb === 'pause') return before === 'paused' ? 'was paused already' : ended ? `has ${before}: nothing to pause` : undefined
  if (verb === 'resume' && before !== 'paused') return ended ? `has ${before}: start it with npm run lab:start ${typed}` : 'was not paused'
  return undefined
}

/** `heal` does not complain that something cannot be cut off. */
export function inWordsOf(verb: Verb, parts: readonly string[], error: unknown, lab = 'main'): unknown {
  if (verb !== 'heal' || !(error instanceof LabError) || error.code !== 'NOT_ON_NATIVE') return error
  const why = `nothing to heal: local processes (${parts.join(', ')}) cannot be cut off.`
  return new LabError(
    'NOT_ON_NATIVE',
    `${why}\nIn containers parts can be cut off and healed: npm run lab:up -- --runtime compose\nResume a paused part: npm run lab:resume ${parts[0] ?? 'PART'}${ofLab(lab)}`,
    { cause: error },
  )
}

export async function down({ name }: { name: string }): Promise<void> {
  const was = await downLab(name)
  if (was) console.log(`The lab ${name} is down; nothing of it is left.`)
  else {
    const others = await labsThere()
    const end = others.map(other => `\n  npm run lab:down -- --name ${other}`).join('')
    console.log(`No lab named ${name} was there.${others.length === 0 ? '' : `${didYouMean(name, others)} These are:${end}`}`)
  }
}
