/** A simulated GPU: Ollama's API over a seeded profile; log, faults, metrics on a lab port. */
import { GpuSimEnv } from '#contracts/parts'
import { settingsFromEnv } from '#contracts/settings'
import { readEnv } from '../kit/env.ts'
import { runPart } from '../kit/lifecycle.ts'
import { startGpuSim } from './gpu-sim.ts'

await runPart(process.env['PART_NAME'] ?? 'gpu-sim', async log => {
  const env = readEnv(GpuSimEnv, process.env)
  const settings = settingsFromEnv(process.env)
  const sim = await startGpuSim({ name: env.PART_NAME, settings, host: env.LISTEN_HOST, port: env.PORT, controlPort: env.CONTROL_PORT })
  const { gpuProfile, model, timeScale, seed } = settings
  log.info({ url: sim.url, controlUrl: sim.controlUrl, gpuProfile, model, timeScale, seed }, 'listening')
  return sim
})
