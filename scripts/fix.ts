/** `npm run fix`: formats everything and mends what the linter can mend. */
import { $ } from 'zx'

const run = await $({ cwd: `${import.meta.dirname}/..`, nothrow: true, stdio: 'inherit' })`node_modules/.bin/biome check --write .`
process.exitCode = run.exitCode ?? 1
