/** `npm run pack`: simulated GPU, predictor and checks as a package for other projects. */
import { join, relative } from 'node:path'
import { Command } from 'commander'
import { runProgram } from './setup/program.ts'
import { packInto } from './tools/pack/package.ts'

const root = join(import.meta.dirname, '..')

const program = new Command('npm run pack --')
  .exitOverride()
  .description('Packs the simulated GPU, the predictor and the checks: compiled JavaScript with types, for Node 20 and newer.')
  .option('--out <FOLDER>', 'where the package and its tarball go', join(root, 'reports', 'package'))
  .action(async ({ out }: { out: string }) => {
    const tarball = relative(process.cwd(), await packInto(root, out))
    console.log(`${tarball}\nIn your project: npm install ${tarball}; npx prefetch-lab-gpu --profile rtx-4090 --port 11434`)
  })

await runProgram(program)
