import { partEnv } from '../part-env.ts'
import { logFile, type PartProcess } from './part-process.ts'
import { launch, MARK_VARIABLE, PART_VARIABLE } from './processes.ts'

/** Of one command the shell becomes the worker, which then gets SIGTERM and not the shell. */
const OF_SEVERAL = /[;&|<>()`\n]/

/** A worker of somebody's own: any program. Nothing of it is known but that it runs. */
export const COMMAND: PartProcess = {
  ports: [],
  stopSignal: 'SIGTERM',
  async launch({ plan, part, addresses, folder, mark }) {
    const command = plan.commands?.find(({ name }) => name === part.name)
    if (command === undefined) throw new Error(`${part.name} has no command`)
    return [
      await launch({
        command: '/bin/sh',
        args: ['-c', OF_SEVERAL.test(command.line) ? command.line : `exec env ${command.line}`],
        // Unlike our own parts it has its user's environment: virtualenv, JAVA_HOME.
        env: { ...ownEnvironment(), ...partEnv(plan, part, addresses), [MARK_VARIABLE]: mark, [PART_VARIABLE]: part.name },
        cwd: command.folder,
        logFile: logFile(folder, part.name),
      }),
    ]
  },
  missing: async () => [],
  urls: () => ({}),
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
