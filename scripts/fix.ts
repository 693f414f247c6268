/** `npm run fix`: formats, fixes what the linter can, and makes the reference page anew. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { EXIT } from '#contracts/parts'
import { REFERENCE, referenceMarkdown } from './tools/reference/page.ts'
import { Source } from './tools/reference/source.ts'

const biome = spawnSync('node_modules/.bin/biome', ['check', '--write', '.'], { cwd: `${import.meta.dirname}/..`, stdio: 'inherit' })
if (biome.error !== undefined) throw biome.error
using source = new Source()
writeFileSync(REFERENCE, referenceMarkdown(source))
process.exitCode = biome.status ?? EXIT.environment
