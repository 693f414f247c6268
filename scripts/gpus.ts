/** `npm run gpus`: the cards that can be simulated, and how fast each is. */
import { Command } from 'commander'
import { GPU_PROFILES, gpuProfile, UnknownGpuProfile } from '#contracts/gpu-profiles'
import { resolveSettings } from '#contracts/settings'
import { gpuRow, gpusText, gpuText } from '../reports/gpus-text.ts'
import { terminalColumns } from '../services/terminal/table.ts'
import { runProgram } from './setup/program.ts'

const program = new Command('npm run gpus --')
  .exitOverride()
  .description('The cards that can be simulated, and how fast each is with a model.')
  .argument('[NAME]', 'one card, with its source')
  .option('--model <NAME>', 'the size after the colon counts', resolveSettings({}).model)
  .option('--json', 'one JSON document')
  .action((name: string | undefined, { model, json = false }: { model: string; json?: boolean }) => {
    const columns = terminalColumns(process.stdout)
    if (name !== undefined) {
      const profile = gpuProfile(name)
      console.log(json ? JSON.stringify(profile, null, 2) : gpuText(profile, columns))
      return
    }
    const rows = Object.values(GPU_PROFILES).map(profile => gpuRow(profile, model))
    rows.sort((a, b) => b.decodeTokensPerSecond - a.decodeTokensPerSecond)
    console.log(json ? JSON.stringify({ model, gpus: rows }, null, 2) : gpusText(rows, model, columns))
  })

await runProgram(program, error => (error instanceof UnknownGpuProfile ? `${error.code}: ${error.message}` : undefined))
