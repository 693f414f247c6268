import { changeLab, downLab } from '#lab'

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
    await lab[verb](...names)
    for (const part of names) console.log(`${part} ${DONE[verb]}`)
  })
}

export async function down({ name }: { name: string }): Promise<void> {
  const was = await downLab(name)
  console.log(was ? `The lab ${name} is down; nothing of it is left.` : `No lab named ${name} was there.`)
}
