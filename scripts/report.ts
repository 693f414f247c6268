/** `npm run report [-- RUN-FOLDER]`: renders a stored run again: report.html, report.md, junit.xml. Default: the newest. */
import { writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { EXIT } from '#contracts/parts'
import { rendered } from './report/rendered.ts'
import { BadRun, LATEST, readRun } from './scenario/run-folder.ts'

/** Relative to where the user is (npm goes to the project's root), absolute when it lies outside. */
function shownPath(path: string): string {
  const whole = resolve(path)
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), whole)
  return short.startsWith('..') ? whole : short
}

const [folder = LATEST] = process.argv.slice(2)
try {
  const { document, histories } = await readRun(folder)
  const files = rendered(document, histories)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  console.log(
    Object.keys(files)
      .map(name => shownPath(join(folder, name)))
      .join('\n'),
  )
} catch (error) {
  if (!(error instanceof BadRun)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = EXIT.usage
}
