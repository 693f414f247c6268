/** `npm run fix`: formats everything and fixes what the linter can fix. */
import { spawnSync } from 'node:child_process'
import { EXIT } from '#contracts/parts'

const biome = spawnSync('node_modules/.bin/biome', ['check', '--write', '.'], { cwd: `${import.meta.dirname}/..`, stdio: 'inherit' })
if (biome.error !== undefined) throw biome.error
process.exitCode = biome.status ?? EXIT.environment
