/** `npm run playground`: the predictor to play with, as one HTML file. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { runProgram } from './setup/program.ts'
import { buildPlayground } from './tools/playground/build.ts'

const root = join(import.meta.dirname, '..')

const program = new Command('npm run playground --')
  .exitOverride()
  .description('The predictor in one HTML file, without network: two settings side by side, an hour in a minute. Opens it.')
  .option('--out <FILE>', 'where it goes', join(root, 'reports', 'playground.html'))
  .option('--no-open', 'prints the path alone')
  .action(async ({ out, open }: { out: string; open: boolean }) => {
    await mkdir(dirname(out), { recursive: true })
    await writeFile(out, await buildPlayground(root))
    console.log(`${relative(process.cwd(), out)}\nIn a browser: ${pathToFileURL(out).href}`)
    if (open) openInBrowser(out)
  })

/** Without a screen or an opener the path above has to do. */
function openInBrowser(file: string): void {
  const hasScreen = process.platform === 'darwin' || process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined
  if (!hasScreen) return
  const opener = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [file], { detached: true, stdio: 'ignore' })
  opener.on('error', () => undefined)
  opener.unref()
}

await runProgram(program)
