/** `npm run gpu`: a simulated GPU for anybody's tests. Options: `gpu/arguments.ts`. */
import { EXIT } from '#contracts/parts'
import { resolveSettings } from '#contracts/settings'
import { costText, readyText } from '../reports/gpu-text.ts'
import { LabError } from '../scenarios/lab/errors.ts'
import { type GpuSim, startGpuSim } from '../services/gpu-sim/gpu-sim.ts'
import { terminalColumns } from '../services/terminal/table.ts'
import { type GpuAsked, gpuProgram } from './gpu/arguments.ts'
import { stopSignal } from './lab/stop.ts'
import { runProgram } from './setup/program.ts'

async function serve(asked: GpuAsked): Promise<void> {
  const stop = stopSignal()
  await using sim = await start(asked)
  const { profile, timeScale, faults } = asked
  const ready = { url: sim.url, openAiUrl: `${sim.url}/v1`, controlUrl: sim.controlUrl, models: sim.models(), profile, timeScale }
  console.log(asked.json ? JSON.stringify(ready, null, 2) : readyText({ ...ready, faults }, terminalColumns(process.stdout)))
  await new Promise(stopped => stop.addEventListener('abort', stopped, { once: true }))
  process.exitCode = stop.reason === 'SIGINT' ? EXIT.interrupted : EXIT.ok
  const { user, system } = process.cpuUsage()
  const cost = { ...sim.answered(), cpuUs: user + system }
  console.error(asked.json ? JSON.stringify(cost) : costText(cost))
}

async function start({ profile, faults, host, port, controlPort, coldLoad, server, ...rest }: GpuAsked): Promise<GpuSim> {
  const { model, timeScale, seed } = rest
  const settings = resolveSettings({ model, timeScale, seed, gpuColdLoad: coldLoad, gpuServer: server })
  try {
    return await startGpuSim({ name: 'gpu', settings, host, port, controlPort, faults, profile })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall !== 'listen' && syscall !== 'getaddrinfo') throw error
    throw new LabError(
      'PORT_TAKEN',
      `expected to listen on ${host}, port ${port} and ${controlPort}, got ${code}. Type:\n  npm run gpu -- --port 0`,
    )
  }
}

await runProgram(gpuProgram(serve))
