/** `npm run report [-- RUN-FOLDER]`: renders a stored run again: report.html, report.md, junit.xml. Default: the newest. */
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { EXIT } from '#contracts/parts'
import { rendered } from './report/rendered.ts'
import { BadRun, LATEST, readRun } from './scenario/run-folder.ts'

const [folder = LATEST] = process.argv.slice(2)
try {
  const { document, histories } = await readRun(folder)
  const files = rendered(document, histories)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  console.log(
    Object.keys(files)
      .map(name => relative(process.cwd(), join(folder, name)))
      .join('\n'),
  )
} catch (error) {
  if (!(error instanceof BadRun)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = EXIT.usage
}
